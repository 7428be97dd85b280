import Foundation
import NuthatchHub
import NuthatchTensors
import Testing

@Suite struct ModelReferenceTests {
    private func parse(_ text: String, directories: Set<String> = []) throws(HubError) -> ModelReference {
        try ModelReference.parse(text) { directories.contains($0) }
    }

    @Test(arguments: ["smollm2", "gemma3"])
    func anAliasNamesAModelOfTheCatalogue(name: String) throws {
        let reference = try parse(name)
        #expect(reference.kind == .catalogue(try #require(ModelCatalogue.builtIn.model(named: name))))
        #expect(reference.description == name)
    }

    @Test func aPathIsKnownByItsShapeOrByWhatIsThere() throws {
        #expect(try parse("bird.gguf").kind == .file(path: "bird.gguf"))
        #expect(try parse("a/b/Bird.GGUF").kind == .file(path: "a/b/Bird.GGUF"))
        #expect(try parse("/models/bird").kind == .directory(path: "/models/bird"))
        #expect(try parse("./bird").kind == .directory(path: "./bird"))
        #expect(try parse("bird", directories: ["bird"]).kind == .directory(path: "bird"))
        #expect(try parse("owner/bird", directories: ["owner/bird"]).kind == .directory(path: "owner/bird"))
        #expect(try parse("~/x.gguf").kind == .file(path: NSHomeDirectory() + "/x.gguf"))
    }

    @Test func aFileThatIsThereNeedsNoEnding() throws {
        for text in ["sha256-6a07", "blobs/sha256-6a07", "/ollama/blobs/sha256-6a07", "./bird/config.json"] {
            let reference = try ModelReference.parse(
                text, isDirectory: { _ in false }, isFile: { $0 == text })
            #expect(reference.kind == .file(path: text))
        }
    }

    @Test func aHubReferenceHasARepositoryARevisionAndAFile() throws {
        #expect(try parse("hf:o/n").kind == .hub(HubReference(repository: "o/n")))
        #expect(try parse("hf:o/n:x.gguf").kind == .hub(HubReference(repository: "o/n", file: "x.gguf")))
        #expect(
            try parse("hf:o/n@refs/pr/1:Q4/x.gguf").kind
                == .hub(HubReference(repository: "o/n", revision: "refs/pr/1", file: "Q4/x.gguf")))
        for text in ["hf:o/n", "hf:o/n:x.gguf", "hf:o/n@v1:x.gguf"] {
            #expect(try parse(text).description == text)
        }
    }

    @Test(arguments: [
        "hf:", "hf:o", "hf:o/", "hf:/n", "hf:o/n/m", "hf:../n", "hf:o/..", "hf:o/n:", "hf:o/n:../x.gguf",
        "hf:o/n:a//b", "hf:o/n@", "hf:o/n@../x", "hf:o/n@a/../b", "hf:o/n m", "hf:ö/n", "hf:o/n:a\tb",
        "hf:-o/n",
    ])
    func aHubReferenceThatCouldLeaveTheStoreIsRefused(text: String) {
        let error = #expect(throws: HubError.self) { try parse(text) }
        #expect(error?.code == .usage)
        #expect(error?.remedy == "A hub reference has the form hf:owner/name[@revision][:file].")
    }

    @Test func anUnknownNameIsToldTheAliasesAndTheForms() {
        let error = #expect(throws: HubError.self) { try parse("smolm") }
        #expect(
            error?.description
                == "\"smolm\" names no model. Use one of the names smollm2, gemma3, the path of a .gguf file, the "
                + "path of a Hugging Face directory, or hf:owner/name[@revision][:file].")
        let hint = #expect(throws: HubError.self) { try parse("owner/bird") }
        #expect(hint?.message.contains("a hub repository is written hf:owner/bird") == true)
        #expect(throws: NuthatchError.self) { try ModelReference("no-such-model-here") }
        #expect(throws: HubError.self) { try parse("") }
        #expect(throws: HubError.self) { try parse(String(repeating: "x", count: 5000)) }
        #expect(throws: HubError.self) { try parse("a\0b.gguf") }
    }

    @Test func everyModelOfTheCatalogueIsWhole() {
        for model in ModelCatalogue.builtIn.models {
            #expect(ContentDigest(model.digest.description) == model.digest)
            #expect(!model.sources.isEmpty)
            for case .wheels(let parts) in model.sources {
                #expect(parts.reduce(0) { $0 + $1.memberByteCount } == model.byteCount)
            }
        }
    }

    @Test(arguments: [
        "ftp://host", "host", "https://", "https://user@host", "https://host?x=1", "http s://x",
    ])
    func anEndpointThatIsNoHTTPAddressIsRefused(text: String) {
        #expect(throws: HubError.self) { try HubEndpoint(text) }
    }

    @Test func aTokenThatCouldSplitAHeaderIsRefused() {
        #expect(throws: HubError.self) { try HubEndpoint(nil, token: "a\r\nb") }
        #expect(throws: Never.self) { try HubEndpoint("", token: " hf_abc\n") }
    }
}
