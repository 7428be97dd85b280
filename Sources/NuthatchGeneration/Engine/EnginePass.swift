import NuthatchCache
import NuthatchModels
import NuthatchTensors

/// A scheduled step as one pass of each network that it has entries of, and what became of the entries.
///
/// Lists are kept from step to step for their room.
struct EnginePass {
    /// What became of each entry of the step, for the scheduler.
    private(set) var outcomes: [EntryOutcome] = []
    private var results: [PassOutcome?] = []
    private var entries: [PassEntry] = []
    /// Where each of `entries` stands in the step.
    private var places: [Int] = []

    /// Runs a step.
    ///
    /// - Parameter job: whose entry it is.
    mutating func run(_ step: ScheduledStep, job: (SequenceID) -> EngineJob?) {
        outcomes.removeAll(keepingCapacity: true)
        results.removeAll(keepingCapacity: true)
        for _ in step.entries {
            outcomes.append(.failed)
            results.append(nil)
        }
        var first = 0
        while first < step.entries.count {
            defer { first += 1 }
            guard results[first] == nil, let runner = job(step.entries[first].sequence)?.sequence.runner
            else { continue }
            entries.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
            for index in first..<step.entries.count {
                guard let job = job(step.entries[index].sequence), job.sequence.runner === runner else {
                    continue
                }
                entries.append(job.entry(step.entries[index]))
                places.append(index)
            }
            run(on: runner)
        }
    }

    private mutating func run(on runner: NetworkRunner) {
        // Caches and lists of tokens are their owners' again by the end.
        defer { entries.removeAll(keepingCapacity: true) }
        do throws(ModelError) {
            let outcomes = try runner.run(entries)
            for (place, outcome) in zip(places, outcomes) { note(outcome, at: place) }
        } catch {
            for place in places { note(.refused(error), at: place) }
        }
    }

    private mutating func note(_ outcome: PassOutcome, at index: Int) {
        results[index] = outcome
        outcomes[index] =
            switch outcome {
            case .computed: .computed
            case .refused(.cache(.outOfMemory)): .outOfMemory
            case .refused, .damaged: .failed
            }
    }

    /// The logits that the index-th entry wanted.
    func logits(_ index: Int) -> Rows? {
        if case .computed(let logits) = results[index] { logits } else { nil }
    }

    /// Why a sequence's entry failed.
    func failure(of id: SequenceID, in step: ScheduledStep) -> any Error {
        guard let index = step.entries.firstIndex(where: { $0.sequence == id }) else {
            return CancellationError()
        }
        switch results[index] {
        case .refused(let error): return error
        case .damaged(let error): return ModelError.cache(error)
        case .computed, nil: return CancellationError()
        }
    }
}
