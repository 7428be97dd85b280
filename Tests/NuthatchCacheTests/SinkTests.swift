import NuthatchCache
import Testing

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Attention sinks and a window (StreamingLLM, arXiv:2309.17453).
@Suite struct SinkTests {
    struct Setting: Sendable, CustomTestStringConvertible {
        let count: Int
        let window: Int
        let positions: Retention.SinkPositions

        var testDescription: String { "\(count) sinks, window \(window), \(positions)" }

        var shape: Shape {
            Shape(
                keyDimension: 12, valueDimension: 20,
                retentions: [.sinks(count: count, window: window, positions: positions)], isRotary: true)
        }
    }

    static let settings = Retention.SinkPositions.allCases.flatMap { positions in
        [1, 4, 70].flatMap { count in
            [1, 5, 64, 100, 10_000].map { Setting(count: count, window: $0, positions: positions) }
        }
    }

    /// Sinks and several windows.
    static let tokenCount = 330

    @Test(arguments: settings)
    func outputsAreThoseOfTokensThatStandSideBySide(setting: Setting) throws {
        let ours = try outputs(setting, pageLength: 64, chunk: Self.tokenCount)
        let width = setting.shape.queryHeadCount * setting.shape.valueDimension
        let tokens = Token.sequence(Self.tokenCount)
        for position in stride(from: 0, to: Self.tokenCount, by: 3) {
            let expected = Self.output(setting, tokens, position)
            for (ours, expected) in zip(ours[position * width..<(position + 1) * width], expected) {
                #expect(abs(Double(ours) - expected) < 2e-6, "position \(position)")
            }
        }
    }

    @Test(arguments: settings)
    func chunksThreadsAndInstructionSetsDoNotMatter(setting: Setting) throws {
        for pageLength in [16, 64] {
            let whole = try outputs(setting, pageLength: pageLength, chunk: Self.tokenCount).bits
            for (chunk, workerCount) in [(1, 2), (7, 1), (7, 3), (64, 2), (100, 1)] {
                let bits = try outputs(
                    setting, pageLength: pageLength, chunk: chunk, workerCount: workerCount
                ).bits
                #expect(bits == whole, "chunks of \(chunk), pages of \(pageLength)")
            }
            for kernels in AttentionKernels.available {
                let bits = try outputs(setting, pageLength: pageLength, chunk: 64, kernels: kernels).bits
                #expect(bits == whole, "\(kernels.name)")
            }
        }
    }

    @Test func sequencesWithAndWithoutDistantPositionsShareAPass() throws {
        let shape = Self.settings[0].shape
        let driver = Driver(shape, workerCount: 2)
        let tokens = Token.sequence(60)
        let caches = try Retention.SinkPositions.allCases.map { positions in
            try cache(Setting(count: 4, window: 9, positions: positions), pageLength: 16)
        }
        let alone = try caches.map { try driver.feed(tokens, to: try $0.fork(), chunk: 60) }
        var together: [[Float]] = [[], []]
        for start in stride(from: 0, to: 60, by: 5) {
            let part = Array(tokens[start..<start + 5])
            for (index, output) in try driver.pass(caches.map { ($0, part) }).enumerated() {
                together[index] += output
            }
        }
        #expect(together.map(\.bits) == alone.map(\.bits))
        #expect(together[0].bits != together[1].bits)
    }

    /// The rewind wants more open pages than a short window left.
    @Test(arguments: [1, 10, 16, 17, 20, 33, 90, 99])
    func sinksOutliveARewind(count: Int) throws {
        let shape = Shape(
            retentions: [.sinks(count: 2, window: 1, positions: .trueDistance)], isRotary: true)
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, pageLength: 16, guaranteedRewind: 9)
        let driver = Driver(shape)
        let tokens = Token.sequence(100)
        let (rewound, fresh) = (
            try SequenceCache(configuration, layers: shape.layers, pool: PagePool()),
            try SequenceCache(configuration, layers: shape.layers, pool: PagePool())
        )
        _ = try driver.feed(tokens, to: rewound, chunk: 30)
        #expect(rewound.truncate(to: count) == .exact)
        _ = try driver.feed(Array(tokens[..<rewound.tokenCount]), to: fresh, chunk: 100)
        let other = Token.sequence(70, seed: 3)
        #expect(
            try driver.feed(other, to: rewound, chunk: 13).bits
                == driver.feed(other, to: fresh, chunk: 70).bits)
    }

    @Test func layersThatLookFromDifferentPositionsMakeNoCache() {
        let shape = Shape(retentions: [
            .full, .sinks(count: 4, window: 10, positions: .inCache),
            .sinks(count: 4, window: 11, positions: .inCache),
        ])
        #expect(
            throws: CacheError.invalidConfiguration(
                reason:
                    "Queries look beyond their windows from position 13 in layer 1 and from position 14 in "
                    + "layer 2; one cache has one such position.",
                remedy: "Ask for one retention for all layers, or for sinks at their true positions.")
        ) { try CachePlan(CacheConfiguration(), layers: shape.layers) }
    }

    /// One token's output as the paper describes it: what is left of the sequence moves together, and its keys and
    /// the query are turned by where they now stand.
    private static func output(_ setting: Setting, _ tokens: [Token], _ position: Int) -> [Double] {
        let shape = setting.shape
        let first = max(0, position - setting.window + 1)
        let seen = Array(0..<min(setting.count, first)) + Array(first...position)
        let places = setting.positions == .inCache ? Array(seen.indices) : seen
        func head(_ kind: Token.Kind, _ position: Int, _ head: Int) -> [Double] {
            let dimension = shape.size(of: kind).dimension
            return (0..<dimension).map {
                Double(
                    tokens[position].number(
                        kind, position: position, layer: 0, index: head * dimension + $0))
            }
        }
        return (0..<shape.queryHeadCount).flatMap { queryHead in
            let kvHead = queryHead / (shape.queryHeadCount / shape.kvHeadCount)
            let query = shape.turned(head(.query, position, queryHead), by: places[places.count - 1])
            let scores = zip(seen, places).map { position, place in
                let key = shape.turned(head(.key, position, kvHead), by: place)
                return zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } * Double(shape.parameters.scale)
            }
            let largest = scores.max() ?? 0
            let weights = scores.map { exp($0 - largest) }
            let sum = weights.reduce(0, +)
            var output = [Double](repeating: 0, count: shape.valueDimension)
            for (weight, position) in zip(weights, seen) {
                for (dimension, value) in head(.value, position, kvHead).enumerated() {
                    output[dimension] += weight / sum * value
                }
            }
            return output
        }
    }

    private func outputs(
        _ setting: Setting, pageLength: Int, chunk: Int, workerCount: Int = 1,
        kernels: AttentionKernels = .best
    ) throws -> [Float] {
        try Driver(setting.shape, workerCount: workerCount, kernels: kernels).feed(
            Token.sequence(Self.tokenCount), to: try cache(setting, pageLength: pageLength), chunk: chunk)
    }

    private func cache(_ setting: Setting, pageLength: Int) throws -> SequenceCache {
        let configuration = try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, pageLength: pageLength)
        return try SequenceCache(configuration, layers: setting.shape.layers, pool: PagePool())
    }
}
