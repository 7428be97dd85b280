import NuthatchCache
import NuthatchTensors
import Testing

/// States that wait to be merged are bounded, whatever a pass is made of, and no bit shows where the bound was met.
@Suite struct SplitBoundTests {
    private let shape = Shape(retentions: [.full])

    private func cache() throws -> SequenceCache {
        try SequenceCache(
            try CacheConfiguration(keyStorage: .f16, valueStorage: .f16), layers: shape.layers,
            pool: PagePool())
    }

    @Test("States come out of the budget of the pages; where it has no room for them no bit changes")
    func budget() throws {
        let tokens = Token.sequence(1_500, seed: 3)
        let plan = try cache().plan
        let pages = try #require(plan.byteCount(tokenCount: 0, newTokenCount: 1_600))
        let states = plan.splitByteCount(
            tokenCount: 1_500, sequenceCount: 1, queryHeadCount: shape.queryHeadCount)
        #expect(states > 0)
        var outputs: [[UInt32]] = []
        for (budget, hasRoom) in [(pages + states, true), (pages, false)] {
            let pool = PagePool(byteBudget: budget)
            let driver = Driver(shape, workerCount: 2, pages: pool)
            let cache = try SequenceCache(
                try CacheConfiguration(keyStorage: .f16, valueStorage: .f16), layers: shape.layers, pool: pool
            )
            try driver.append(Array(tokens[..<1_400]), to: cache)
            outputs.append(try driver.pass([(cache, Array(tokens[1_400..<1_432]))])[0].bits)
            #expect((pool.usage.scratch > 0) == hasRoom)
            #expect(pool.usage.scratch <= states)
            #expect(pool.usage.peak <= budget)
            driver.workspace.releaseSplits()
            #expect(pool.usage.scratch == 0)
        }
        #expect(outputs[0] == outputs[1])
    }

    @Test("Blocks at long contexts, and batches of many, have the bits of tokens that came one by one")
    func bound() throws {
        let driver = Driver(shape, workerCount: 2)
        // 32 tokens x 130 splits are beyond an entry's bound; three entries of 120 splits each beyond a pass's.
        for (length, count) in [(33_100, 1), (30_700, 3)] {
            let history = Token.sequence(length, seed: 7)
            let block = Token.sequence(32, seed: 9)
            let origin = try cache()
            for start in stride(from: 0, to: length, by: 4_096) {
                try driver.append(Array(history[start..<min(length, start + 4_096)]), to: origin)
            }
            let alone = try origin.fork()
            let expected = try block.flatMap { token in try driver.pass([(alone, [token])])[0] }
            let caches = try (0..<count).map { _ in try origin.fork() }
            for output in try driver.pass(caches.map { ($0, block) }) {
                #expect(output.bits == expected.bits)
            }
        }
    }
}
