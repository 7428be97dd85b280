import NuthatchCache
import Synchronization

/// A page's memory. It lives as long as the `TestPages` that made it: the optimiser lets go of an object after
/// its last mention, which is before the last use of its memory.
final class TestPage: Sendable {
    // Safe to share: a test writes it before it is handed out.
    nonisolated(unsafe) let memory: UnsafeMutableRawPointer
    let byteCount: Int

    fileprivate init(_ byteCount: Int) {
        memory = .allocate(byteCount: byteCount, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        self.byteCount = byteCount
    }

    deinit { memory.deallocate() }

    var bytes: [UInt8] { Array(UnsafeRawBufferPointer(start: memory, count: byteCount)) }

    /// As a number, so that a failed expectation does not print thousands of bytes.
    var digest: UInt64 { bytes.withUnsafeBytes { PageChecksum.of($0, seed: 0) } }
}

/// Makes pages and keeps them, and keeps what else has to live through a test.
final class TestPages: Sendable {
    private let pages = Mutex<[TestPage]>([])
    private let kept = Mutex<[any Sendable]>([])

    func empty(_ byteCount: Int) -> TestPage {
        let page = TestPage(byteCount)
        pages.withLock { $0.append(page) }
        return page
    }

    func filled(_ byteCount: Int, seed: UInt64) -> TestPage {
        let page = empty(byteCount)
        page.memory.copyMemory(from: ChecksumTests.bytes(byteCount, seed: seed), byteCount: byteCount)
        return page
    }

    func keep<Value: Sendable>(_ value: Value) -> Value {
        kept.withLock { $0.append(value) }
        return value
    }
}
