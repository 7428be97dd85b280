package import NuthatchTensors
package import NuthatchTokenizers

/// What a conversation has said so far, as text and as the tokens that were computed for it.
///
/// A chat template renders the whole conversation anew each turn, and the whole is tokenised anew: what stands at a turn's
/// border depends on both sides (whitespace that an added token takes, a mark that only the very first word gets). Text
/// between two added tokens depends on nothing else, though. So where such a stretch is, to the byte, what it was, its
/// known tokens stand in for it: nothing is split twice, and an answer keeps the tokens that the model chose, which the
/// tokenizer might have cut otherwise, so that the cache holds them.
package struct Transcript {
    package init() {}

    /// The text as bytes: a token may stand for part of a character.
    package private(set) var text: [UInt8] = []
    /// The tokens of the prompt and of the answer; those of an image are one.
    package private(set) var tokens: [TokenID] = []

    /// Stretches of the prompt between added tokens.
    private var stretches: [TokenStretch] = []
    private var promptByteCount = 0
    private var promptTokenCount = 0
    /// Where each generated token ends in `text`.
    private var answerEnds: [Int] = []

    /// A conversation's tokens, with the known ones where the text is the same.
    package struct Prompt {
        package let text: String
        package let tokens: [TokenID]
        let stretches: [TokenStretch]
    }

    /// The tokens of a conversation.
    ///
    /// - Parameters:
    ///   - markup: added tokens recognised in the template's own text alone; nil recognises all everywhere.
    ///   - start: a token to begin with where the rendered text does not begin with it.
    /// - Throws: `NuthatchError` for a text that is too long or too costly.
    package func prompt(
        _ rendered: RenderedPrompt, tokenizer: Tokenizer, markup: Set<TokenID>?, start: TokenID? = nil
    ) throws(NuthatchError) -> Prompt {
        let shared = zip(text, rendered.text.utf8).prefix { $0 == $1 }.count
        var (tokens, stretches) = try tokenizer.tokens(of: rendered, markup: markup) { stretch in
            stretch.upperBound <= shared ? known(stretch) : nil
        }
        if let start, tokens.first != start {
            tokens.insert(start, at: 0)
            stretches = stretches.map { stretch in
                TokenStretch(
                    bytes: stretch.bytes,
                    tokens: (stretch.tokens.lowerBound + 1)..<(stretch.tokens.upperBound + 1))
            }
        }
        return Prompt(text: rendered.text, tokens: tokens, stretches: stretches)
    }

    /// The known tokens of a stretch of text without added tokens, within what is the same as before.
    private func known(_ stretch: Range<Int>) -> ArraySlice<TokenID>? {
        if let same = promptStretch(from: stretch.lowerBound), same.bytes == stretch {
            return tokens[same.tokens]
        }
        // An answer, with what the prompt had behind its last added token.
        guard promptTokenCount > 0, stretch.upperBound > promptByteCount,
            let end = answerToken(endingAt: stretch.upperBound, takingEmpty: true)
        else { return nil }
        let start: Int
        if let last = promptStretch(from: stretch.lowerBound) {
            guard last.bytes.upperBound == promptByteCount else { return nil }
            start = last.tokens.lowerBound
        } else if stretch.lowerBound == promptByteCount {
            start = promptTokenCount
        } else if let previous = answerToken(endingAt: stretch.lowerBound, takingEmpty: false) {
            start = previous
        } else {
            return nil
        }
        return start < end ? tokens[start..<end] : nil
    }

    private func promptStretch(from start: Int) -> TokenStretch? {
        let place = Self.firstIndex(in: stretches.count) { stretches[$0].bytes.lowerBound >= start }
        return place < stretches.count && stretches[place].bytes.lowerBound == start ? stretches[place] : nil
    }

    /// The index behind a generated token that ends at an offset; behind those without bytes too where they are taken.
    private func answerToken(endingAt offset: Int, takingEmpty: Bool) -> Int? {
        let first = Self.firstIndex(in: answerEnds.count) { answerEnds[$0] >= offset }
        guard first < answerEnds.count, answerEnds[first] == offset else { return nil }
        guard takingEmpty else { return promptTokenCount + first + 1 }
        return promptTokenCount + Self.firstIndex(in: answerEnds.count) { answerEnds[$0] > offset }
    }

    /// The first index of ascending ones for which something holds, by halving.
    private static func firstIndex(in count: Int, where holds: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if holds(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Replaces everything: a prompt that is about to be computed.
    package mutating func begin(_ prompt: Prompt) {
        text = Array(prompt.text.utf8)
        tokens = prompt.tokens
        stretches = prompt.stretches
        promptByteCount = text.count
        promptTokenCount = tokens.count
        answerEnds = []
    }

    /// Adds one generated token and the bytes it stands for, special tokens spelled out.
    package mutating func append(_ token: TokenID, bytes: [UInt8]) {
        tokens.append(token)
        text += bytes
        answerEnds.append(text.count)
    }
}
