import NuthatchGeneration
import Testing

@Suite struct StopMatcherTests {
    /// Feeds `pieces`; returns all text released and whether a stop string was reached.
    private func read(_ pieces: [String], stops: [String]) -> (String, Bool) {
        var matcher = StopMatcher(stops)
        var text = ""
        for piece in pieces {
            let outcome = matcher.append(piece)
            text += outcome.text
            if outcome.stopped { return (text, true) }
        }
        return (text + matcher.finish(), false)
    }

    @Test func holdsBackWhatMayBecomeAStopString() {
        var matcher = StopMatcher(["###"])
        #expect(matcher.append("a#") == .init(text: "a", stopped: false))
        #expect(matcher.append("#") == .init(text: "", stopped: false))
        #expect(matcher.append("b") == .init(text: "##b", stopped: false))
    }

    @Test func stopsAcrossPieces() {
        #expect(read(["one EN", "D two"], stops: ["END"]) == ("one ", true))
    }

    @Test func takesTheEarliestOfSeveral() {
        #expect(read(["x b a"], stops: ["a", "b"]) == ("x ", true))
    }

    @Test func releasesEverythingAtTheEnd() {
        #expect(read(["end E", "N"], stops: ["END"]) == ("end EN", false))
    }

    @Test func neverShowsPartOfAStopStringHoweverTheTextIsCut() {
        let text = "中华人民共和国 <|stop|> rest"
        for cut in text.indices {
            let pieces = [String(text[..<cut]), String(text[cut...])]
            #expect(read(pieces, stops: ["<|stop|>"]) == ("中华人民共和国 ", true))
        }
    }

    @Test func repeatedPrefixesDoNotHideAStop() {
        #expect(read(["aaa", "ab"], stops: ["aab"]) == ("aa", true))
    }

    @Test("A stop string is found in text that isn't shown, and across its borders")
    func stopsNameSpecialTokens() {
        for (stop, shown) in [
            ("<|end|>", "bye"), ("bye<|end|>", ""), ("<|end|> now", "bye"), ("e<|end|> n", "by"),
            // Without what isn't shown, as the reader would have read it.
            ("bye now", ""), ("e n", "by"),
        ] {
            var matcher = StopMatcher([stop])
            var text = ""
            for piece in ["by", "e", "<|end|>", " no", "w", "."] {
                let outcome = matcher.append(piece, isShown: piece != "<|end|>")
                text += outcome.text
                if outcome.stopped { break }
            }
            text += matcher.finish()
            #expect(text == shown, "\(stop)")
        }
    }

    @Test func textThatIsNotShownNeverIs() {
        var matcher = StopMatcher(["<|end|>!"])
        #expect(matcher.append("a<", isShown: true) == .init(text: "a", stopped: false))
        #expect(matcher.append("|end|>", isShown: false) == .init(text: "", stopped: false))
        #expect(matcher.append("?") == .init(text: "<?", stopped: false))
        #expect(matcher.append("<|end|>", isShown: false) == .init(text: "", stopped: false))
        #expect(matcher.finish() == "")
    }

    @Test func nothingIsLeftBehindAStop() {
        var matcher = StopMatcher(["x"])
        #expect(matcher.append("axb") == .init(text: "a", stopped: true))
        #expect(matcher.finish("c") == "")
    }
}
