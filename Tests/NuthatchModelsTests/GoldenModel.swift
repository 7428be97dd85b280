import Foundation
import NuthatchCache
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// A tiny random model and what transformers computed from it; made by Scripts/goldens/models.py.
struct GoldenModel: Sendable, CustomTestStringConvertible {
    enum Source: String, Sendable {
        case directory
        case gguf
    }

    let name: String
    let source: Source

    var testDescription: String { "\(name) (\(source.rawValue))" }

    private struct Golden: Decodable {
        let prompt: [TokenID]
        let greedy: [TokenID]
        let contextLength: Int
    }

    static let directories = [
        "llama-tied", "llama-ownhead", "llama3-biased", "llama-yarn", "llama-linear", "llama-longrope",
        "llama-dynamic", "llama-share",
        "mistral-window", "mistral-full", "qwen2-tied", "qwen2-window", "qwen3-untied", "qwen3-window",
        "gemma3-pattern", "gemma3-scaled", "gemma2-softcaps", "gemma2-wide", "phi3-longrope", "phi3-window",
        "smollm3-interval", "smollm3-listed", "olmo2-grouped", "olmo2-yarn", "granite-scaled",
        "granite-biased",
        "starcoder2-window", "starcoder2-plain", "gpt2-scaled", "gpt2-reordered", "gpt2-unscaled",
        "gptbigcode-shared", "gptbigcode-separate", "gptneox-parallel", "gptneox-sequential", "opt-before",
        "opt-after", "opt-bare", "falcon-shared", "falcon-grouped", "falcon-sequential", "mixtral-full",
        "mixtral-window", "qwen3moe-all", "qwen3moe-some", "deepseek2-greedy", "deepseek2-lite",
        "deepseek2-groups", "deepseek3-yarn", "deepseek3-blocks", "deepseek3-halves", "infini-delta",
        "infini-linear",
    ].map { GoldenModel(name: $0, source: .directory) }

    static let ggufFiles = [
        "llama-tied", "llama3-biased", "llama-yarn", "mistral-full", "qwen2-tied", "qwen3-untied",
        "gemma3-pattern", "gemma3-mixed", "gemma2-softcaps", "phi3-longrope", "phi3-window",
        "smollm3-interval",
        "olmo2-grouped", "olmo2-yarn", "granite-scaled", "granite-biased", "starcoder2-window", "gpt2-scaled",
        "gptbigcode-shared", "gptneox-parallel", "falcon-shared", "falcon-grouped", "mixtral-full",
        "qwen3moe-all", "deepseek2-lite", "deepseek2-groups", "deepseek3-blocks", "deepseek3-halves",
    ].map { GoldenModel(name: $0, source: .gguf) }

    static let all = directories + ggufFiles

    static func named(_ name: String, _ source: Source = .directory) -> GoldenModel {
        GoldenModel(name: name, source: source)
    }

    var path: String {
        switch source {
        case .directory: Goldens.path(name)
        case .gguf: Goldens.path("\(name)/model.gguf")
        }
    }

    private func golden() throws -> Golden {
        let data = try Data(contentsOf: URL(filePath: Goldens.path("\(name)/golden.json")))
        return try JSONDecoder().decode(Golden.self, from: data)
    }

    func prompt() throws -> [TokenID] { try golden().prompt }
    func greedy() throws -> [TokenID] { try golden().greedy }

    /// [prompt position][vocabulary]
    func logits() throws -> [[Float]] {
        let values = try floats("logits.f32")
        let vocabularySize = values.count / (try prompt().count)
        return stride(from: 0, to: values.count, by: vocabularySize).map {
            Array(values[$0..<$0 + vocabularySize])
        }
    }

    /// Hidden states and attentions of the last rows, [layers + 1][row * hiddenSize] and
    /// [layers][queryHead * row * prompt].
    func inside(
        _ specification: DecoderSpecification
    ) throws -> (hiddenStates: [[Float]], attentions: [[Float]], rowCount: Int) {
        let values = try floats("inside.f32")
        let (layerCount, promptCount) = (specification.layers.count, try prompt().count)
        let stateWidth = specification.hiddenSize
        let shareWidth = specification.attention.heads.queryCount * promptCount
        let rowCount = values.count / ((layerCount + 1) * stateWidth + layerCount * shareWidth)
        let states = (0...layerCount).map { index in
            Array(values[index * rowCount * stateWidth..<(index + 1) * rowCount * stateWidth])
        }
        let first = (layerCount + 1) * rowCount * stateWidth
        let shares = (0..<layerCount).map { index in
            Array(values[(first + index * rowCount * shareWidth)...].prefix(rowCount * shareWidth))
        }
        return (states, shares, rowCount)
    }

    private func floats(_ file: String) throws -> [Float] {
        let data = try Data(contentsOf: URL(filePath: Goldens.path("\(name)/\(file)")))
        return data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
            }
        }
    }

    /// The last logits of a left-padded batch, [row][vocabulary]; row r is of the prompt's first `raggedLengths[r]` tokens.
    func raggedLogits() throws -> [[Float]] {
        let values = try floats("ragged.f32")
        let vocabularySize = values.count / Self.raggedLengths.count
        return Self.raggedLengths.indices.map {
            Array(values[($0 * vocabularySize)...].prefix(vocabularySize))
        }
    }

    static let raggedLengths = [48, 31, 7, 1]

    /// The last logits of the prompt's first `coldLengths[r]` tokens, from a model that has computed nothing before:
    /// [row][vocabulary].
    func coldLogits() throws -> [[Float]] {
        let values = try floats("cold.f32")
        let vocabularySize = values.count / Self.coldLengths.count
        return Self.coldLengths.indices.map {
            Array(values[($0 * vocabularySize)...].prefix(vocabularySize))
        }
    }

    static let coldLengths = [7, 31, 32, 33, 40, 48]

    func checkpoint() throws -> Checkpoint { try Checkpoint.open(path) }

    func decoder(_ precision: WeightPrecision = .f32) throws -> Decoder {
        try Decoder.load(
            try checkpoint(), precision: precision, contextLength: try golden().contextLength)
    }
}
