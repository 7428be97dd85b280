#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Reads what is no model: texts and pictures, from files, pipes and terminals.
package enum ByteFile {
    /// The descriptor of standard input.
    package static let standardInput: CInt = 0

    /// The bytes of a file to its end, but no more than one beyond `byteLimit`, by which a file that is too long is
    /// told.
    ///
    /// - Throws: `CheckpointError.unreadable`.
    package static func read(_ path: String, byteLimit: Int) throws(CheckpointError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        return try read(descriptor, of: path, byteLimit: byteLimit)
    }

    /// Reads an open file whole.
    package static func read(
        _ descriptor: CInt, of path: String, byteLimit: Int
    ) throws(CheckpointError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count <= byteLimit {
            let wanted = min(chunk.count, byteLimit + 1 - bytes.count)
            #if canImport(Darwin)
                let count = Darwin.read(descriptor, &chunk, wanted)
            #elseif canImport(Musl)
                let count = Musl.read(descriptor, &chunk, wanted)
            #else
                let count = Glibc.read(descriptor, &chunk, wanted)
            #endif
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw failure(path)
            }
            bytes += chunk[..<count]
        }
        return bytes
    }

    private static func failure(_ path: String) -> CheckpointError {
        .unreadable(path: path, reason: String(cString: strerror(errno)))
    }
}
