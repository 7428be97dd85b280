import Foundation
import NuthatchGeneration
import Testing

/// Which cache is recommended, of numbers that are given.
@Suite struct CacheRecommendationTests {
    private struct Given {
        var name: String
        var divergence = 0.001
        var longest = 1000
        var speed = 100.0
        var spread = 5.0
        var drops = false
        var judged = true
    }

    private func recommended(_ given: [Given], tolerance: Double = 0.01) throws -> String? {
        let entries = given.map { one in
            """
            {"name": "\(one.name)", "keys": "q8", "values": "q8", "retention": "full", "placement": "memory",
             "prefill": [], "decode": [{"depth": 9, "median": \(one.speed), "lowest": \(one.speed - one.spread),
             "highest": \(one.speed + one.spread)}], "bytes": [], "plannedBytes": [], "bitsPerValue": 8,
             "quality": {"meanKlDivergence": \(one.divergence), "highestKlDivergence": 1, "top1Agreement": 1,
             "perplexity": 2}, "longestContext": \(one.longest), "dropsTokens": \(one.drops), "judged": \(one.judged)}
            """
        }
        let decoded = try JSONDecoder().decode(
            [CacheComparison.Entry].self, from: Data("[\(entries.joined(separator: ","))]".utf8))
        return CacheComparison.recommendation(among: decoded, tolerance: tolerance)?.name
    }

    @Test func theLongestContextWins() throws {
        #expect(
            try recommended([
                Given(name: "short", longest: 900, speed: 500), Given(name: "long", longest: 1000),
            ]) == "long")
    }

    @Test func ofEquallyLongOnesTheFastest() throws {
        #expect(
            try recommended([Given(name: "slow", speed: 80), Given(name: "fast", speed: 100)]) == "fast")
    }

    @Test func ofOnesThatCannotBeToldApartTheCheapest() throws {
        #expect(
            try recommended([
                Given(name: "coarse", divergence: 0.009, speed: 101),
                Given(name: "fine", divergence: 0.0001, speed: 98),
            ]) == "fine")
    }

    @Test func whatCostsTooMuchDropsTokensOrHasNoRoomIsNone() throws {
        #expect(
            try recommended([
                Given(name: "costly", divergence: 0.011), Given(name: "window", drops: true),
                Given(name: "large", longest: 0), Given(name: "unknown", judged: false),
            ]) == nil)
        #expect(try recommended([]) == nil)
        #expect(try recommended([Given(name: "exact", divergence: 0)], tolerance: 0) == "exact")
    }
}
