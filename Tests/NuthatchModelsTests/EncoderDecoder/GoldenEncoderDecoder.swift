import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// A tiny random encoder-decoder and what transformers computed from it; made by
/// Scripts/goldens/encoder_decoder_models.py.
struct GoldenEncoderDecoder: Sendable, CustomTestStringConvertible {
    let name: String
    /// The file of the same weights in place of the directory.
    var isGGUF = false

    var testDescription: String { isGGUF ? "\(name).gguf" : name }

    static let all = [
        "t5-tied", "t5-gated", "t5-near", "t5-ownhead", "bart-plain", "bart-scaled", "bart-ownhead",
        "marian-shared",
        "marian-separate", "marian-ownhead",
    ].map { GoldenEncoderDecoder(name: $0) }

    /// Models of which there are GGUF files too.
    static let gguf = ["t5-tied", "t5-gated"].map { GoldenEncoderDecoder(name: $0, isGGUF: true) }

    struct Golden: Decodable {
        let sources: [[TokenID]]
        /// What the decoder was given, of each source.
        let targets: [[TokenID]]
        let greedy: [[TokenID]]
    }

    private func path(_ file: String) -> String {
        Goldens.path(
            "\(name)/\(file)", testFile: #filePath.replacingOccurrences(of: "/EncoderDecoder/", with: "/"))
    }

    func golden() throws -> Golden {
        try JSONDecoder().decode(Golden.self, from: Data(contentsOf: URL(filePath: path("golden.json"))))
    }

    /// [source][token][hidden size]
    func states() throws -> [[[Float]]] { try rows("states.f32", of: try golden().sources) }

    /// [source][target position][vocabulary]
    func logits() throws -> [[[Float]]] { try rows("logits.f32", of: try golden().targets) }

    private func rows(_ file: String, of sequences: [[TokenID]]) throws -> [[[Float]]] {
        let data = try Data(contentsOf: URL(filePath: path(file)))
        let values = data.withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map {
                Float(bitPattern: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self))
            }
        }
        let width = values.count / sequences.reduce(0) { $0 + $1.count }
        var next = 0
        return sequences.map { sequence in
            sequence.map { _ in
                defer { next += width }
                return Array(values[next..<next + width])
            }
        }
    }

    func checkpoint() throws -> Checkpoint { try Checkpoint.open(isGGUF ? path("model.gguf") : directory) }

    var directory: String { path("") }

    func model(_ precision: WeightPrecision = .f32) throws -> EncoderDecoder {
        try EncoderDecoder.load(try checkpoint(), precision: precision)
    }

    /// config.json, to change.
    func configuration() throws -> [String: Any] {
        let data = try Data(contentsOf: URL(filePath: path("config.json")))
        return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    func weights() throws -> [UInt8] {
        Array(try Data(contentsOf: URL(filePath: path("model.safetensors"))))
    }
}
