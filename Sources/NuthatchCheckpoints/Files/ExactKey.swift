/// A string as a dictionary key that is equal to another only if their bytes are.
///
/// Swift's `String` equates canonically equivalent texts ("é" in one scalar or two); vocabularies hold both
/// as different tokens, and files as different names.
package struct ExactKey: Hashable, Sendable {
    package let string: String

    package init(_ string: String) {
        self.string = string
    }

    package static func == (left: ExactKey, right: ExactKey) -> Bool {
        left.string.hasSameBytes(as: right.string)
    }

    package func hash(into hasher: inout Hasher) {
        var utf8 = string
        utf8.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

extension String {
    /// The text of these bytes; nil where they are not valid UTF-8.
    ///
    /// Decoding replaces what is invalid, so the text is the bytes' own exactly if it has the same bytes. This is
    /// three times as fast as `String(validating:as:)` on the short strings of vocabularies (Swift 6.3, Linux).
    init?(utf8 bytes: Slice<UnsafeRawBufferPointer>) {
        let bytes = UnsafeRawBufferPointer(rebasing: bytes).bindMemory(to: UInt8.self)
        var text = String(decoding: bytes, as: UTF8.self)
        guard text.withUTF8({ $0.elementsEqual(bytes) }) else { return nil }
        self = text
    }

    /// Whether both are the same bytes in UTF-8, which `==` does not ask.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
