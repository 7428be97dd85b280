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
    /// Whether both are the same bytes in UTF-8, which `==` does not ask.
    package func hasSameBytes(as other: String) -> Bool {
        utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
    }
}
