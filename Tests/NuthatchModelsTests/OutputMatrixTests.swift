import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// What becomes of an output matrix that lies beside the embedding its header ties it to.
@Suite struct OutputMatrixTests {
    private let copied = [
        LeftOutTensor(name: "lm_head.weight", redundancy: .copy(of: "model.embed_tokens.weight"))
    ]

    /// A tied Llama whose file has both matrices.
    private func tied(
        embedding: ElementFormat = .f32, output: ElementFormat = .f32,
        change: (inout [Float]) -> Void = { _ in }
    ) throws -> TemporaryDirectory {
        let tiny = TinyLlama()
        var writer = SafetensorsWriter()
        var generator = SeededGenerator(seed: 3)
        var both: [Float]?
        for tensor in tiny.tensors {
            // Few enough bits for every format.
            var values = (0..<tensor.shape.reduce(1, *)).map { _ in (generator.normal() * 16).rounded() / 16 }
            var format = ElementFormat.f32
            if tensor.name == "model.embed_tokens.weight" {
                both = values
                format = embedding
            } else if tensor.name == "lm_head.weight" {
                values = both ?? values
                change(&values)
                format = output
            }
            writer.add(tensor.name, shape: tensor.shape, values, as: format)
        }
        let directory = try tiny.write { $0["tie_word_embeddings"] = true }
        try directory.write(try writer.bytes(), as: "model.safetensors")
        return directory
    }

    private func decoder(_ checkpoint: Checkpoint) throws -> ModelDescription {
        guard case .decoder(let description) = try ModelHeader(checkpoint) else {
            throw ModelError.layersDiffer
        }
        return description
    }

    @Test(
        "Equal numbers are a copy, whatever format each matrix is in",
        arguments: [
            (ElementFormat.bf16, ElementFormat.f32), (.f16, .f32), (.f32, .bf16), (.bf16, .f16), (.f16, .f16),
        ])
    func equalNumbersAreACopy(embedding: ElementFormat, output: ElementFormat) throws {
        let directory = try tied(embedding: embedding, output: output)
        let checkpoint = try Checkpoint.open(directory.path)
        let header = try ModelHeader(checkpoint)
        #expect(header.remark == nil)
        #expect(try header.leftOutTensors(of: checkpoint) == copied)
        #expect(try decoder(checkpoint).specification.embedding.isTied)
    }

    @Test("A number that differs by less than the narrower format can say makes a matrix of its own")
    func anyDifferenceCounts() throws {
        let directory = try tied(embedding: .bf16) { $0[$0.count - 1] = $0[$0.count - 1].nextUp }
        let checkpoint = try Checkpoint.open(directory.path)
        let description = try decoder(checkpoint)
        #expect(!description.specification.embedding.isTied)
        #expect(description.remark?.contains("lm_head.weight differs from model.embed_tokens.weight") == true)
    }

    @Test("Zeros of either sign are equal, and what is no number is equal to nothing")
    func signsOfZeroAreEqual() throws {
        let zeros = try tied { values in
            for index in values.indices where values[index] == 0 { values[index] = -0.0 }
        }
        #expect(try decoder(try Checkpoint.open(zeros.path)).specification.embedding.isTied)
        let none = try tied { $0[3] = .nan }
        #expect(try !decoder(try Checkpoint.open(none.path)).specification.embedding.isTied)
    }

    @Test("Two matrices are read once, however often the model is described, planned and loaded")
    func matricesAreComparedOnce() throws {
        let directory = try tied()
        let checkpoint = try Checkpoint.open(directory.path)
        #expect(try decoder(checkpoint).specification.embedding.isTied)
        // Whoever reads them from here on sees another matrix.
        let file = "\(directory.path)/model.safetensors"
        let bytes = try Data(contentsOf: URL(filePath: file))
        let changed = try tied { $0 = $0.map { $0 + 1 } }
        let others = try Data(contentsOf: URL(filePath: "\(changed.path)/model.safetensors"))
        try #require(bytes.count == others.count && bytes != others)
        let handle = try FileHandle(forUpdating: URL(filePath: file))
        try handle.write(contentsOf: others)
        try handle.close()
        #expect(try !decoder(try Checkpoint.open(directory.path)).specification.embedding.isTied)

        let header = try ModelHeader(checkpoint)
        #expect(header.remark == nil)
        #expect(try header.leftOutTensors(of: checkpoint) == copied)
        #expect(throws: Never.self) { try Decoder.plan(checkpoint) }
        #expect(try Decoder.load(checkpoint).specification.embedding.isTied)
    }

    @Test("An output matrix alone is the embedding too where the header ties them, with a word")
    func anOutputMatrixAlone() throws {
        let directory = try tied()
        let checkpoint = try Checkpoint.open(directory.path)
        var other = TinyLlama()
        other.tensors.removeAll { $0.name == "model.embed_tokens.weight" }
        for isTied in [true, false] {
            let written = try other.write { $0["tie_word_embeddings"] = isTied }
            let lacking = try Checkpoint.open(written.path)
            guard isTied else {
                #expect(throws: ModelError.self) { try Decoder.load(lacking) }
                continue
            }
            let description = try decoder(lacking)
            #expect(description.specification == (try decoder(checkpoint)).specification)
            #expect(
                description.remark
                    == "The file has no model.embed_tokens.weight, and the header ties it to the output matrix: "
                    + "lm_head.weight is used for both, as in transformers.")
            #expect(throws: Never.self) { try Decoder.load(lacking) }
        }
    }

    @Test(
        "Encoder-decoders have matrices of their own too, and what scales their outputs stays",
        arguments: ["t5-ownhead", "bart-ownhead", "marian-ownhead"])
    func encoderDecodersHaveTheirOwn(golden: String) throws {
        let checkpoint = try Checkpoint.open(Goldens.path(golden))
        let description = try EncoderDecoderDescription(checkpoint)
        #expect(!description.specification.decoder.embedding.isTied)
        #expect(
            description.specification.decoder.embedding.logitScale
                == (golden.hasPrefix("t5") ? 1 / Float(40).squareRoot() : nil))
        #expect(description.decoder.remark?.contains("lm_head.weight differs from") == true)
    }
}
