/// Bytes as hexadecimal digits, two a byte.
package enum Hexadecimal {
    package static func text(_ byte: UInt8, uppercase: Bool = false) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: uppercase)
    }

    /// - Parameter separator: what stands between two bytes.
    package static func text(
        _ bytes: some Sequence<UInt8>, separator: String = "", uppercase: Bool = false
    ) -> String {
        bytes.map { text($0, uppercase: uppercase) }.joined(separator: separator)
    }
}
