import Foundation
import NuthatchCheckpoints
import NuthatchModels
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// Against ROPE_INIT_FUNCTIONS of transformers, by way of a config.json that holds each case's parameters.
@Suite struct RotaryTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        /// `rope_parameters`, as JSON.
        let parameters: Data
        let headDimension: Int
        let maxPositions: Int
        let length: Int
        let inverseFrequencies: [Double]
        let attentionFactor: Double

        var testDescription: String { name }

        /// Shares of a head are read by few families; Phi-3 is one.
        func chooseFamily(_ config: inout [String: Any]) {
            guard name.hasSuffix("-partial") else { return }
            config["model_type"] = "phi3"
            config["architectures"] = ["Phi3ForCausalLM"]
        }
    }

    static let cases: [Case] = {
        guard let data = try? Data(contentsOf: URL(filePath: Goldens.path("rope.json"))),
            let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any],
            let cases = root["cases"] as? [[String: Any]]
        else { return [] }
        return cases.compactMap { fields in
            guard let name = fields["name"] as? String, let parameters = fields["parameters"],
                let json = try? JSONSerialization.data(withJSONObject: parameters),
                let headDimension = fields["headDimension"] as? Int,
                let maxPositions = fields["maxPositions"] as? Int, let length = fields["length"] as? Int,
                let frequencies = fields["inverseFrequencies"] as? [Double],
                let factor = fields["attentionFactor"] as? Double
            else { return nil }
            return Case(
                name: name, parameters: json, headDimension: headDimension, maxPositions: maxPositions,
                length: length, inverseFrequencies: frequencies, attentionFactor: factor)
        }
    }()

    @Test("All cases of the golden file are read")
    func allCasesAreRead() {
        #expect(Self.cases.count == 15)
    }

    @Test("Frequencies are those of transformers", arguments: cases)
    func frequenciesAreThoseOfTransformers(golden: Case) throws {
        let directory = try TinyLlama(headDimension: golden.headDimension, maxPositions: golden.maxPositions)
            .write { config in
                config["rope_parameters"] = try JSONSerialization.jsonObject(with: golden.parameters)
                golden.chooseFamily(&config)
            }
        let description = try ModelDescription(try Checkpoint.open(directory.path))
        let rotary = try #require(description.specification.layers[0].rotary)
        let table = rotary.table(contextLength: golden.length)
        #expect(abs(Double(table.attentionFactor) / golden.attentionFactor - 1) < 1e-6)
        #expect(table.inverseFrequencies.count == golden.inverseFrequencies.count)
        for (ours, theirs) in zip(table.inverseFrequencies, golden.inverseFrequencies) {
            // One float32 rounding on our side; theirs, for YaRN's mixture, has up to nine: 2^-24 each.
            #expect(abs(Double(ours) / theirs - 1) < 10 * 0x1p-24)
        }
    }

    @Test("Beyond the context, angles are not rounded to float32")
    func farAnglesAreExact() throws {
        let table = RotaryEmbedding(base: 10_000, dimension: 8).table(contextLength: 64).rounding(below: 64)
        for position in [63, 64, 1_000_003, 1 << 31] {
            let turned = table.cosinesAndSines(position: position)
            for (pair, frequency) in table.inverseFrequencies.enumerated() {
                let exact = Double(position) * Double(frequency)
                let angle = position < 64 ? Double(Float(position) * frequency) : exact
                #expect(abs(Double(turned.cosines[pair]) - cos(angle)) < 1e-7, "\(position)")
                #expect(abs(Double(turned.sines[pair]) - sin(angle)) < 1e-7, "\(position)")
            }
        }
    }

    @Test("The old spelling of the scaling means the same", arguments: cases)
    func oldSpellingMeansTheSame(golden: Case) throws {
        guard var parameters = try JSONSerialization.jsonObject(with: golden.parameters) as? [String: Any]
        else {
            return
        }
        let tiny = TinyLlama(headDimension: golden.headDimension, maxPositions: golden.maxPositions)
        let new = try tiny.write { config in
            config["rope_parameters"] = parameters
            golden.chooseFamily(&config)
        }
        let theta = parameters.removeValue(forKey: "rope_theta")
        let kind = parameters.removeValue(forKey: "rope_type")
        parameters["type"] = kind
        let old = try tiny.write { config in
            config["rope_theta"] = theta
            config["rope_scaling"] = parameters
            golden.chooseFamily(&config)
        }
        let newDescription = try ModelDescription(try Checkpoint.open(new.path))
        let oldDescription = try ModelDescription(try Checkpoint.open(old.path))
        #expect(oldDescription.specification == newDescription.specification)
    }
}
