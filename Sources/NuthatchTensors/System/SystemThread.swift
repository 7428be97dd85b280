import CNuthatchKernels

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread of the operating system, to be joined or detached.
///
/// Workers spin and wait on each other, and other work keeps a core busy for long, both of which Swift's cooperative
/// pool forbids; so these are threads of our own.
package struct SystemThread: @unchecked Sendable {
    // Reason: a handle is a plain identifier; pthread_join and pthread_detach may be called from any thread.
    private let handle: pthread_t

    package enum Stack: Int {
        /// For kernels, with their small frames: 1 MiB, eight times what musl gives.
        case shallow = 0x10_0000
        /// For everything else: what a program's first thread has. The system lends what is touched of it.
        case deep = 0x80_0000
    }

    /// Starts `body` on a new thread; nil if the system has no thread left to give.
    ///
    /// - Parameter name: for debuggers and `top -H`; Linux takes 15 bytes at most.
    package init?(_ name: String, stack: Stack, _ body: @escaping @Sendable () -> Void) {
        let box = Unmanaged.passRetained(Entry(name, body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, stack.rawValue)
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
                Unmanaged<Entry>.fromOpaque(argument).takeRetainedValue().run()
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

    /// Lets it end by itself.
    package func detach() {
        pthread_detach(handle)
    }

    /// A number that no other living thread has.
    package static var currentNumber: UInt {
        #if canImport(Darwin) || canImport(Musl)
            UInt(bitPattern: pthread_self())
        #else
            UInt(pthread_self())
        #endif
    }

    /// Lets another thread run on this core.
    package static func yield() {
        sched_yield()
    }

    private final class Entry: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            nuthatch_name_thread(name)
            body()
        }
    }
}

extension SystemThread {
    /// What `body` returns or throws, computed on a thread of its own while the caller's task waits.
    ///
    /// - Throws: what `body` throws; `TensorError.noThread`.
    package static func value<Value: Sendable>(
        _ name: String, of body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let thread = SystemThread(name, stack: .deep) {
                continuation.resume(with: Result(catching: body))
            }
            guard let thread else {
                return continuation.resume(throwing: TensorError.noThread(name: name))
            }
            thread.detach()
        }
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
