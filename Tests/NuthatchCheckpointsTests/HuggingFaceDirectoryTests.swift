import NuthatchCheckpoints
import Testing

@Suite struct HuggingFaceDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write(#"{"hidden_size": 64}"#, to: "config.json")
    }

    private func openWithoutWeights() throws -> HuggingFaceDirectory {
        try HuggingFaceDirectory(path: directory.path, requiresWeights: false)
    }

    @Test func `the configuration is read at opening and other files when asked for`() throws {
        try directory.write(#"{"eos_token_id": [1, 2]}"#, to: "generation_config.json")
        try directory.write("{]", to: "tokenizer.json")
        let opened = try openWithoutWeights()
        #expect(try opened.config.integer("hidden_size") == 64)
        #expect(try opened.generationConfig()?.integers("eos_token_id") == [1, 2])
        #expect(try opened.tokenizerConfig() == nil)
        #expect(throws: CheckpointError.self) { try opened.tokenizer() }
    }

    @Test func `a directory without configuration or weights says so`() throws {
        #expect(throws: CheckpointError.noWeights(directory: directory.path)) {
            try Checkpoint.open(directory.path)
        }
        let empty = try TemporaryDirectory()
        #expect(throws: CheckpointError.notFound(path: empty.path + "/config.json")) {
            try Checkpoint.open(empty.path)
        }
    }

    @Test func `chat templates are taken from the first file that has any`() throws {
        #expect(try openWithoutWeights().chatTemplates() == [:])
        try directory.write(#"{"chat_template": "A"}"#, to: "tokenizer_config.json")
        #expect(try openWithoutWeights().chatTemplates() == ["default": "A"])
        try directory.write(
            #"{"chat_template": [{"name": "default", "template": "B"}, {"name": "tool_use", "template": "C"}]}"#,
            to: "tokenizer_config.json")
        #expect(try openWithoutWeights().chatTemplates() == ["default": "B", "tool_use": "C"])
        try directory.write(#"{"chat_template": "D"}"#, to: "chat_template.json")
        #expect(try openWithoutWeights().chatTemplates() == ["default": "D"])
        try directory.write("{{ 'E' }}", to: "chat_template.jinja")
        #expect(try openWithoutWeights().chatTemplates() == ["default": "{{ 'E' }}"])
    }

    @Test func `a chat template of another type is refused`() throws {
        try directory.write(#"{"chat_template": 7}"#, to: "tokenizer_config.json")
        #expect(throws: CheckpointError.self) { try openWithoutWeights().chatTemplates() }
        try directory.write(#"{"chat_template": [{"name": "x"}]}"#, to: "tokenizer_config.json")
        #expect(
            throws: CheckpointError.missingKey(
                file: directory.path + "/tokenizer_config.json", key: "chat_template[0].template",
                expected: "a string")
        ) { try openWithoutWeights().chatTemplates() }
    }
}
