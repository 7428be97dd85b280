#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A joinable thread of the operating system.
///
/// Workers spin and wait on each other, which Swift's cooperative pool forbids; so they are threads of our own.
package struct SystemThread: @unchecked Sendable {
    // Reason: a handle is a plain identifier; pthread_join, its only use, may be called from any thread.
    private let handle: pthread_t

    /// Workers run kernels with small frames; 1 MiB is the smallest default among the systems we build for times 8
    /// (musl gives 128 KiB).
    private static let stackByteCount = 1 << 20

    /// Starts `body` on a new thread; nil if the system has no thread left to give.
    package init?(_ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Entry(body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackByteCount)
        defer { pthread_attr_destroy(&attributes) }
        #if canImport(Darwin) || canImport(Musl)
            var handle: pthread_t?
        #else
            var handle = pthread_t()
        #endif
        let code = pthread_create(
            &handle, &attributes,
            { argument in
                let argument: UnsafeMutableRawPointer? = argument
                guard let argument else { return nil }
                Unmanaged<Entry>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            box.release()
            return nil
        }
        #if canImport(Darwin) || canImport(Musl)
            guard let handle else { return nil }
        #endif
        self.handle = handle
    }

    package func join() {
        pthread_join(handle, nil)
    }

    /// Lets another thread run on this core.
    static func yield() {
        sched_yield()
    }

    private final class Entry: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// A mutex with a condition: where idle threads sleep. Lives at one address, for the system remembers it.
package struct Parking: ~Copyable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    package init() {
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    /// Sleeps until `isAwaited` is false; it is asked under the lock, at first and after each wake.
    package func sleep(while isAwaited: () -> Bool) {
        pthread_mutex_lock(mutex)
        while isAwaited() { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }

    /// Wakes all sleepers. Taking the lock orders this after a sleeper's question and before its sleep, or after both.
    package func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }
}
