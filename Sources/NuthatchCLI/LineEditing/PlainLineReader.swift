package import NuthatchTensors

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Reads lines of any length from what is no terminal, or from one that can't be edited on.
package final class PlainLineReader {
    private let descriptor: CInt
    private let isTerminal: Bool
    private let byteLimit: Int
    private var bytes: [UInt8] = []
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    private var hasEnded = false

    /// What Linux's terminals keep of a line (N_TTY_BUF_SIZE, less the line's end); the rest is lost.
    private static let terminalLineByteCount = 4095

    package init(descriptor: CInt, byteLimit: Int = 64 << 20) {
        self.descriptor = descriptor
        self.byteLimit = byteLimit
        isTerminal = isatty(descriptor) == 1
    }

    /// The next line without its end; nil at the end of input.
    ///
    /// - Throws: `NuthatchError` for a line that is not UTF-8, beyond the limit, or cut by the terminal; the next call
    ///   reads the line behind it.
    package func readLine() throws(NuthatchError) -> String? {
        var scanned = 0
        while true {
            if let end = bytes[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(bytes[..<end])
                bytes.removeSubrange(...end)
                return try text(line)
            }
            scanned = bytes.count
            guard !hasEnded else {
                defer { bytes = [] }
                return bytes.isEmpty ? nil : try text(bytes)
            }
            try fill()
        }
    }

    private func fill() throws(NuthatchError) {
        let count = receiveBytes(descriptor, &chunk, chunk.count)
        if count > 0 {
            bytes += chunk[..<count]
        } else if count == 0 {
            hasEnded = true
        } else if errno != EINTR {
            hasEnded = true
            throw NuthatchError(
                code: .unavailable,
                message: "Standard input can't be read: \(String(cString: strerror(errno))).",
                remedy: "Check what it is connected to.")
        }
        guard bytes.count <= byteLimit else {
            bytes = []
            hasEnded = true
            throw NuthatchError(
                code: .badData,
                message: "A line on standard input is longer than \(ByteQuantity.text(byteLimit)).",
                remedy: "Give a shorter text.")
        }
    }

    private func text(_ line: [UInt8]) throws(NuthatchError) -> String {
        var line = line
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard !isTerminal || line.count < Self.terminalLineByteCount else {
            throw NuthatchError(
                code: .badData,
                message: "The terminal cut the line at \(Self.terminalLineByteCount) bytes; it is not sent.",
                remedy: "Give it in shorter lines between two lines of \"\"\", or on a pipe.")
        }
        guard let text = String(validating: line, as: UTF8.self) else {
            throw NuthatchError(
                code: .badData, message: "A line on standard input is not UTF-8.",
                remedy: "Convert it first, for example with iconv.")
        }
        return text
    }
}
