package import NuthatchTensors

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

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

    /// Swift reads a Linux process's arguments from /proc, and finds none where that is not mounted: not even the program's
    /// name, which every process has.
    ///
    /// - Throws: `NuthatchError` (unavailable).
    package static func checkPresence(count: Int) throws(NuthatchError) {
        guard count == 0 else { return }
        throw NuthatchError(
            code: .unavailable, message: "The arguments cannot be read: there is no /proc/self/cmdline.",
            remedy: "Mount /proc (mount -t proc proc /proc).")
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

    /// Variables that name a place or a host, where their bytes are no text; what they hold is not shown, for one is
    /// a secret.
    ///
    /// - Parameter value: a variable's bytes; nil where it is not set.
    /// - Throws: `NuthatchError` (badData) naming the variable.
    package static func checkEnvironment(_ value: (String) -> [UInt8]?) throws(NuthatchError) {
        let hasHome = value("NUTHATCH_HOME")?.isEmpty == false
        let homes = hasHome ? ["NUTHATCH_HOME"] : ["XDG_CACHE_HOME", "HOME"]
        for name in homes + ["HF_ENDPOINT", "HF_TOKEN"] {
            guard let bytes = value(name), String(validating: bytes, as: UTF8.self) == nil else { continue }
            throw NuthatchError(
                code: .badData, message: "The environment variable \(name) is not UTF-8.",
                remedy: "Set it to a text in UTF-8"
                    + (homes.contains(name) ? ", or NUTHATCH_HOME to a directory whose name is one." : "."))
        }
    }

    static func variable(_ name: String) -> [UInt8]? {
        guard let text = getenv(name) else { return nil }
        return UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
    }

    /// What is ASCII as it is, other bytes by their numbers.
    private static func excerpt(_ bytes: [UInt8]) -> String {
        let shown = bytes.prefix(40).map { byte in
            (0x20..<0x7F).contains(byte)
                ? String(UnicodeScalar(byte)) : "\\x" + Hexadecimal.text(byte)
        }
        return shown.joined() + (bytes.count > 40 ? "..." : "")
    }
}
