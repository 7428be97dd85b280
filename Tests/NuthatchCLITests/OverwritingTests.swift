import Foundation
import NuthatchTestSupport
import Testing

/// No command writes over what it reads, nor over what is there unless it is told to.
@Suite struct OverwritingTests {
    private let model: TemporaryDirectory
    private let folder: TemporaryDirectory

    init() throws {
        model = try TinyLlama(
            headDimension: 16, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize
        ).write()
        try TinyTokenizer.write(to: model, addsBeginning: true)
        folder = try TemporaryDirectory()
    }

    private func ggufModel() throws -> String {
        let path = folder.path + "/model.gguf"
        let written = try NuthatchProcess.run(["quantize", model.path, path, "--type", "f16"])
        #expect(written.exitCode == 0, "\(written.errors)")
        return path
    }

    /// What a file may be called besides its own name.
    private func names(of path: String) throws -> [String] {
        let link = folder.path + "/link.gguf"
        let second = folder.path + "/second.gguf"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
        try FileManager.default.linkItem(atPath: path, toPath: second)
        return [path, folder.path + "/./model.gguf", link, second]
    }

    @Test func quantizeKeepsWhatItReadsByWhateverName() throws {
        let path = try ggufModel()
        let content = try Data(contentsOf: URL(filePath: path))
        for target in try names(of: path) {
            let result = try NuthatchProcess.run(["quantize", path, target, "--type", "q8_0", "--force"])
            #expect(result.exitCode == 64, "\(target)")
            #expect(
                result.errors.contains("nuthatch: \(target) is the file that is read"), "\(result.errors)")
            #expect(result.errors.hasSuffix("; writing it would destroy that. Choose another name.\n"))
        }
        for file in ["model.safetensors", "config.json", "tokenizer.json"] {
            let target = "\(model.path)/\(file)"
            let result = try NuthatchProcess.run(
                ["quantize", model.path, target, "--type", "q8_0", "--force"])
            #expect(result.exitCode == 64, "\(target)")
            #expect(result.errors.contains("is the file that is read"), "\(result.errors)")
        }
        #expect(try Data(contentsOf: URL(filePath: path)) == content)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(names == ["link.gguf", "model.gguf", "second.gguf"])
    }

    @Test func whatALinkLeadsToIsReplacedAndTheLinkStays() throws {
        let path = try ggufModel()
        let (real, link) = (folder.path + "/real.f32", folder.path + "/link.f32")
        try Data("old".utf8).write(to: URL(filePath: real))
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: real)
        let tokens = folder.path + "/tokens.json"
        try Data("[1, 2, 3]".utf8).write(to: URL(filePath: tokens))
        let written = try NuthatchProcess.run(["logits", path, tokens, "-o", link, "--force"])
        #expect(written.exitCode == 0, "\(written.errors)")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == real)
        #expect(try Data(contentsOf: URL(filePath: real)).count == 3 * TinyTokenizer.vocabularySize * 4)
    }

    @Test func aDirectoryWithOneModelIsWrittenInto() throws {
        let path = try ggufModel()
        let second = folder.path + "/second.gguf"
        let written = try NuthatchProcess.run(["quantize", folder.path, second, "--type", "q8_0"])
        #expect(written.exitCode == 0, "\(written.errors)")
        #expect(
            FileManager.default.fileExists(atPath: path) && FileManager.default.fileExists(atPath: second))
    }

    @Test func logitsAreCountedBeforeTheyAreComputed() throws {
        let path = try ggufModel()
        let tokens = folder.path + "/tokens.json"
        try Data("[1, 2, 3]".utf8).write(to: URL(filePath: tokens))
        let target = folder.path + "/logits.f32"
        let refused = try NuthatchProcess.run(["logits", path, tokens, "-o", target, "--context", "2"])
        #expect(refused.exitCode == 65)
        #expect(refused.errors.contains(" has 3 tokens; a sequence of "), "\(refused.errors)")
        #expect(!FileManager.default.fileExists(atPath: target))
    }

    @Test func logitsKeepWhatTheyReadAndWhatIsThere() throws {
        let path = try ggufModel()
        let tokens = folder.path + "/tokens.json"
        try Data("[1, 2, 3]".utf8).write(to: URL(filePath: tokens))
        for target in try names(of: path) + [tokens] {
            let result = try NuthatchProcess.run(["logits", path, tokens, "-o", target, "--force"])
            #expect(result.exitCode == 64, "\(target)")
            #expect(result.errors.contains("is the file that is read"), "\(result.errors)")
        }
        let target = folder.path + "/logits.f32"
        try Data("mine".utf8).write(to: URL(filePath: target))
        let refused = try NuthatchProcess.run(["logits", path, tokens, "-o", target])
        #expect(refused.exitCode == 64)
        #expect(
            refused.errors
                == "nuthatch: There is a file at \(target) already. Choose another name, or say that it may be replaced "
                + "(--force).\n")
        #expect(try Data(contentsOf: URL(filePath: target)) == Data("mine".utf8))
        let forced = try NuthatchProcess.run(["logits", path, tokens, "-o", target, "--force"])
        #expect(forced.exitCode == 0, "\(forced.errors)")
        let byteCount = try Data(contentsOf: URL(filePath: target)).count
        #expect(byteCount == 3 * TinyTokenizer.vocabularySize * 4)
    }

    @Test func whatIsNoListOfTokensIsNamedWithoutADump() throws {
        let tokens = try folder.write(Array("{\"a\": 1}".utf8), as: "tokens.json")
        let result = try NuthatchProcess.run(["logits", model.path, tokens, "-o", folder.path + "/o"])
        #expect(
            result.errors
                == "nuthatch: \(tokens) is no JSON array of one or more token ids. Write it as [1, 2, 3].\n")
        #expect(result.exitCode == 65)
    }
}
