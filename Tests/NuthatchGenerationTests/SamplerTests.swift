import Foundation
import NuthatchGeneration
import NuthatchTensors
import Testing

@Suite struct SamplerTests {
    private struct Golden: Decodable {
        struct Options: Decodable {
            var temperature: Float
            var topK: Int?
            var topP: Float?
            var minP: Float?
            var repetitionPenalty: Float?
        }
        var options: Options
        var logits: [Float]
        var seen: [TokenID]
        var probabilities: [String: Double]
    }

    private func sampler(_ options: Golden.Options, seed: UInt64 = 0) throws -> Sampler {
        Sampler(
            try SamplingOptions(
                temperature: options.temperature, topK: options.topK, topP: options.topP, minP: options.minP,
                repetitionPenalty: options.repetitionPenalty ?? 1, seed: seed))
    }

    @Test func whatIsNoNumberIsSeenAndNeverTraps() throws {
        let logits: [Float] = [1, 2, .nan, 3]
        for topP in [Float(0.9), 1] {
            var sampler = try sampler(Golden.Options(temperature: 1, topP: topP))
            let hasNaN = Sampler.hasNaN(logits.span)
            #expect(hasNaN)
            let token = sampler.sample(logits.span)
            #expect(logits.indices.contains(Int(token)))
        }
        let nothing = [Float](repeating: .nan, count: 5)
        var sampler = try sampler(Golden.Options(temperature: 1, topP: 0.5))
        let token = sampler.sample(nothing.span)
        #expect((0..<5).contains(token))
        let finite: [Float] = [0, -.infinity, 5]
        let isFinite = !Sampler.hasNaN(finite.span)
        #expect(isFinite)
    }

    @Test func keepsTheTokensThatTransformersKeepsWithTheirProbabilities() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Goldens/sampling.json")
        let goldens = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
        #expect(goldens.count == 12)
        for golden in goldens {
            var sampler = try sampler(golden.options)
            var logits = golden.logits
            let penalty = RepetitionPenalty(sampler.options.repetitionPenalty, behind: golden.seen)
            var span = logits.mutableSpan
            penalty.process(&span)
            let distribution = sampler.distribution(logits.span)
            let expected = Dictionary(
                uniqueKeysWithValues: golden.probabilities.compactMap { key, value in
                    TokenID(key).map { ($0, value) }
                })
            #expect(Set(distribution.keys) == Set(expected.keys), "\(golden.options)")
            for (token, probability) in expected {
                #expect(abs((distribution[token] ?? -1) - probability) < 1e-5, "\(golden.options)")
            }
        }
    }

    @Test func drawsEachTokenAsOftenAsItsProbabilitySays() throws {
        let options = try SamplingOptions(temperature: 1, seed: 42)
        var sampler = Sampler(options)
        let logits: [Float] = [0, 1, 2, -1, -.infinity]
        let total = logits.reduce(0) { $0 + exp(Double($1)) }
        var counts = [Int](repeating: 0, count: logits.count)
        let drawCount = 20_000
        for _ in 0..<drawCount {
            counts[Int(sampler.sample(logits.span))] += 1
        }
        for (logit, count) in zip(logits, counts) {
            // Five standard deviations of a binomial share over 20,000 draws stay below 0.018.
            #expect(abs(Double(count) / Double(drawCount) - exp(Double(logit)) / total) < 0.018)
        }
        #expect(counts[4] == 0)
    }

    @Test func theSameSeedDrawsTheSameTokens() throws {
        func draws(seed: UInt64) throws -> [TokenID] {
            var sampler = Sampler(try SamplingOptions(temperature: 1, seed: seed))
            return (0..<50).map { _ in
                let logits = (0..<100).map { Float($0 % 7) }
                return sampler.sample(logits.span)
            }
        }
        #expect(try draws(seed: 3) == draws(seed: 3))
        #expect(try draws(seed: 3) != draws(seed: 4))
    }

    @Test func greedyTakesTheLowestIdAmongEquals() {
        var sampler = Sampler(.greedy)
        var logits: [Float] = [1, 5, 5, 2]
        let first = sampler.sample(logits.span)
        #expect(first == 1)
        logits = [.nan, 1, 2]
        let second = sampler.sample(logits.span)
        #expect(second == 2)
    }

    @Test func generatorMatchesThePublishedAlgorithm() {
        // From the authors' C code, state filled by their SplitMix64 from seed 0.
        var generator = SeededGenerator(seed: 0)
        #expect(generator.next() == 11_091_344_671_253_066_420)
        #expect(generator.next() == 13_793_997_310_169_335_082)
        #expect(generator.next() == 1_900_383_378_846_508_768)
    }

    @Test(arguments: [
        (Float(-1), nil as Int?, nil as Float?), (.nan, nil, nil), (1, 0, nil), (1, nil, 0), (1, nil, 1.5),
    ])
    func refusesValuesOutOfRange(temperature: Float, topK: Int?, topP: Float?) {
        #expect(throws: NuthatchError.self) {
            try SamplingOptions(temperature: temperature, topK: topK, topP: topP)
        }
    }
}
