import Foundation
import NuthatchCheckpoints
import NuthatchGeneration
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import NuthatchTokenizers
import Synchronization
import Testing

/// Written files are read back by the readers that all models go through.
@Suite struct QuantizerTests {
    private static let tiny = TinyLlama(
        headDimension: 16, layerCount: 3, vocabularySize: TinyTokenizer.vocabularySize)
    private let directory: TemporaryDirectory
    private let output: TemporaryDirectory

    init() throws {
        directory = try Self.tiny.write()
        try TinyTokenizer.write(to: directory, addsBeginning: true)
        output = try TemporaryDirectory()
    }

    private var target: String { "\(output.path)/model.gguf" }

    @discardableResult
    private func write(
        _ type: QuantizationType, from source: String? = nil, to target: String? = nil,
        _ adjust: (inout Quantizer.Options) -> Void = { _ in }
    ) throws -> QuantizationReport {
        var options = Quantizer.Options(type: type)
        options.threadCount = 2
        adjust(&options)
        return try Quantizer(options).write(source ?? directory.path, to: target ?? self.target)
    }

    private func logits(_ path: String, _ weights: LoadOptions.Weights = .f32) async throws -> [[Float]] {
        let model = try await LanguageModel.load(
            at: path, options: try LoadOptions(threadCount: 1, weights: weights))
        let rows = Mutex<[[Float]]>([])
        let ids = try model.tokenizer.encode("The nuthatch hides 1000 seeds.")
        try await model.logits(of: ids, cache: try CacheOptions(keys: .f32, values: .f32)) { _, row in
            rows.withLock { $0.append(Array(row)) }
        }
        return rows.withLock { $0 }
    }

    private func distance(_ ours: [[Float]], _ theirs: [[Float]]) -> Double {
        var difference = 0.0
        var norm = 0.0
        for (our, their) in zip(ours.joined(), theirs.joined()) {
            difference += Double(our - their) * Double(our - their)
            norm += Double(their) * Double(their)
        }
        return (difference / norm).squareRoot()
    }

    @Test func anEndOnTheWayLeavesNothing() throws {
        var tensorCount = 0
        #expect(throws: CancellationError.self) {
            try Quantizer(Quantizer.Options(type: .q8_0)).write(directory.path, to: target) { _ in
                tensorCount += 1
                if tensorCount == 3 { throw CancellationError() }
            }
        }
        #expect(tensorCount == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: output.path).isEmpty)
    }

    @Test func aFileOfFloatsIsTheSameModel() async throws {
        let report = try write(.f32)
        #expect(report.fallbacks.isEmpty && report.notes.isEmpty)
        #expect(report.formats.map(\.format) == ["F32"])
        let (ours, theirs) = (try await logits(target), try await logits(directory.path))
        #expect(ours.count == 31)
        // Heads are scored in another order of elements, so sums round otherwise.
        #expect(distance(ours, theirs) <= 1e-5)
    }

    /// Half a step of each format for normal numbers, with room: 4 bits lose about a tenth, 8 half a hundredth.
    @Test(arguments: [
        (QuantizationType.f16, 3e-4), (.bf16, 3e-3), (.q8_0, 8e-3), (.q4_0, 0.12), (.q4_1, 0.1),
    ])
    func quantisedTensorsStayNear(type: QuantizationType, bound: Double) throws {
        let exact = "\(output.path)/exact.gguf"
        try write(.f32, to: exact)
        let report = try write(type)
        #expect(report.bytes == (try Data(contentsOf: URL(filePath: target))).count)
        let (ours, theirs) = (try Checkpoint.open(target), try Checkpoint.open(exact))
        #expect(ours.tensors.map(\.name) == theirs.tensors.map(\.name))
        for tensor in theirs.tensors {
            let found = distance(
                [try ours.floats(named: tensor.name)], [try theirs.floats(named: tensor.name)])
            #expect(tensor.shape.count == 1 ? found == 0 : found > 0 && found <= bound, "\(tensor.name)")
        }
    }

    @Test func rowsOfNoWholeBlocksAreReported() throws {
        // Hidden size 32, feed-forward 24: neither is a super-block, and 24 is no block.
        let report = try write(.q4_k)
        typealias Fallback = QuantizationReport.Fallback
        let expected: [Fallback] = [
            Fallback(wanted: "Q4_K", used: "F16", rowLength: 24, tensors: 2),
            Fallback(wanted: "Q6_K", used: "F16", rowLength: 24, tensors: 1),
            Fallback(wanted: "Q4_K", used: "Q5_0", rowLength: 32, tensors: 18),
            Fallback(wanted: "Q6_K", used: "Q8_0", rowLength: 32, tensors: 2),
        ]
        #expect(report.fallbacks == expected)
    }

    @Test func aGGUFFileKeepsItsPairsAndNames() async throws {
        try write(.f32)
        let second = "\(output.path)/second.gguf"
        try write(.q8_0, from: target, to: second)
        guard case .gguf(let first) = try Checkpoint.open(target),
            case .gguf(let again) = try Checkpoint.open(second)
        else { return }
        #expect(Set(again.metadata.keys) == Set(first.metadata.keys + ["general.quantization_version"]))
        #expect(try again.metadata.integer("general.file_type") == 7)
        #expect(try again.metadata.strings("tokenizer.ggml.tokens").count == TinyTokenizer.vocabularySize)
        let direct = "\(output.path)/direct.gguf"
        try write(.q8_0, to: direct)
        // The same blocks, whichever way they came.
        #expect(try await logits(second) == logits(direct))
    }

    @Test func aFileOfAnUnknownFamilyIsQuantisedAllTheSame() throws {
        var fields = GGUFFields()
        fields.set("general.architecture", "owl")
        let layout = try GGUFLayout(
            fields, tensors: [.init(name: "blk.0.wing.weight", format: .f32, shape: [3, 64])], file: "test")
        let source = try output.write(
            layout.header + [UInt8](repeating: 0, count: layout.byteCount - layout.header.count),
            as: "owl.gguf")
        let report = try write(.q4_0, from: source)
        #expect(report.formats.map(\.format) == ["Q4_0"])
        #expect(
            try Checkpoint.open(target).floats(named: "blk.0.wing.weight")
                == [Float](repeating: 0, count: 192))
    }

    @Test func whatIsQuantisedAlreadyIsQuantisedAgainOnlyWhenAsked() throws {
        try write(.q8_0)
        let second = "\(output.path)/second.gguf"
        let error = #expect(throws: NuthatchError.self) { try write(.q4_0, from: target, to: second) }
        #expect(error?.message.hasPrefix("Tensor token_embd.weight is stored as Q8_0, ") == true)
        #expect(error?.remedy?.contains("--allow-requantize") == true)
        #expect(!FileManager.default.fileExists(atPath: second))
        try write(.q4_0, from: target, to: second) { $0.requantizes = true }
        #expect(FileManager.default.fileExists(atPath: second))
        // The same type copies.
        try write(.q8_0, from: target, to: "\(output.path)/third.gguf")
    }

    @Test func anExistingFileIsReplacedOnlyWhenAsked() throws {
        let path = try output.write([1], as: "there.gguf")
        #expect(throws: CheckpointError.alreadyThere(path: path)) { try write(.f16, to: path) }
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([1]))
        try write(.f16, to: path) { $0.replaces = true }
        #expect(try Data(contentsOf: URL(filePath: path)).count > 1000)
    }

    @Test func theFileThatIsReadIsNeverReplaced() throws {
        let path = "\(output.path)/there.gguf"
        try write(.f16, to: path)
        let linked = "\(output.path)/linked.gguf"
        try FileManager.default.linkItem(atPath: path, toPath: linked)
        for name in [path, linked] {
            #expect(throws: CheckpointError.isInput(path: name, input: path)) {
                try write(.q8_0, from: path, to: name) { $0.replaces = true }
            }
        }
        #expect(try Checkpoint.open(path).tensor(named: "token_embd.weight")?.format == .readable(.f16))
    }

    private func directory(with value: Float) throws {
        var writer = SafetensorsWriter()
        for tensor in Self.tiny.tensors {
            var values = [Float](repeating: 0.5, count: tensor.shape.reduce(1, *))
            if tensor.name == "model.layers.1.mlp.up_proj.weight" { values[100] = value }
            writer.add(tensor.name, shape: tensor.shape, values)
        }
        try directory.write(try writer.bytes(), as: "model.safetensors")
    }

    @Test func weightsBeyondWhatTheyAreComputedInAreNamed() async throws {
        try directory(with: 9_000_000)
        let error = await #expect(throws: NuthatchError.self) { try await logits(directory.path, .q8) }
        #expect(error?.code == .badData)
        #expect(
            error?.message
                == "Tensor model.layers.1.mlp.up_proj.weight holds a number of magnitude 9000000.0; weights computed "
                + "in q8 end at 8319008.0.")
        #expect(error?.remedy == "Compute in native, f32 or bf16.")
        #expect(try await logits(directory.path, .bf16).joined().allSatisfy(\.isFinite))
    }

    @Test(arguments: [
        (Float(70_000), QuantizationType.f16, "holds a number of magnitude 70000.0; F16 ends at 65504.0."),
        (-9_000_000, .q8_0, "holds a number of magnitude 9000000.0; Q8_0 ends at 8319008.0."),
        (600_000, .q4_0, "holds a number of magnitude 600000.0; Q4_0 ends at 524032.0."),
        (70_000, .q4_1, "holds a number of magnitude 70000.0; Q4_1 ends at 65504.0."),
        (3.4e38, .bf16, "holds a number of magnitude 3.4e+38; BF16 ends at 3.3895314e+38."),
        (.nan, .q8_0, "holds a value that is no finite number."),
        (-.infinity, .bf16, "holds a value that is no finite number."),
    ])
    func numbersThatTheTypeCannotHoldAreNamed(value: Float, type: QuantizationType, message: String) throws {
        try directory(with: value)
        let error = #expect(throws: NuthatchError.self) { try write(type) { $0.isPure = true } }
        #expect(error?.message == "Tensor blk.1.ffn_up.weight \(message)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: output.path).isEmpty)
    }

    @Test func aTokenizerOfAnotherModelIsNamedBeforeWeightsAreRead() async throws {
        let small = try TinyLlama(vocabularySize: 64).write()
        try TinyTokenizer.write(to: small)
        let sentence = "the tokenizer has 257 pieces and the model 64 ids, so it is another model's."
        let error = await #expect(throws: NuthatchError.self) {
            try await LanguageModel.load(at: small.path, options: .default)
        }
        #expect(error?.message.contains(sentence) == true)
        #expect(throws: (any Error).self) { try write(.f32, from: small.path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: output.path).isEmpty)
    }

    /// What `--weights q8` does to a directory of floats: the codes of a Q8_0 file, made while packing.
    @Test func weightsAreQuantisedOnTheFly() async throws {
        let exact = try await LanguageModel.load(
            at: directory.path, options: try LoadOptions(threadCount: 1, weights: .f32))
        let quantised = try await LanguageModel.load(
            at: directory.path, options: try LoadOptions(threadCount: 1, weights: .q8))
        #expect(quantised.weightByteCount < exact.weightByteCount / 2)
        let (ours, theirs) = (try await logits(directory.path, .q8), try await logits(directory.path))
        #expect(ours.count == theirs.count && ours != theirs)
    }

    /// Each part's own file says how many there are; the one that is written says nothing of it.
    @Test func aSplitModelBecomesOneFile() throws {
        for (number, name) in [(0, "bird-00001-of-00002.gguf"), (1, "bird-00002-of-00002.gguf")] {
            var fields = GGUFFields()
            if number == 0 { fields.set("general.architecture", "llama") }
            fields.set("split.no", UInt32(number))
            fields.set("split.count", UInt32(2))
            let tensor = GGUFLayout.Tensor(name: "blk.\(number).attn_q.weight", format: .f32, shape: [2, 32])
            let layout = try GGUFLayout(fields, tensors: [tensor], file: "test")
            let values = (0..<64).flatMap { value in
                withUnsafeBytes(of: Float(value + number).bitPattern.littleEndian, Array.init)
            }
            try output.write(layout.header + values, as: name)
        }
        let source = "\(output.path)/bird-00001-of-00002.gguf"
        let parts = try Checkpoint.open(source)
        _ = try write(.f16, from: source)
        let written = try Checkpoint.open(target)
        #expect(written.weightPaths.count == 1)
        for tensor in parts.tensors {
            #expect(try written.floats(named: tensor.name) == (try parts.floats(named: tensor.name)))
        }
        guard case .gguf(let file) = written else { return }
        #expect(!file.metadata.keys.contains { $0.hasPrefix("split.") })
    }
}
