import NuthatchTensors

extension CachePlan {
    /// Where the query of a token stands when it looks beyond its window, in the layers where that is not its own
    /// position; nil without such layers.
    package func distantPosition(of position: Int) -> Int? {
        distantLimit.map { min(position, $0) }
    }

    /// The one that all layers with such positions share: a model turns a pass's queries and keys to them once.
    static func distantLimit(
        _ layers: [LayerPlan], _ configuration: CacheConfiguration
    ) throws(CacheError) -> Int? {
        var found: (layer: Int, limit: Int)?
        for (index, layer) in layers.enumerated() {
            if case .compressive = layer.retention { try checkRewind(configuration, layer: index) }
            guard let limit = layer.retention.distantLimit else { continue }
            guard let first = found else {
                found = (index, limit)
                continue
            }
            guard limit == first.limit else {
                throw .invalidConfiguration(
                    reason: "Queries look beyond their windows from position \(first.limit) in layer "
                        + "\(first.layer) and from position \(limit) in layer \(index); one cache has one such "
                        + "position.",
                    remedy: "Ask for one retention for all layers, or for sinks at their true positions.")
            }
        }
        return found?.limit
    }

    private static func checkRewind(_ configuration: CacheConfiguration, layer: Int) throws(CacheError) {
        guard configuration.guaranteedRewind > 0 else { return }
        throw .invalidConfiguration(
            reason:
                "Layer \(layer) folds its history into a compressive memory, which takes back whole segments "
                + "only; a rewind of \(Counted.text(configuration.guaranteedRewind, "token")) can't be guaranteed.",
            remedy: "Guarantee no rewind, or keep a window, or sinks and a window.")
    }
}
