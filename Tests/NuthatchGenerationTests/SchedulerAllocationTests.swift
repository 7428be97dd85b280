// Without optimisation the standard library's iterators ask for memory where elements are large.
#if canImport(Glibc) && !DEBUG
    import NuthatchCache
    import NuthatchGeneration
    import NuthatchModels
    import NuthatchTensors
    import NuthatchTestSupport
    import Testing

    @Suite(.enabled(if: AllocationMeter.isThere)) struct SchedulerAllocationTests {
        @Test func planningAndItsOutcomesAskForNoMemoryWhileSixtyFourDecode() throws {
            var script = try ScriptedScheduler(
                cost: .example(retentions: [.full, .window(length: 100), .full]))
            _ = script.decoding(64, promptCount: 40)
            _ = script.add(1 << 20, wants: .none)
            // A page more than that does not fit beside the others.
            script.memory.budgetByteCount = script.cost.peakByteCount(tokenCount: (1 << 20) + 16)
            var actions: [SchedulerAction] = []
            let outcomes = Array(repeating: EntryOutcome.computed, count: 64)
            let meter = AllocationMeter(WorkerPool(workerCount: 1))
            for number in 0..<40 {
                let requests = meter.requests { script.decode(outcomes, into: &actions) }
                // The lists, and the runtime's own of types, grow in the first.
                guard number > 2 else { continue }
                #expect(requests.count == 0, "the first from \(requests.callers)")
            }
            #expect(script.step.entries.count == 64 && script.scheduler.waitingSequences.count == 1)
        }
    }
#endif
