import NuthatchGeneration
import NuthatchTestSupport

/// A small Llama of bytes that converses: what it says means nothing.
enum TinyModel {
    /// Tokens besides the bytes and the one that begins a sequence; the first of them ends a turn.
    static let markup = ["<end>", "<a>", "<b>", "<c>", "<d>"]

    private static let template = """
        {% for message in messages %}{{ message.role }}: {{ message.content }}<end>{% endfor %}assistant:
        """

    /// - Parameter ending: writes the configuration so that `<end>` ends a turn.
    static func load(
        maxPositions: Int = 256, layerCount: Int = 1, ending: Bool = false
    ) async throws -> LanguageModel {
        let directory = try TinyLlama(
            maxPositions: maxPositions, layerCount: layerCount,
            vocabularySize: TinyTokenizer.vocabularySize + markup.count
        ).write { if ending { $0["eos_token_id"] = TinyTokenizer.beginning + 1 } }
        try TinyTokenizer.write(to: directory, special: markup)
        try directory.write(Array(template.utf8), as: "chat_template.jinja")
        return try await LanguageModel.load(at: directory.path, options: LoadOptions(threadCount: 1))
    }
}
