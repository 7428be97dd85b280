import NuthatchTensors
import Testing

@Suite struct SystemThreadTests {
    private struct Refusal: Error, Equatable { let reason: String }

    @Test func aTaskWaitsForWhatAThreadReturns() async throws {
        let values = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<8 {
                group.addTask { try await SystemThread.value("nuthatch-test") { number * number } }
            }
            return try await group.reduce(0, +)
        }
        #expect(values == 140)
    }

    @Test func aTaskIsToldWhatAThreadThrows() async {
        await #expect(throws: Refusal(reason: "no")) {
            try await SystemThread.value("nuthatch-test") { throw Refusal(reason: "no") }
        }
    }

    /// As deep as a program's first thread may go; a shallow stack ends at an eighth of it.
    @Test func aDeepStackIsDeep() async throws {
        @Sendable func descend(_ depth: Int) -> Int {
            withUnsafeTemporaryAllocation(byteCount: 1000, alignment: 16) { bytes in
                bytes[depth % 1000] = 1
                return depth == 0 ? Int(bytes[0]) : Int(bytes[depth % 1000]) + descend(depth - 1)
            }
        }
        #expect(try await SystemThread.value("nuthatch-test") { descend(4000) } == 4001)
    }
}
