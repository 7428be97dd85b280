extension Checkpoint {
    /// The chat templates that come with the model, by name; the one to use by default is named "default".
    ///
    /// A GGUF file holds it as `tokenizer.chat_template`, and others as `tokenizer.chat_template.NAME`.
    package func chatTemplates() throws(CheckpointError) -> [String: String] {
        switch self {
        case .directory(let directory): try directory.chatTemplates()
        case .gguf(let file): try file.chatTemplates()
        }
    }

    /// The one of them to use by default; nil where the model has none.
    ///
    /// - Throws: `CheckpointError.noDefaultTemplate` where all have other names.
    package func defaultChatTemplate() throws(CheckpointError) -> String? {
        switch self {
        case .directory(let directory): try directory.defaultChatTemplate()
        case .gguf(let file): try file.defaultChatTemplate()
        }
    }
}

extension HuggingFaceDirectory {
    /// As `Checkpoint.defaultChatTemplate`.
    package func defaultChatTemplate() throws(CheckpointError) -> String? {
        try Checkpoint.defaultTemplate(of: try chatTemplates(), path: path)
    }
}

extension GGUFFile {
    fileprivate func chatTemplates() throws(CheckpointError) -> [String: String] {
        let key = "tokenizer.chat_template"
        var templates: [String: String] = [:]
        templates["default"] = try metadata.optionalString(key)
        for other in metadata.keys where other.hasPrefix("\(key).") {
            templates[String(other.dropFirst(key.count + 1))] = try metadata.string(other)
        }
        return templates
    }

    /// As `Checkpoint.defaultChatTemplate`.
    package func defaultChatTemplate() throws(CheckpointError) -> String? {
        try Checkpoint.defaultTemplate(of: try chatTemplates(), path: path)
    }
}

extension Checkpoint {
    fileprivate static func defaultTemplate(
        of templates: [String: String], path: String
    ) throws(CheckpointError) -> String? {
        if let template = templates["default"] { return template }
        guard templates.isEmpty else {
            throw .noDefaultTemplate(path: path, names: templates.keys.sorted())
        }
        return nil
    }
}
