import NuthatchCache
import NuthatchModels
import NuthatchTensors
import NuthatchTokenizers

/// The steps of an `Explanation`, on the engine thread of what is looked at: passes of their own, each with a probe.
actor ExplanationRun {
    /// What is asked.
    struct Question: Sendable {
        var scenario: ExplanationScenario?
        var prompt: [TokenID]
        /// Fed in place of what is chosen, as long as there are any.
        var given: [TokenID]
        var stepCount: Int
        var computesCached = true
        var layer: Int
        var head: Int
        var cache: CacheOptions
        var remarks: [String] = []
    }

    private let network: ExplainedNetwork
    private let question: Question
    nonisolated var unownedExecutor: UnownedSerialExecutor { network.engine.executor }
    private let cached: SequenceCache
    private let uncached: SequenceCache
    /// [position]: how many passes read the token's query, and its key and value.
    private var queryReadCounts: [Int] = []
    private var keyReadCounts: [Int] = []

    init(_ network: ExplainedNetwork, _ question: Question) throws {
        self.network = network
        self.question = question
        let layers = network.decoder.layerGeometries
        let configuration = try question.cache.configuration(layers: layers, context: network.decoder.context)
        cached = try SequenceCache(configuration, layers: layers, pool: network.engine.pages)
        uncached = try SequenceCache(configuration, layers: layers, pool: network.engine.pages)
    }

    func explain() throws -> Explanation {
        var tokens = question.prompt
        var given = question.given[...]
        var steps: [Explanation.Step] = []
        for index in 0..<question.stepCount {
            let next = try step(index, tokens, given: given.popFirst(), steps: &steps)
            if let next { tokens.append(next) }
        }
        return Explanation(
            scenario: question.scenario?.rawValue, model: network.name, sizes: network.sizes,
            layer: question.layer,
            head: question.head,
            cache: "keys \(question.cache.keys.rawValue), values \(question.cache.values.rawValue)",
            steps: steps, uses: uses(of: tokens), remarks: question.remarks)
    }

    /// One step both ways; returns the token that follows.
    private func step(
        _ index: Int, _ tokens: [TokenID], given: TokenID?, steps: inout [Explanation.Step]
    ) throws -> TokenID? {
        uncached.reset()
        let anew = try pass(tokens[...], into: uncached)
        let ongoing =
            try question.computesCached ? pass(tokens[cached.tokenCount...], into: cached) : nil
        let logits = ongoing?.logits ?? anew.logits
        let chosen = given ?? GreedyToken.top(logits)
        let shares = Self.softmax(logits)
        steps.append(
            Explanation.Step(
                index: index, tokenCount: tokens.count, cached: ongoing?.pass, uncached: anew.pass,
                logitsAreEqual: ongoing.map { $0.logits.map(\.bitPattern) == anew.logits.map(\.bitPattern) },
                next: network.token(chosen), probability: shares[Int(chosen)], isGiven: given != nil))
        note((ongoing ?? anew).pass)
        return chosen
    }

    /// Computes tokens behind what a cache holds, and looks at it.
    private func pass(
        _ tokens: ArraySlice<TokenID>, into cache: SequenceCache
    ) throws -> (pass: Explanation.Pass, logits: [Float]) {
        let decoder = network.decoder
        let before = cache.tokenCount
        let probe = try PassProbe(
            ProbePoint.all(layer: question.layer), of: decoder, rowCount: tokens.count)
        let tally = network.engine.workers.tally
        _ = try network.runner.run([PassEntry(cache, tokens)], probe: probe)[0].get()
        var counted = network.engine.workers.tally - tally
        let work = decoder.work(rowCount: tokens.count, behind: before, in: cache.plan)
        if decoder.choosesExperts {
            // Which weights of experts are read depends on the tokens; the count alone knows.
            counted.weightByteCount = work.weightByteCount
        }
        let width = before + tokens.count
        let rows = (question.head * tokens.count..<(question.head + 1) * tokens.count).map { row in
            row * width..<(row + 1) * width
        }
        let scores = probe.scores[question.layer] ?? []
        let attentions = probe.attentions[question.layer] ?? []
        return (
            Explanation.Pass(
                inputs: tokens.map(network.token), cachedTokenCount: before,
                shapes: shapes(of: probe, rowCount: tokens.count),
                scores: rows.map { scores[$0].map { $0.isFinite ? $0 : nil } },
                attentions: rows.map { Array(attentions[$0]) }, work: Explanation.Work(work),
                countedWork: Explanation.Work(counted), keptByteCount: cache.byteCount),
            probe.logits
        )
    }

    // MARK: Shapes

    /// The sizes of what the probe saw, measured and not stated: counts of numbers by the sizes of heads.
    private func shapes(of probe: PassProbe, rowCount: Int) -> [Explanation.Shape] {
        let decoder = network.decoder
        let layer = question.layer
        let geometry = decoder.layerGeometries[layer]
        let turned = ProbePoint(.rotated, layer: layer)
        let queryCount = probe.width(turned, .queries) / geometry.keyDimension
        func heads(_ name: String, _ count: Int, _ rowCount: Int, _ dimension: Int) -> Explanation.Shape {
            Explanation.Shape(
                name: name, dimensions: [1] + (queryCount > 1 ? [count] : []) + [rowCount, dimension])
        }
        let contents = probe.contents[layer]
        let heldCount = contents?.positions.count ?? 0
        let scoreCount = (probe.scores[layer]?.count ?? 0) / max(1, queryCount * rowCount)
        return [
            Explanation.Shape(name: "input", dimensions: [1, rowCount]),
            Explanation.Shape(
                name: "embedding", dimensions: [1, rowCount, probe.width(ProbePoint(.embedding))]),
            heads("Q", queryCount, rowCount, geometry.keyDimension),
            heads(
                "K", probe.width(turned, .keys) / geometry.keyDimension, rowCount, geometry.keyDimension),
            heads(
                "V", probe.width(turned, .values) / geometry.valueDimension, rowCount,
                geometry.valueDimension),
            heads(
                "cached K", geometry.kvHeadCount, heldCount,
                (contents?.keys.count ?? 0) / max(1, geometry.kvHeadCount * heldCount)),
            heads(
                "cached V", geometry.kvHeadCount, heldCount,
                (contents?.values.count ?? 0) / max(1, geometry.kvHeadCount * heldCount)),
            heads("scores", queryCount, rowCount, scoreCount),
            Explanation.Shape(
                name: "output", dimensions: [1, rowCount, probe.width(ProbePoint(.output, layer: layer))]),
            Explanation.Shape(name: "logits", dimensions: [1, 1, probe.logits.count]),
        ]
    }

    // MARK: Uses

    /// Counts which tokens' vectors a pass read, from what its rows looked at.
    private func note(_ pass: Explanation.Pass) {
        let count = pass.cachedTokenCount + pass.inputs.count
        while queryReadCounts.count < count {
            queryReadCounts.append(0)
            keyReadCounts.append(0)
        }
        for row in pass.inputs.indices { queryReadCounts[pass.cachedTokenCount + row] += 1 }
        for position in 0..<count where pass.scores.contains(where: { $0[position] != nil }) {
            keyReadCounts[position] += 1
        }
    }

    private func uses(of tokens: [TokenID]) -> [Explanation.VectorUse] {
        zip(queryReadCounts, keyReadCounts).enumerated().map { position, counts in
            Explanation.VectorUse(
                position: position, token: network.token(tokens[position]), queryReadCount: counts.0,
                keyReadCount: counts.1)
        }
    }

    // MARK: Logits

    private static func softmax(_ logits: [Float]) -> [Double] {
        let highest = logits.max() ?? 0
        let weights = logits.map { RealFunctions.exponential(Double($0) - Double(highest)) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }
}
