import Foundation
import NuthatchTensors

/// A prompt from the command line or from standard input.
enum PromptInput {
    /// Longest prompt read from standard input; far beyond any context.
    static let maximumByteCount = 64 << 20

    /// - Throws: `NuthatchError`: usage for no text, badData for text that is no UTF-8 or too long.
    static func read(_ argument: String) throws(NuthatchError) -> String {
        let text = argument == "-" ? try readStandardInput() : argument
        guard !text.isEmpty else {
            throw NuthatchError(
                code: .usage, message: "The prompt is empty.", remedy: "Give at least one character.")
        }
        return text
    }

    private static func readStandardInput() throws(NuthatchError) -> String {
        var data = Data()
        while data.count <= maximumByteCount {
            let chunk = FileHandle.standardInput.availableData
            if chunk.isEmpty { break }
            data.append(chunk)
        }
        guard data.count <= maximumByteCount else {
            throw NuthatchError(
                code: .badData,
                message: "The prompt on standard input is longer than \(maximumByteCount) bytes.",
                remedy: "Give a shorter text.")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw NuthatchError(
                code: .badData, message: "The prompt on standard input is not UTF-8.",
                remedy: "Convert it first, for example with iconv.")
        }
        return text
    }
}
