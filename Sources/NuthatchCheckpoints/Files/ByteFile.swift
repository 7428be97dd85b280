import NuthatchTensors

/// Reads what is no model: texts and pictures, from files, pipes and terminals.
package enum ByteFile {
    /// The descriptor of standard input.
    package static let standardInput: CInt = 0

    /// The bytes of a file to its end, but no more than one beyond `byteLimit`, by which a file that is too long is
    /// told.
    ///
    /// - Throws: `CheckpointError.unreadable`.
    package static func read(_ path: String, byteLimit: Int) throws(CheckpointError) -> [UInt8] {
        do {
            return try SystemFile(path, for: .streaming).readRest(byteLimit: byteLimit)
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
    }

    /// Reads an open file whole.
    package static func read(
        _ descriptor: CInt, of path: String, byteLimit: Int
    ) throws(CheckpointError) -> [UInt8] {
        do {
            return try SystemFile(borrowing: descriptor, path: path).readRest(byteLimit: byteLimit)
        } catch {
            throw .unreadable(path: path, reason: error.reason)
        }
    }
}
