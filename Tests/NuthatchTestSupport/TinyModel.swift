import Foundation

/// A model of a few kilobytes that converses, on the disk for as long as this value lives; what it says means nothing.
///
/// Public, for tests that see what applications see: `package` ends before them.
public final class TinyModel: Sendable {
    /// Tokens of the Llama besides the bytes and the one that begins a sequence; the first of them can end a turn.
    public static let markup = ["<end>", "<a>", "<b>", "<c>", "<d>"]
    /// The id of the first of them.
    public static let end = TinyTokenizer.beginning + 1

    /// The directory of its files, which `LanguageModel.load` takes as a name.
    public let path: String
    private let directory: TemporaryDirectory

    private static let template = """
        {% for message in messages %}{{ message.role }}: {{ message.content }}<end>{% endfor %}assistant:
        """

    private init(_ directory: TemporaryDirectory) {
        self.directory = directory
        path = directory.path
    }

    /// A Llama whose vocabulary is the bytes and `markup`.
    ///
    /// - Parameters:
    ///   - paddedSize: ids in the vocabulary; those that have no text fill it up.
    ///   - endTokens: what ends a turn.
    public static func llama(
        maxPositions: Int = 256, layerCount: Int = 1, paddedSize: Int? = nil, endTokens: [Int] = []
    ) throws -> TinyModel {
        let vocabularySize = TinyTokenizer.vocabularySize + markup.count
        let directory = try TinyLlama(
            maxPositions: maxPositions, layerCount: layerCount, vocabularySize: paddedSize ?? vocabularySize
        ).write()
        try TinyTokenizer.write(to: directory, special: markup)
        try directory.write(Array(template.utf8), as: "chat_template.jinja")
        try write(endTokens: endTokens, to: directory)
        return TinyModel(directory)
    }

    /// A Qwen2-VL, which reads images.
    public static func qwenVL(maxPositions: Int, endTokens: [Int]) throws -> TinyModel {
        let directory = try TinyQwenVL(maxPositions: maxPositions).write()
        try write(endTokens: endTokens, to: directory)
        return TinyModel(directory)
    }

    private static func write(endTokens: [Int], to directory: TemporaryDirectory) throws {
        if endTokens.isEmpty { return }
        let configuration = try JSONSerialization.data(withJSONObject: ["eos_token_id": endTokens])
        try directory.write(Array(configuration), as: "generation_config.json")
    }
}
