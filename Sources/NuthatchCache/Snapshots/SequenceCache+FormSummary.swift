extension SequenceCache {
    /// What `formDescription` holds, for people: each of the cache's options by its name, and its value.
    package static func formSummary(_ plan: CachePlan) -> String {
        let configuration = plan.configuration
        let rotated = [(Rotation.keys, "keys"), (.values, "values")].filter { side, _ in
            configuration.rotation.contains(side)
        }.map(\.1)
        var retentions: [String] = []
        for retention in plan.layers.map(\.retention.summary) where !retentions.contains(retention) {
            retentions.append(retention)
        }
        let windows = configuration.windowStorage.map { windows in
            ["windows' keys \(windows.keys.summary)", "windows' values \(windows.values.summary)"]
        }
        return
            ([
                "keys \(configuration.keyStorage.summary)", "values \(valueSummary(plan))",
            ] + (windows ?? []) + [
                "residual \(configuration.residualLength) tokens in \(configuration.residualStorage.rawValue)",
                "exact first \(configuration.exactSinkCount)",
                "rotate \(rotated.isEmpty ? "none" : rotated.joined(separator: " and "))",
                "retention \(retentions.joined(separator: " and "))",
                "pages of \(configuration.pageLength) tokens",
            ]).joined(separator: SnapshotIdentity.Part.separator)
    }
}

extension SequenceCache {
    private static func valueSummary(_ plan: CachePlan) -> String {
        let storage = plan.configuration.valueStorage.summary
        let sharingCount = plan.layers.count { $0.geometry.values == .firstKeyColumns }
        if sharingCount == 0 { return storage }
        return sharingCount == plan.layers.count ? "in the keys" : "\(storage) or in the keys"
    }
}

extension Storage {
    /// "f16"; "q4 (method affine, axis channel, group 64)".
    var summary: String {
        switch self {
        case .exact(let exact): exact.rawValue
        case .quantized(let codes):
            "q\(codes.bitCount) (method \(codes.method.rawValue), axis \(codes.axis.rawValue), "
                + "group \(codes.groupLength))"
        }
    }
}

extension Retention {
    /// "sinks=4+60", as the command line takes it.
    fileprivate var summary: String {
        switch self {
        case .full: "full"
        case .window(let length): "window=\(length)"
        case .sinks(let count, let window, .inCache): "sinks=\(count)+\(window)"
        case .sinks(let count, let window, .trueDistance): "sinks=\(count)+\(window),positions=true"
        case .compressive(let length, .delta): "compressive=\(length)"
        case .compressive(let length, .linear): "compressive=\(length),rule=linear"
        }
    }
}
