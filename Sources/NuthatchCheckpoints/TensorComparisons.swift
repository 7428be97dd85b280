import Synchronization

/// Which tensors of a checkpoint hold the same numbers, found out once for each pair.
///
/// A comparison reads both tensors whole (hundreds of megabytes, where an output matrix repeats the embedding), and
/// whoever describes, plans and loads a model asks again. Files don't change while they are open, so the answer stays.
final class TensorComparisons: Sendable {
    private struct Pair: Hashable {
        let first: ExactKey
        let second: ExactKey
    }

    private let verdicts = Mutex<[Pair: Bool]>([:])

    /// The verdict on two tensors, from `compare` where nobody has asked before. Whoever asks meanwhile waits for it.
    func holdsSame(_ name: String, _ other: String, compare: () -> Bool) -> Bool {
        let (first, second) = name < other ? (name, other) : (other, name)
        let pair = Pair(first: ExactKey(first), second: ExactKey(second))
        return verdicts.withLock { verdicts in
            if let verdict = verdicts[pair] { return verdict }
            let verdict = compare()
            verdicts[pair] = verdict
            return verdict
        }
    }
}
