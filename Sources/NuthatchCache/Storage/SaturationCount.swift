import Synchronization

/// How many numbers a cache was given that are beyond the largest its storage holds, and stand there as that one (law
/// L5): of each layer, since the cache was last empty.
///
/// Workers count into it while they write. That is rare, hence a lock; a pass counts once it is committed.
final class SaturationCount: Sendable {
    /// Counts of one layer.
    struct Layer: Sendable, Equatable {
        var keys = 0
        var values = 0
    }

    fileprivate struct State {
        var committed: [Layer]
        /// Counts of the pass under way.
        var pending: [Layer]
        var hasPending = false
    }

    private let state: Mutex<State>

    init(layerCount: Int) {
        let none = Array(repeating: Layer(), count: layerCount)
        state = Mutex(State(committed: none, pending: none))
    }

    /// Counts of each layer, in their order.
    var layers: [Layer] { state.withLock { $0.committed } }

    /// `layers` where anything was counted, else empty.
    var counted: [Layer] {
        let layers = layers
        return layers.contains { $0 != Layer() } ? layers : []
    }

    func add(keys: Int = 0, values: Int = 0, layer: Int) {
        state.withLock { state in
            state.pending[layer].keys += keys
            state.pending[layer].values += values
            state.hasPending = true
        }
    }

    /// Forgets what a pass counted that was given up.
    func beginPass() {
        state.withLock { $0.forgetPending() }
    }

    func commitPass() {
        state.withLock { state in
            guard state.hasPending else { return }
            for layer in state.pending.indices {
                state.committed[layer].keys += state.pending[layer].keys
                state.committed[layer].values += state.pending[layer].values
            }
            state.forgetPending()
        }
    }

    /// Takes over what another cache of as many layers has counted; nil is an empty one.
    func become(_ other: SaturationCount?) { become(other?.layers ?? []) }

    /// Takes over counts of as many layers; no layers are an empty cache.
    func become(_ counted: [Layer]) {
        state.withLock { state in
            state.forgetPending()
            for layer in state.committed.indices {
                state.committed[layer] = counted.isEmpty ? Layer() : counted[layer]
            }
        }
    }
}

extension SaturationCount.State {
    fileprivate mutating func forgetPending() {
        guard hasPending else { return }
        for layer in pending.indices { pending[layer] = SaturationCount.Layer() }
        hasPending = false
    }
}
