extension HuggingFaceDirectory {
    /// The chat templates, by name; the one to use by default is named "default".
    ///
    /// chat_template.jinja goes before chat_template.json, and that before tokenizer_config.json, whose
    /// `chat_template` is one template or a list of { "name", "template" }. So `transformers` chooses, too.
    package func chatTemplates() throws(CheckpointError) -> [String: String] {
        if let source = try text(.chatTemplateSource) { return ["default": source] }
        for file in [HuggingFaceFile.chatTemplate, .tokenizerConfig] {
            guard let field = try json(file)?["chat_template"] else { continue }
            return try Self.readTemplates(field)
        }
        return [:]
    }

    private static func readTemplates(_ field: JSONField) throws(CheckpointError) -> [String: String] {
        if let source = field.value.string { return ["default": source] }
        guard let elements = field.elements else {
            throw field.wrongType(expected: "a string or an array of named templates")
        }
        var templates: [String: String] = [:]
        for element in elements {
            templates[try element.string("name")] = try element.string("template")
        }
        return templates
    }
}
