/// What a `SequenceRows` is made of: the cache of one sequence, or the two of one pair of sequences.
package protocol SequenceRow: AnyObject {
    /// Another one with the same content.
    func fork() throws(CacheError) -> Self

    /// Why it can't be forked now, if so.
    var forkRefusal: CacheError? { get }

    /// Whether it can become a fork of another row: without taking memory, and so without fail.
    var canBecome: Bool { get }
    func become(forkOf origin: Self)

    /// Forgets everything.
    func reset()

    /// Counts the pages it holds.
    func count(in census: inout PageCensus)
}

extension SequenceCache: SequenceRow {
    package var forkRefusal: CacheError? { nil }

    package func count(in census: inout PageCensus) {
        for layer in layerCaches { layer.count(in: &census) }
        for page in offload?.frames.pages ?? [] { census.add(page) }
    }
}
