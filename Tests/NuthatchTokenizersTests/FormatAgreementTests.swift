import Foundation
import NuthatchCheckpoints
import NuthatchTokenizers
import Testing

/// One vocabulary in both file formats is one tokenizer.
@Suite struct FormatAgreementTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let golden: String
        let model: String
        let preTokenizer: String
        let beginning: String
        let end: String
        var addsBeginning = false
        var testDescription: String { golden }
    }

    static let cases = [
        Case(
            golden: "gpt2", model: "gpt2", preTokenizer: "gpt-2", beginning: "<|endoftext|>",
            end: "<|endoftext|>"),
        Case(
            golden: "smollm", model: "gpt2", preTokenizer: "smollm", beginning: "<|im_start|>",
            end: "<|im_end|>"),
        Case(
            golden: "llama3", model: "gpt2", preTokenizer: "llama-bpe", beginning: "<|im_start|>",
            end: "<|im_end|>",
            addsBeginning: true),
        Case(
            golden: "qwen2", model: "gpt2", preTokenizer: "qwen2", beginning: "<|im_start|>",
            end: "<|im_end|>"),
        Case(
            golden: "o200k", model: "gpt2", preTokenizer: "gpt-4o", beginning: "<|im_start|>",
            end: "<|im_end|>"),
        Case(
            golden: "deepseek3", model: "gpt2", preTokenizer: "deepseek-v3", beginning: "<|im_start|>",
            end: "<|im_end|>"),
        Case(
            golden: "deepseek2", model: "gpt2", preTokenizer: "deepseek-llm", beginning: "<|im_start|>",
            end: "<|im_end|>"),
        Case(
            golden: "llama2", model: "llama", preTokenizer: "default", beginning: "<s>", end: "</s>",
            addsBeginning: true),
    ]

    private static func ggufTokenizer(_ testCase: Case) throws -> Tokenizer {
        let golden = try GoldenGGUF(testCase.golden)
        var writer = golden.writer(model: testCase.model, preTokenizer: testCase.preTokenizer)
        for (key, piece) in [("bos_token_id", testCase.beginning), ("eos_token_id", testCase.end)] {
            writer.set("tokenizer.ggml.\(key)", .uint32(UInt32(try #require(golden.special[piece]))))
        }
        writer.set("tokenizer.ggml.add_bos_token", .bool(testCase.addsBeginning))
        writer.set("tokenizer.chat_template", .string("{{ messages }}"))
        return try withTemporaryFile(writer.data) { try Tokenizer(gguf: try GGUFFile(path: $0)) }
    }

    @Test func anAssumedPreTokenizerIsRemarked() throws {
        func remark(_ preTokenizer: String?, model: String = "gpt2") throws -> (String?, path: String) {
            let golden = try GoldenGGUF(model == "llama" ? "llama2" : Self.cases[0].golden)
            return try withTemporaryFile(golden.writer(model: model, preTokenizer: preTokenizer).data) {
                (try Tokenizer(gguf: try GGUFFile(path: $0)).remark, $0)
            }
        }
        let (assumed, path) = try remark(nil)
        #expect(
            assumed
                == "\(path) doesn't say how texts are cut into words (tokenizer.ggml.pre), and \"default\" is assumed; if the "
                + "model was trained with another pre-tokenizer, its tokens are others.")
        #expect(try remark("default").0 == nil)
        #expect(try remark(nil, model: "llama").0 == nil)
    }

    @Test(arguments: cases)
    func bothFormatsEncodeAlike(_ testCase: Case) throws {
        let gguf = try Self.ggufTokenizer(testCase)
        let json = try TokenizerGoldens.tokenizer(testCase.golden)
        for text in try TokenizerGoldens.corpus() {
            #expect(try gguf.encode(text) == json.encode(text), "\(testCase.golden): \(text.excerpt)")
            let plain = try gguf.encode(text, addsSpecialTokens: false, parsesSpecialTokens: false)
            let expected = try json.encode(text, addsSpecialTokens: false, parsesSpecialTokens: false)
            #expect(plain == expected, "\(testCase.golden): \(text.excerpt)")
        }
    }

    @Test(arguments: cases)
    func bothFormatsDecodeAlike(_ testCase: Case) throws {
        let gguf = try Self.ggufTokenizer(testCase)
        let json = try TokenizerGoldens.tokenizer(testCase.golden)
        #expect(gguf.vocabularySize == json.vocabularySize)
        for id in 0..<Int32(json.vocabularySize) {
            #expect(gguf.bytes(of: id) == json.bytes(of: id), "\(json.text(of: id))")
            #expect(gguf.isSpecial(id) == json.isSpecial(id), "\(json.text(of: id))")
        }
    }

    @Test(arguments: cases)
    func bothFormatsNameTheSameRoles(_ testCase: Case) throws {
        let gguf = try Self.ggufTokenizer(testCase)
        let json = try TokenizerGoldens.tokenizer(testCase.golden)
        #expect(gguf.beginningOfSequence == json.id(of: testCase.beginning))
        #expect(gguf.beginningOfSequence == json.beginningOfSequence)
        #expect(gguf.endOfSequence == json.endOfSequence)
        #expect(gguf.endOfTurn == json.endOfTurn)
        #expect(gguf.endOfTurn.contains(try #require(gguf.endOfSequence)))
        #expect(gguf.addsBeginningOfSequence == testCase.addsBeginning)
        #expect(json.addsBeginningOfSequence == testCase.addsBeginning)
        #expect(gguf.specialTokens.map(\.text) == json.specialTokens.map(\.text))
        #expect(gguf.chatTemplate == "{{ messages }}")
    }
}
