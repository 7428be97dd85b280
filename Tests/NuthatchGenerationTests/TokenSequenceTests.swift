import NuthatchGeneration
import NuthatchTensors
import NuthatchTestSupport
import Testing

/// The open sequence: past keys and values out of one and into another, positions, hidden states, attentions.
@Suite struct TokenSequenceTests {
    private let prompt: [TokenID] = (0..<40).map { TokenID($0 * 7 % 50 + 3) }
    private let longer: [TokenID] = (0..<150).map { TokenID($0 * 7 % 50 + 3) }

    private func model() async throws -> (LanguageModel, TemporaryDirectory) {
        let tiny = TinyLlama(
            maxPositions: 256, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize)
        let directory = try tiny.write()
        try TinyTokenizer.write(to: directory, addsBeginning: false)
        return (
            try await LanguageModel.load(at: directory.path, options: LoadOptions(threadCount: 2)), directory
        )
    }

    @Test(
        "Keys and values that go from one sequence to another go on with the same bits",
        arguments: [
            .default, .halfFloats, try CacheOptions(keys: .f32, values: .f32),
            try CacheOptions(retention: .window(length: 24)),
            try CacheOptions(keys: .f16, values: .f16, retention: .window(length: 24)),
            try CacheOptions(retention: .sinks(count: 2, window: 16, positions: .trueDistance)),
        ])
    func keysAndValuesGoOn(cache: CacheOptions) async throws {
        let (model, _) = try await model()
        let origin = try TokenSequence(model, cache: cache)
        _ = try await origin.append(prompt)
        var past: [KeysAndValues] = []
        for layer in 0..<2 { past.append(try await origin.keysAndValues(layer: layer)) }
        let next = try await origin.append([9, 8, 7])
        #expect(next.positions == 40..<43)

        let restored = try TokenSequence(model, cache: cache)
        try await restored.restore(prompt, past)
        #expect(await restored.tokens == prompt)
        let again = try await restored.append([9, 8, 7])
        #expect(again.logits.map(\.bitPattern) == next.logits.map(\.bitPattern))
    }

    @Test("Full pages go on with the same bits in exact numbers, and in codes that are made anew by default")
    func fullPagesGoOn() async throws {
        let (model, _) = try await model()
        for cache in [CacheOptions.halfFloats, .default] {
            let origin = try TokenSequence(model, cache: cache)
            _ = try await origin.append(longer)
            var past: [KeysAndValues] = []
            for layer in 0..<2 { past.append(try await origin.keysAndValues(layer: layer)) }
            let restored = try TokenSequence(model, cache: cache)
            try await restored.restore(longer, past)
            let found = try await restored.keysAndValues(layer: 1)
            // A code stands for a step of its group, which is at most a 255th of all numbers' range.
            for (found, given) in [(found.keys, past[1].keys), (found.values, past[1].values)] {
                let range = (given.max() ?? 0) - (given.min() ?? 0)
                #expect(zip(found, given).allSatisfy { abs($0 - $1) <= range / 255 })
            }
            let next = try await origin.append([9, 8, 7]).logits
            let again = try await restored.append([9, 8, 7]).logits
            if cache == .halfFloats { #expect(again.map(\.bitPattern) == next.map(\.bitPattern)) }
        }
    }

    @Test("Tokens are taken back anywhere in exact pages, and by default to the beginning of a full one")
    func takenBack() async throws {
        let (model, _) = try await model()
        for (cache, left) in [(CacheOptions.halfFloats, 100), (.default, 64)] {
            let sequence = try TokenSequence(model, cache: cache)
            _ = try await sequence.append(longer)
            // 128 tokens are in full pages.
            #expect(await sequence.truncate(to: 140) == 140)
            #expect(await sequence.truncate(to: 128) == 128)
            #expect(await sequence.truncate(to: 100) == left)
            #expect(await sequence.tokens == Array(longer[..<left]))
            let again = try await sequence.append(Array(longer[left...]))
            let fresh = try TokenSequence(model, cache: cache)
            let all = try await fresh.append(longer)
            #expect(
                again.logits.map(\.bitPattern)
                    == all.logits.suffix(again.logits.count).map(\.bitPattern))
        }
    }

    @Test("Hidden states and attentions have the shapes they are said to have, and shares add up")
    func shapes() async throws {
        let (model, _) = try await model()
        let sequence = try TokenSequence(model)
        let plain = try await sequence.append(Array(prompt.prefix(5)))
        #expect(plain.hiddenStates.isEmpty && plain.attentions.isEmpty)
        #expect(plain.logits.count == 5 * model.vocabularySize)
        let step = try await sequence.append(
            Array(prompt[5..<9]), observing: [.hiddenStates, .attentions])
        let shape = sequence.shape
        #expect(step.hiddenStates.count == shape.layerCount + 1)
        #expect(step.hiddenStates.allSatisfy { $0.count == 4 * shape.hiddenSize })
        #expect(step.attentions.count == shape.layerCount)
        for attentions in step.attentions {
            #expect(attentions.count == shape.queryHeadCount * 4 * 9)
            for row in stride(from: 0, to: attentions.count, by: 9) {
                #expect(abs(attentions[row..<row + 9].reduce(0, +) - 1) < 1e-5)
            }
            // The first of the rows stands at position 5 and doesn't look ahead.
            #expect(attentions[6..<9].allSatisfy { $0 == 0 })
        }
    }

    @Test("What doesn't fit is refused and leaves the sequence as it was")
    func refusals() async throws {
        let (model, _) = try await model()
        let sequence = try TokenSequence(model)
        let origin = try TokenSequence(model)
        _ = try await origin.append(prompt)
        let past = [try await origin.keysAndValues(layer: 0), try await origin.keysAndValues(layer: 1)]
        await #expect(throws: NuthatchError.self) { try await sequence.append([]) }
        await #expect(throws: NuthatchError.self) { try await sequence.append([TokenID.max]) }
        await #expect(throws: NuthatchError.self) { try await sequence.keysAndValues(layer: 2) }
        await #expect(throws: NuthatchError.self) { try await sequence.restore(prompt, [past[0]]) }
        await #expect(throws: NuthatchError.self) { try await sequence.restore(prompt + [1], past) }
        let short = KeysAndValues(
            headCount: past[1].headCount, keyDimension: past[1].keyDimension,
            valueDimension: past[1].valueDimension, positions: past[1].positions,
            keys: Array(past[1].keys.dropLast()), values: past[1].values)
        let error = await #expect(throws: NuthatchError.self) {
            try await sequence.restore(prompt, [past[0], short])
        }
        #expect(error?.message.contains("Layer 1") == true)
        #expect(await sequence.tokens.isEmpty)
        try await sequence.restore(prompt, past)
        await #expect(throws: NuthatchError.self) { try await sequence.restore(prompt, past) }
        #expect(await sequence.truncate(to: 10) == 10)
        #expect(await sequence.tokens == Array(prompt.prefix(10)))
    }
}
