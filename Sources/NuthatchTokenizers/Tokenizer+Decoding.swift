public import NuthatchTensors

extension Tokenizer {
    /// The text of ids. Bytes that are no UTF-8 become U+FFFD, one for each maximal part of a sequence.
    ///
    /// Ids outside the vocabulary stand for nothing.
    ///
    /// - Parameters:
    ///   - ids: The ids, in order.
    ///   - skipsSpecialTokens: Leaves markup out.
    public func decode(_ ids: some Sequence<TokenID>, skipsSpecialTokens: Bool = true) -> String {
        var decoder = StreamingDecoder(self, skipsSpecialTokens: skipsSpecialTokens)
        var bytes: [UInt8] = []
        for id in ids { decoder.appendBytes(of: id, to: &bytes) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A token's own text, or its bytes where they are only part of a character: "hi", <E5 8D>.
    package func readable(_ id: TokenID) -> String {
        let bytes = bytes(of: id)
        return String(validating: bytes, as: UTF8.self)
            ?? "<\(Hexadecimal.text(bytes, separator: " ", uppercase: true))>"
    }
}
