#if canImport(Glibc)
    import NuthatchCache
    import NuthatchCheckpoints
    import NuthatchModels
    import NuthatchTensors
    import NuthatchTestSupport
    import Testing

    /// A decode step asks nobody for memory, on any thread.
    @Suite(.enabled(if: AllocationMeter.isThere)) struct AllocationTests {
        /// What a step that begins pages may ask for where a cache grows on demand. Of each page: the object, its
        /// memory, and longer lists of the layer's pages and their addresses.
        static let mostRequestsPerPage = 4
        /// Requests that each sequence may make: the lists of what the pool is asked for and gives.
        static let mostRequestsPerSequence = 4

        @Test("Arrays and objects count, on every worker")
        func countingCounts() {
            struct Allocating: WorkerProgram {
                let lengths: UnsafeMutablePointer<Int>

                func run(on worker: Worker) {
                    lengths[worker.index] = Array(repeating: worker.index, count: 100 + worker.count).count
                }
            }
            final class Object {
                var number = 1
            }
            let pool = WorkerPool(workerCount: 3)
            let meter = AllocationMeter(pool)
            let lengths = UnsafeMutablePointer<Int>.allocate(capacity: 3)
            lengths.initialize(repeating: 0, count: 3)
            defer { lengths.deallocate() }
            #expect(meter.requests { pool.run(Allocating(lengths: lengths)) }.count == 3)
            #expect(Array(UnsafeBufferPointer(start: lengths, count: 3)) == [103, 103, 103])
            var objects: [Object] = []
            objects.reserveCapacity(5)
            let requests = meter.requests { for _ in 0..<5 { objects.append(Object()) } }
            #expect(objects.reduce(0) { $0 + $1.number } == 5)
            #expect(requests.count == 5)
            #expect(requests.callers.contains { $0.contains("swift_allocObject") }, "\(requests.callers)")
            #expect(meter.requests {}.count == 0)
            #expect(meter.requests {}.callers.isEmpty)
        }

        /// A cache's name, what it keeps and how.
        static let caches: [(name: String, configuration: @Sendable () throws -> CacheConfiguration)] = [
            ("f16", { try CacheConfiguration() }),
            ("f32", { try CacheConfiguration(keyStorage: .f32, valueStorage: .f32) }),
            ("8 bits", { try coded(8) }),
            ("4 bits", { try coded(4, exactSinkCount: 4, rotation: [.keys, .values]) }),
            ("window", { try CacheConfiguration(retention: .window(length: 100)) }),
            ("8 bits, window", { try coded(8, retention: .window(length: 100)) }),
            ("sinks", { try CacheConfiguration(retention: sinks(.trueDistance)) }),
            ("sinks at positions in the cache", { try CacheConfiguration(retention: sinks(.inCache)) }),
            ("4 bits, sinks", { try coded(4, retention: sinks(.inCache)) }),
            ("f16, reserved", { try CacheConfiguration(growth: reserved) }),
            ("8 bits, reserved", { try coded(8, growth: reserved) }),
            (
                "window, reserved",
                { try CacheConfiguration(retention: .window(length: 100), growth: reserved) }
            ),
            ("sinks, reserved", { try CacheConfiguration(retention: sinks(.inCache), growth: reserved) }),
            ("4 bits, window, reserved", { try coded(4, retention: .window(length: 100), growth: reserved) }),
        ]

        private static let reserved = Growth.reserved(tokenCount: 1_024)

        private static func sinks(_ positions: Retention.SinkPositions) -> Retention {
            .sinks(count: 4, window: 80, positions: positions)
        }

        private static func coded(
            _ bitCount: Int, exactSinkCount: Int = 0, rotation: Rotation = [], retention: Retention? = nil,
            growth: Growth = .dynamic
        ) throws -> CacheConfiguration {
            try CacheConfiguration(
                keyStorage: .quantized(try Quantization(bitCount: bitCount, axis: .channel)),
                valueStorage: .quantized(try Quantization(bitCount: bitCount, axis: .token)),
                exactSinkCount: exactSinkCount, rotation: rotation, retention: retention, growth: growth)
        }

        /// From 384 tokens on, two pages; by then pages have left the windows and gone back to the pool.
        @Test(
            "A decode step allocates nothing beside the pages it begins, whatever the cache",
            arguments: caches.indices, [1, 4])
        func cacheAllocations(index: Int, sequenceCount: Int) throws {
            let directory = try TinyLlama(headDimension: 16, maxPositions: 1_024, layerCount: 2).write()
            let decoder = try Decoder.load(try Checkpoint.open(directory.path), precision: .q8)
            try expectNoRequests(
                decoder, try Self.caches[index].configuration(), sequenceCount: sequenceCount,
                promptLength: 300, steps: 384..<512, "\(Self.caches[index].name)")
        }

        static let models: [(GoldenModel, WeightPrecision)] = [
            (.named("qwen2-tied"), .bf16), (.named("qwen3-window"), .q8), (.named("gemma3-pattern"), .f32),
            (.named("gemma3-mixed", .gguf), .native), (.named("mistral-window"), .q8),
            (.named("llama-longrope"), .q8), (.named("qwen3moe-some"), .q8), (.named("deepseek3-yarn"), .f32),
        ]

        @Test(
            "A decode step allocates nothing beside the pages it begins, whatever the model",
            arguments: models.indices, [1, 4, 8])
        func modelAllocations(index: Int, sequenceCount: Int) throws {
            let (model, precision) = Self.models[index]
            try expectNoRequests(
                try model.decoder(precision), try CacheConfiguration(), sequenceCount: sequenceCount,
                promptLength: 70, steps: 150..<250, "\(model)")
        }

        private func expectNoRequests(
            _ decoder: Decoder, _ configuration: CacheConfiguration, sequenceCount: Int, promptLength: Int,
            steps: Range<Int>, _ name: String
        ) throws {
            let bench = try Bench(decoder, workerCount: 2, maximumRowCount: 64)
            let meter = AllocationMeter(bench.workers)
            let caches = try (0..<sequenceCount).map { _ in
                try SequenceCache(configuration, layers: decoder.layerGeometries, pool: bench.pages)
            }
            let prompt = Array(repeating: TokenID(3), count: promptLength)
            for cache in caches { _ = try bench.logits(prompt, into: cache, chunkLength: 64) }
            let entries = caches.map { PassEntry($0, prompt[..<1]) }
            for position in promptLength..<steps.upperBound {
                let requests = try meter.requests {
                    for outcome in try decoder.forward(
                        entries, workspace: bench.workspace, pool: bench.workers)
                    { _ = try outcome.get() }
                }
                guard steps.contains(position) else { continue }
                let most = Self.mostRequests(
                    at: position, configuration, layerCount: decoder.layerGeometries.count)
                #expect(
                    requests.count <= most * sequenceCount,
                    "\(name): \(requests.count) requests at \(position), the first from \(requests.callers)")
            }
        }

        /// One of each family, its cache f16, of 8 bits, or of a window.
        @Test(
            "A decode step of an encoder-decoder allocates nothing beside the pages it begins",
            arguments: ["t5-gated", "bart-plain", "marian-shared"], [1, 4])
        func encoderDecoderAllocations(name: String, sequenceCount: Int) throws {
            for index in [0, 2, 4] {
                let cache = Self.caches[index]
                let bench = try EncoderDecoderBench(
                    try GoldenEncoderDecoder(name: name).model(.q8), maximumRowCount: 64)
                let meter = AllocationMeter(bench.workers)
                let caches = try (0..<sequenceCount).map { _ in
                    try bench.model.makeCache(try cache.configuration(), pool: bench.pages)
                }
                try bench.encode(caches.map { (Array(repeating: TokenID(5), count: 100), $0) })
                let entries = caches.map { PassEntry(answering: $0, [7]) }
                for position in 0..<150 {
                    let requests = try meter.requests {
                        for outcome in try bench.model.forward(
                            entries, workspace: bench.workspace, pool: bench.workers)
                        { _ = try outcome.get() }
                    }
                    // By then the lists of coded pages are there.
                    guard position >= 64 else { continue }
                    let most = Self.mostRequests(
                        at: position, try cache.configuration(),
                        layerCount: bench.model.specification.decoder.layers.count)
                    #expect(
                        requests.count <= most * sequenceCount,
                        "\(name), \(cache.name): \(requests.count) requests at \(position), the first from \(requests.callers)"
                    )
                }
            }
        }

        /// Requests of one sequence's step: none, except where each layer takes an open page, or a coded one.
        private static func mostRequests(
            at position: Int, _ configuration: CacheConfiguration, layerCount: Int
        ) -> Int {
            guard configuration.growth == .dynamic else { return 0 }
            let length = configuration.pageLength
            let takesPage =
                position % length == 0 || configuration.isQuantized && (position + 1) % length == 0
            return takesPage ? layerCount * mostRequestsPerPage + mostRequestsPerSequence : 0
        }
    }
#endif
