package import NuthatchTensors

/// Arguments as the system hands them over, before they are made strings: Swift puts U+FFFD in the place of what is no
/// UTF-8, and a prompt or a file's name would silently be another.
package enum ArgumentBytes {
    /// The bytes of each argument behind the program's name.
    static var ofProcess: [[UInt8]] {
        (1..<max(1, Int(CommandLine.argc))).map { place in
            guard var byte = CommandLine.unsafeArgv[place] else { return [] }
            var bytes: [UInt8] = []
            // Arguments end with a zero.
            while byte.pointee != 0 {
                bytes.append(UInt8(bitPattern: byte.pointee))
                byte += 1
            }
            return bytes
        }
    }

    /// - Throws: `NuthatchError` (badData) naming the first argument that is no UTF-8 by its place, from 1.
    package static func check(_ arguments: [[UInt8]]) throws(NuthatchError) {
        for (place, bytes) in arguments.enumerated() where String(validating: bytes, as: UTF8.self) == nil {
            throw NuthatchError(
                code: .badData,
                message: "Argument \(place + 1) is not UTF-8: \"\(excerpt(bytes))\".",
                remedy:
                    "Convert it first, for example with iconv; a file whose name is no UTF-8 needs another name."
            )
        }
    }

    /// What is ASCII as it is, other bytes by their numbers.
    private static func excerpt(_ bytes: [UInt8]) -> String {
        let shown = bytes.prefix(40).map { byte in
            (0x20..<0x7F).contains(byte)
                ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return shown.joined() + (bytes.count > 40 ? "..." : "")
    }
}
