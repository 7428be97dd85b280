import NuthatchCache
import NuthatchTestSupport
import Testing

@Suite struct FreeExtentsTests {
    @Test func neighboursGrowTogether() {
        var free = FreeExtents()
        free.give(0..<10)
        free.give(20..<30)
        free.give(40..<50)
        #expect(free.extents == [0..<10, 20..<30, 40..<50])
        free.give(10..<20)
        #expect(free.extents == [0..<30, 40..<50])
        free.give(30..<40)
        #expect(free.extents == [0..<50])
        free.give(50..<50)
        #expect(free.extents == [0..<50])
    }

    @Test func takingIsFirstFit() {
        var free = FreeExtents()
        #expect(free.take(1) == nil)
        free.give(0..<10)
        free.give(20..<40)
        #expect(free.take(15) == 20)
        #expect(free.take(4) == 0)
        #expect(free.take(6) == 4)
        #expect(free.take(6) == nil)
        #expect(free.take(5) == 35)
        #expect(free.extents.isEmpty)
    }

    @Test(arguments: 0..<20)
    func itIsAListOfFreeBytes(seed: UInt64) {
        var numbers = NuthatchTestSupport.SeededGenerator(seed: seed)
        var isFree = [Bool](repeating: false, count: 200)
        var free = FreeExtents()
        var used = [0..<200]
        for _ in 0..<500 {
            if Bool.random(using: &numbers), let index = used.indices.randomElement(using: &numbers) {
                let extent = used.remove(at: index)
                free.give(extent)
                for byte in extent { isFree[byte] = true }
            } else {
                let count = Int.random(in: 1...30, using: &numbers)
                if let offset = free.take(count) {
                    #expect(isFree[offset..<offset + count].allSatisfy { $0 })
                    for byte in offset..<offset + count { isFree[byte] = false }
                    used.append(offset..<offset + count)
                } else {
                    let longest = isFree.split(separator: false).map(\.count).max() ?? 0
                    #expect(longest < count, "what fits is found")
                }
            }
            var expected: [Range<Int>] = []
            for (byte, isFree) in isFree.enumerated() where isFree {
                if expected.last?.upperBound == byte {
                    expected[expected.count - 1] = expected[expected.count - 1].lowerBound..<byte + 1
                } else {
                    expected.append(byte..<byte + 1)
                }
            }
            #expect(free.extents == expected)
            #expect(free.byteCount == isFree.filter { $0 }.count)
        }
    }
}
