#if canImport(Glibc)
    import NuthatchGeneration
    import NuthatchTensors
    import NuthatchTestSupport
    import Testing

    @Suite(.enabled(if: AllocationMeter.isThere)) struct StepAllocationTests {
        static let samplings: [SamplingOptions?] = [nil, try? SamplingOptions(temperature: 0.8, topK: 20)]
        static let caches = [CacheOptions.default, .halfFloats]

        /// Between two pages, so that the cache takes none.
        @Test("A step and the choice of its token allocate nothing", arguments: samplings.indices, caches)
        func step(index: Int, cache: CacheOptions) async throws {
            let directory = try TinyLlama(
                maxPositions: 256, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize
            ).write()
            try TinyTokenizer.write(to: directory)
            let model = try await LanguageModel.load(
                at: directory.path, options: LoadOptions(threadCount: 2))
            try expectNoRequests(model, cache, Self.samplings[index] ?? .greedy)
        }

        /// Between two pages as well, and behind the first steps, in which lists find their size.
        @Test("Steps of the engine over several sequences allocate nothing", arguments: [1, 3], caches)
        func engineSteps(sequenceCount: Int, cache: CacheOptions) async throws {
            let model = try await TinyModel.llama(maxPositions: 256, layerCount: 2).load()
            let counts = try await withThrowingTaskGroup(of: [Int].self) { group in
                for index in 0..<sequenceCount {
                    group.addTask {
                        try await MeteredClient(model: model).counts(cache, isMeter: index == 0)
                    }
                }
                return try await group.reduce([]) { $1.isEmpty ? $0 : $1 }
            }
            for step in 10..<40 {
                #expect(counts[step] == counts[step - 1], "step \(step) of \(sequenceCount)")
            }
        }

        /// Lives on the engine thread, which is counted.
        private actor MeteredClient {
            let model: LanguageModel
            nonisolated var unownedExecutor: UnownedSerialExecutor { model.engine.executor }

            init(model: LanguageModel) { self.model = model }

            /// What had been asked for before each of the choices of 45 tokens behind 70; nothing for whoever does not count.
            func counts(_ cache: CacheOptions, isMeter: Bool) async throws -> [Int] {
                let sequence = try CachedSequence(model: model, cache: cache)
                let meter = AllocationMeter(model.workers)
                var counts: [Int] = []
                counts.reserveCapacity(64)
                var stepCount = 0
                try await sequence.generate(behind: Array(repeating: TokenID(65), count: 70)[...]) { _ in
                    if isMeter { counts.append(meter.requestCount()) }
                    stepCount += 1
                    return stepCount < 45 ? 66 : nil
                }
                return counts
            }
        }

        /// Not async: the calling thread is counted.
        private func expectNoRequests(
            _ model: LanguageModel, _ cache: CacheOptions, _ sampling: SamplingOptions
        ) throws {
            let sequence = try CachedSequence(model: model, cache: cache)
            let meter = AllocationMeter(model.workers)
            var sampler = Sampler(sampling)
            var tokens = Array(repeating: TokenID(65), count: 100)
            tokens.reserveCapacity(200)
            var logits = try sequence.forward(tokens[...])
            var listGrowthCount = 0
            for position in 100..<190 {
                let requests = try meter.requests {
                    tokens.append(logits.withRow(0) { sampler.sample($0.span) })
                    logits = try sequence.forward(tokens[(tokens.count - 1)...])
                }
                guard position > 128, requests.count > 0 else { continue }
                // The list of the sequence's tokens doubles now and then.
                listGrowthCount += 1
                #expect(
                    requests.count == 1 && listGrowthCount == 1,
                    "\(requests.count) requests at \(position), the first from \(requests.callers)")
            }
        }
    }
#endif
