import NuthatchGeneration
import NuthatchTensors
import Testing

@Suite struct TranscriptTests {
    private struct Refusal: Error {}

    /// One token per character; a whole prompt gets -1 in front.
    private func encode(_ text: String, isWhole: Bool) throws(Refusal) -> [TokenID] {
        (isWhole ? [-1] : []) + text.unicodeScalars.map { TokenID($0.value) }
    }

    private func known() -> Transcript {
        var transcript = Transcript()
        transcript.begin(text: "ab", tokens: [-1, 500])
        transcript.append(900, bytes: Array("!".utf8))
        return transcript
    }

    @Test func tokensAlreadyComputedStandWhereTheTextGoesOn() throws {
        #expect(try known().tokens(of: "ab!c", endsAtBoundary: true, encode: encode) == [-1, 500, 900, 99])
    }

    @Test func textThatChangedIsTokenisedAnew() throws {
        #expect(try known().tokens(of: "aX", endsAtBoundary: true, encode: encode) == [-1, 97, 88])
    }

    @Test func tokensThatCouldMergeWithWhatFollowsAreNotKept() throws {
        #expect(
            try known().tokens(of: "ab!c", endsAtBoundary: false, encode: encode) == [-1, 97, 98, 33, 99])
    }
}
