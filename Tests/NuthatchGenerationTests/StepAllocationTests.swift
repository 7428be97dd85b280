#if canImport(Glibc)
    import NuthatchGeneration
    import NuthatchTensors
    import NuthatchTestSupport
    import Testing

    @Suite(.enabled(if: AllocationMeter.isThere)) struct StepAllocationTests {
        static let samplings: [SamplingOptions?] = [nil, try? SamplingOptions(temperature: 0.8, topK: 20)]

        /// Between two pages, so that the cache takes none.
        @Test("A step and the choice of its token allocate nothing", arguments: samplings.indices)
        func step(index: Int) async throws {
            let directory = try TinyLlama(
                maxPositions: 256, layerCount: 2, vocabularySize: TinyTokenizer.vocabularySize
            ).write()
            try TinyTokenizer.write(to: directory)
            let model = try await LanguageModel.load(
                at: directory.path, options: LoadOptions(threadCount: 2))
            try expectNoRequests(model, Self.samplings[index] ?? .greedy)
        }

        /// Not async: the calling thread is counted.
        private func expectNoRequests(_ model: LanguageModel, _ sampling: SamplingOptions) throws {
            let sequence = try CachedSequence(model: model, cache: .default)
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
