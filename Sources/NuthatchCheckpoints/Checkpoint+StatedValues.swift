import NuthatchTensors

extension Checkpoint {
    /// One thing that a header says.
    package struct StatedValue: Sendable {
        package let key: String
        /// In a line: long texts and lists cut short, nothing in it that steers a terminal.
        package let value: String
    }

    /// "GGUF, version 3" or what a directory is called.
    package var formatDescription: String {
        switch self {
        case .gguf(let file):
            "GGUF, version \(file.version)"
                + (file.parts.count > 1 ? ", \(Counted.text(file.parts.count, "file"))" : "")
        case .directory: "Hugging Face directory, safetensors"
        }
    }

    /// What the file calls the architecture, known or not; nil where it says none.
    package var statedArchitecture: String? {
        switch self {
        case .gguf(let file): try? file.metadata.optionalString("general.architecture")
        case .directory(let directory):
            (try? directory.config.optionalStrings("architectures"))?.first
                ?? (try? directory.config.optionalString("model_type"))
        }
    }

    /// What the header says, in its order: a GGUF file's pairs, or the members of config.json.
    package var statedValues: [StatedValue] {
        switch self {
        case .gguf(let file):
            file.metadata.keys.map { key in
                StatedValue(key: CheckpointError.printable(key), value: file.metadata.summary(of: key))
            }
        case .directory(let directory):
            (directory.config.value.object?.members ?? []).map { member in
                StatedValue(
                    key: CheckpointError.printable(CheckpointError.excerpt(member.key)),
                    value: member.value.summary)
            }
        }
    }
}

/// Elements of a list that are worth showing.
private let shownCount = 8

private func listed(_ elements: [String], count: Int) -> String {
    "[" + elements.joined(separator: ", ") + (elements.count < count ? ", ... \(count) in all]" : "]")
}

private func quoted(_ text: String) -> String {
    "\"" + CheckpointError.printable(CheckpointError.excerpt(text)) + "\""
}

extension GGUFMetadata {
    fileprivate func summary(of key: String) -> String {
        guard let value = try? value(key) else { return "(not valid)" }
        guard let array = value.array else { return value.summary }
        let shown = (try? elements(of: array, upTo: shownCount)) ?? []
        return listed(shown.map(\.summary), count: array.count)
    }
}

extension GGUFValue {
    fileprivate var summary: String {
        if let text = string { return quoted(text) }
        if let integer { return "\(integer)" }
        if let bool { return "\(bool)" }
        if case .float32(let value) = self { return "\(value)" }
        return number.map { "\($0)" } ?? "(a list)"
    }
}

extension JSONValue {
    fileprivate var summary: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let text): quoted(text)
        case .array(let values):
            listed(
                values.prefix(shownCount).map { $0.array == nil ? $0.summary : "(a list)" },
                count: values.count)
        case .object(let object): "(\(Counted.text(object.count, "field")))"
        }
    }
}
