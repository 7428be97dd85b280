import NuthatchCheckpoints
import NuthatchTensors

/// A text from the command line, from standard input or from a file.
enum PromptInput {
    /// Longest text read; far beyond any context.
    static let maximumByteCount = 64 << 20

    /// - Parameter name: what the text is to the command: "prompt".
    /// - Throws: `NuthatchError`: usage for no text, badData for text that is no UTF-8 or too long.
    static func read(_ argument: String, as name: String = "text") throws(NuthatchError) -> String {
        let text = argument == "-" ? try readStandardInput() : argument
        guard !text.isEmpty else {
            throw NuthatchError(
                code: .usage, message: "The \(name) is empty.", remedy: "Give at least one character.")
        }
        return text
    }

    /// The text of a file; '-' reads standard input.
    ///
    /// - Parameter argument: the file's place on the command line.
    static func read(file path: String, by argument: String) throws(NuthatchError) -> String {
        if path == "-" { return try read(path) }
        let path = try FileArgument.named(path, by: argument)
        let bytes: [UInt8]
        do throws(CheckpointError) {
            bytes = try ByteFile.read(path, byteLimit: maximumByteCount)
        } catch {
            throw NuthatchError(
                code: .unavailable, message: "There is no text that can be read at \(path).",
                remedy: "Check the path and its permissions.", cause: error)
        }
        return try text(bytes, of: "The text in \(path)")
    }

    private static func readStandardInput() throws(NuthatchError) -> String {
        let bytes: [UInt8]
        do throws(CheckpointError) {
            bytes = try ByteFile.read(
                ByteFile.standardInput, of: "standard input", byteLimit: maximumByteCount)
        } catch { throw NuthatchError(error) }
        return try text(bytes, of: "The text on standard input")
    }

    private static func text(_ bytes: [UInt8], of name: String) throws(NuthatchError) -> String {
        guard bytes.count <= maximumByteCount else {
            throw NuthatchError(
                code: .badData, message: "\(name) is longer than \(ByteQuantity.text(maximumByteCount)).",
                remedy: "Give a shorter text.")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw NuthatchError(
                code: .badData, message: "\(name) is not UTF-8.",
                remedy: "Convert it first, for example with iconv.")
        }
        return text
    }
}
