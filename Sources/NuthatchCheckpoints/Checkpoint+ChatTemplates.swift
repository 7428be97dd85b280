extension Checkpoint {
    /// The chat templates that come with the model, by name; the one to use by default is named "default".
    ///
    /// A GGUF file holds it as `tokenizer.chat_template`, and others as `tokenizer.chat_template.NAME`.
    package func chatTemplates() throws(CheckpointError) -> [String: String] {
        switch self {
        case .directory(let directory): return try directory.chatTemplates()
        case .gguf(let file):
            let key = "tokenizer.chat_template"
            var templates: [String: String] = [:]
            templates["default"] = try file.metadata.optionalString(key)
            for other in file.metadata.keys where other.hasPrefix("\(key).") {
                templates[String(other.dropFirst(key.count + 1))] = try file.metadata.string(other)
            }
            return templates
        }
    }
}
