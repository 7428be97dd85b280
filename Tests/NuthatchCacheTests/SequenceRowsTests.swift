import NuthatchCache
import Testing

/// Rows that are reordered, selected and repeated, as beam search does, against naive twins that are simply copied.
@Suite struct SequenceRowsTests {
    private static let shape = Shape(
        queryHeadCount: 4, kvHeadCount: 2, keyDimension: 3, valueDimension: 2,
        retentions: [.full, .window(length: 5), .window(length: 40)])
    private static let memoryShape = Shape(
        queryHeadCount: 4, kvHeadCount: 2, keyDimension: 6, valueDimension: 2,
        retentions: [
            .full, .compressive(segmentLength: 24, rule: .delta),
            .sinks(count: 2, window: 7, positions: .trueDistance),
        ], parameters: AttentionParameters(scale: 0.25, memoryGates: [-1, 0, 0.5, 2]), isRotary: true)

    @Test(arguments: 0..<30)
    func groupsAreTheirTwins(seed: Int) throws {
        try play(Self.shape, try configuration(.dynamic), budget: nil, seed: seed)
    }

    @Test(arguments: 0..<20)
    func groupsWithMemoriesAndSinksAreTheirTwins(seed: Int) throws {
        let growth: Growth = seed % 2 == 0 ? .dynamic : .reserved(tokenCount: 150)
        try play(Self.memoryShape, try configuration(growth), budget: nil, seed: seed)
    }

    @Test(arguments: 0..<20)
    func reservedGroupsAreTheirTwins(seed: Int) throws {
        try play(Self.shape, try configuration(.reserved(tokenCount: 150)), budget: nil, seed: seed)
    }

    @Test(arguments: 0..<30)
    func refusalsChangeNothing(seed: Int) throws {
        let growth: Growth = seed % 2 == 0 ? .dynamic : .reserved(tokenCount: 150)
        let configuration = try configuration(growth)
        let plan = try CachePlan(configuration, layers: Self.shape.layers)
        let whole = try #require(plan.peakByteCount(contextLength: 150))
        try play(Self.shape, configuration, budget: whole * 7 / 2, seed: seed)
    }

    @Test func reservedRowsReorderWithinTheirOwnMemory() throws {
        let configuration = try configuration(.reserved(tokenCount: 100))
        let plan = try CachePlan(configuration, layers: Self.memoryShape.layers)
        let budget = try #require(plan.peakByteCount(contextLength: 100, sequenceCount: 4))
        let pool = PagePool(byteBudget: budget)
        let driver = Driver(Self.memoryShape)
        let group = SequenceRows(try rows(4, configuration, Self.memoryShape, pool))
        _ = try driver.pass(group.rows.enumerated().map { ($1, Token.sequence(30, seed: UInt64($0 + 1))) })
        let before = try group.rows.map { try $0.read(layer: 0) }
        #expect(pool.usage.live == budget)
        try group.reorder([2, 2, 0, 2])
        #expect(try group.rows.map { try $0.read(layer: 0) } == [before[2], before[2], before[0], before[2]])
        #expect(pool.usage.live == budget)
        #expect(throws: CacheError.self) { try group.repeatEach(2) }
        #expect(try group.rows.map { try $0.read(layer: 0) } == [before[2], before[2], before[0], before[2]])
        // What a row held before shows nowhere: all go on alike.
        let outputs = try driver.pass(group.rows.map { ($0, Token.sequence(20, seed: 9)) })
        #expect(outputs[0].bits == outputs[1].bits)
        #expect(outputs[0].bits == outputs[3].bits)
    }

    @Test func sharedPagesCountOnce() throws {
        let pool = PagePool()
        let group = SequenceRows(try rows(1, try configuration(.dynamic), Self.memoryShape, pool))
        _ = try Driver(Self.memoryShape).feed(Token.sequence(50), to: group.rows[0], chunk: 50)
        try group.repeatEach(5)
        #expect(group.rows.count == 5)
        #expect(group.byteCount == pool.usage.live)
        #expect(group.rows.reduce(0) { $0 + $1.byteCount } > group.byteCount)
        try group.select([])
        #expect(pool.usage.live == 0)
    }

    @Test func rowsThatAreNotThereAreRefused() throws {
        let group = SequenceRows(try rows(2, try configuration(.dynamic), Self.shape, PagePool()))
        let before = group.rows.map(ObjectIdentifier.init)
        for indices in [[0, 2], [-1, 0], [Int.max, Int.min]] {
            #expect(
                throws: CacheError.invalidRows(
                    reason:
                        "Row \(indices.first { !(0...1).contains($0) } ?? 0) was asked for; the group has 2.")
            ) { try group.reorder(indices) }
        }
        for (indices, rows) in [([Int](), "0 rows were"), ([0], "1 row was"), ([0, 1, 0], "3 rows were")] {
            #expect(
                throws: CacheError.invalidRows(
                    reason: "\(rows) named to reorder a group of 2.")
            ) { try group.reorder(indices) }
        }
        #expect(throws: CacheError.self) { try group.repeatEach(0) }
        #expect(group.rows.map(ObjectIdentifier.init) == before)
    }

    // MARK: Play

    private func configuration(_ growth: Growth) throws -> CacheConfiguration {
        try CacheConfiguration(
            keyStorage: .f32, valueStorage: .f32, growth: growth, pageLength: 16, chunkLength: 37)
    }

    private func rows(
        _ count: Int, _ configuration: CacheConfiguration, _ shape: Shape, _ pool: PagePool
    ) throws -> [SequenceCache] {
        try (0..<count).map { _ in try SequenceCache(configuration, layers: shape.layers, pool: pool) }
    }

    /// A group, its twins, and a row forked out of it that must not notice what becomes of the others.
    private func play(_ shape: Shape, _ configuration: CacheConfiguration, budget: Int?, seed: Int) throws {
        var generator = SeededGenerator(state: UInt64(seed) &* 86_028_121)
        let pool = PagePool(byteBudget: budget)
        let driver = Driver(shape)
        var group: SequenceRows<SequenceCache>? = SequenceRows(try rows(3, configuration, shape, pool))
        guard let beams = group else { return }
        var twins = beams.rows.map { _ in NaiveTwin(shape, configuration: configuration) }
        var strays: [(cache: SequenceCache, twin: NaiveTwin)] = []
        for step in 0..<80 {
            func pick(_ count: Int) -> [Int] {
                guard !twins.isEmpty else { return [] }
                return (0..<count).map { _ in Int.random(in: twins.indices, using: &generator) }
            }
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<4: try append(to: beams, &twins, driver, step, &generator)
            case 4, 5:
                let indices = pick(twins.count)
                if (try? beams.reorder(indices)) != nil { twins = indices.map { twins[$0] } }
            case 6:
                let indices = pick(Int.random(in: 1...4, using: &generator))
                if (try? beams.select(indices)) != nil { twins = indices.map { twins[$0] } }
            case 7 where twins.count <= 3:
                if (try? beams.repeatEach(2)) != nil { twins = twins.flatMap { [$0, $0] } }
            case 8:
                guard let row = pick(1).first else { break }
                let count = max(0, twins[row].tokens.count - Int.random(in: 0...30, using: &generator))
                #expect(beams.rows[row].truncate(to: count) == twins[row].truncate(to: count))
            default:
                if strays.count > 1 { strays.removeFirst() }
                guard let row = pick(1).first, let fork = try? beams.rows[row].fork() else { break }
                strays.append((fork, twins[row]))
            }
            try expectEqual(beams, twins, shape, step)
            for stray in strays where step % 8 == 7 {
                try expectEqual(SequenceRows([stray.cache]), [stray.twin], shape, step)
            }
            var census = PageCensus()
            for row in beams.rows + strays.map(\.cache) { row.count(in: &census) }
            #expect(census.byteCount == pool.usage.live, "step \(step)")
        }
        group = nil
    }

    /// One pass for all rows, with tokens of their own.
    private func append(
        to beams: SequenceRows<SequenceCache>, _ twins: inout [NaiveTwin], _ driver: Driver, _ step: Int,
        _ generator: inout SeededGenerator
    ) throws {
        let count = Int.random(in: 1...20, using: &generator)
        let tokens = twins.indices.map { Token.sequence(count, seed: UInt64(step * 10 + $0 + 1)) }
        do {
            let outputs = try driver.pass(zip(beams.rows, tokens).map { ($0, $1) })
            let shape = driver.shape
            let width = shape.queryHeadCount * shape.valueDimension
            for (index, tokens) in tokens.enumerated() {
                twins[index].append(tokens)
                for layer in shape.retentions.indices {
                    let last = ((layer + 1) * count - 1) * width
                    let expected = twins[index].lastOutput(layer: layer)
                    let isNear = zip(outputs[index][last..<last + width], expected)
                        .allSatisfy { abs(Double($0) - $1) < 1e-5 }
                    #expect(isNear, "step \(step), row \(index), layer \(layer)")
                }
            }
        } catch let error as CacheError {
            switch error {
            case .full, .outOfMemory: break
            default: Issue.record(error)
            }
        }
    }

    private func expectEqual(
        _ beams: SequenceRows<SequenceCache>, _ twins: [NaiveTwin], _ shape: Shape, _ step: Int
    ) throws {
        #expect(beams.rows.count == twins.count, "step \(step)")
        for (index, (row, twin)) in zip(beams.rows, twins).enumerated() {
            #expect(row.tokenCount == twin.tokens.count, "step \(step), row \(index)")
            for layer in shape.retentions.indices {
                let isEqual = try row.read(layer: layer) == twin.contents(layer: layer)
                #expect(isEqual, "step \(step), row \(index), layer \(layer)")
            }
        }
    }
}
