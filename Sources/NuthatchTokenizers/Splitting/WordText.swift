/// A text on its way through the pre-tokenizers: its bytes and the words found so far.
struct WordText {
    var bytes: [UInt8]
    /// Non-empty ranges of `bytes`, in order; what lies between was removed.
    var words: [Range<Int>]
    /// Whether the first word is the start of the whole text (and not, say, of what follows a special token).
    var startsText: Bool

    init(_ bytes: [UInt8], startsText: Bool) {
        self.bytes = bytes
        self.startsText = startsText
        words = bytes.isEmpty ? [] : [0..<bytes.count]
    }

    /// Replaces the text word by word: `body` appends the new spelling of each, given its bytes and whether it
    /// starts the whole text.
    mutating func respell(_ body: (Span<UInt8>, Range<Int>, _ startsText: Bool, inout [UInt8]) -> Void) {
        var spelled: [UInt8] = []
        spelled.reserveCapacity(bytes.count + bytes.count / 4)
        for (index, word) in words.enumerated() {
            let start = spelled.count
            body(bytes.span, word, startsText && index == 0, &spelled)
            words[index] = start..<spelled.count
        }
        bytes = spelled
    }
}
