import NuthatchGeneration
import NuthatchTensors

/// What is refused before a model is looked for, in sentences that name the options.
extension CacheOptionGroup {
    func checkNumbers() throws(NuthatchError) {
        if let groupLength, !CacheOptions.Coding.groupLengths.contains(groupLength) {
            throw .usage("--kv-group is \(groupLength).", "Choose 32, 64 or 128.")
        }
        for (option, value, range) in [
            ("--kv-residual", residualLength, 0...RetentionArgument.largestNumber),
            ("--kv-exact-first", exactFirstCount, CacheOptions.exactFirstCounts),
            ("--kv-capacity", capacity, 1...RetentionArgument.largestNumber),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw .usage("\(option) is \(value).", "Choose \(range.lowerBound) to \(range.upperBound).")
        }
    }

    /// A preset settles something, an option says something else.
    func checkContradictions() throws(NuthatchError) {
        guard let cache else { return }
        if cache.isReserved == false, let capacity {
            let other = cache == .dynamic ? CacheOptions.Preset.static : .offloadedStatic
            throw contradiction(
                "grows on demand", "--kv-capacity \(capacity)", remedy: "or use --cache \(other.rawValue).")
        }
        if let isOnDisk = cache.isOnDisk, let placement, placement.isDisk != isOnDisk {
            throw contradiction(
                "holds pages \(isOnDisk ? "on the disk" : "in memory")", "--kv-placement \(placement.text)",
                remedy: "or use --cache \(cache.elsewhere.rawValue).")
        }
        if cache.keepsWindow, let retention, !retention.isWindow {
            throw contradiction(
                "keeps a window", "--kv-retention \(retention.text)", remedy: "or choose window=N.")
        }
        guard cache.isQuantized else { return }
        for (option, side, storage) in [("--kv-keys", "keys", keys), ("--kv-values", "values", values)] {
            guard let storage, storage.bitCount == nil else { continue }
            throw contradiction(
                "holds \(side) as codes", "\(option) \(storage.rawValue)", remedy: "or choose q8, q4 or q2.")
        }
    }

    /// The options that were given, by name.
    var given: [String] {
        [
            ("--cache", cache != nil), ("--kv-keys", keys != nil), ("--kv-values", values != nil),
            ("--kv-window-keys", windowKeys != nil), ("--kv-window-values", windowValues != nil),
            ("--kv-method", method != nil), ("--kv-group", groupLength != nil),
            ("--kv-axis-keys", keyAxis != nil), ("--kv-axis-values", valueAxis != nil),
            ("--kv-residual", residualLength != nil), ("--kv-exact-first", exactFirstCount != nil),
            ("--kv-rotate", rotation != nil), ("--kv-retention", retention != nil),
            ("--kv-placement", placement != nil), ("--kv-capacity", capacity != nil),
        ].filter(\.1).map(\.0)
    }

    /// What --no-cache makes of them; nil where there is nothing to say.
    func noteWithoutCache(_ noCache: Bool) -> String? {
        guard noCache, !given.isEmpty else { return nil }
        return "nuthatch: With --no-cache every token is computed from an emptied cache, and "
            + "\(given.joined(separator: ", ")) \(given.count == 1 ? "says" : "say") how that one holds keys and values.\n"
    }

    private func contradiction(_ settled: String, _ option: String, remedy: String) -> NuthatchError {
        let preset = cache?.rawValue ?? ""
        return .usage(
            "--cache \(preset) \(settled), which \(option) contradicts.",
            "Leave one of them out, \(remedy)")
    }

    /// Options that would do nothing are mistakes.
    func checkMeaning(
        keys: CacheOptions.Storage, values: CacheOptions.Storage
    ) throws(NuthatchError) {
        for (option, side, storage, axis) in [
            ("--kv-axis-keys", "keys", keys, keyAxis), ("--kv-axis-values", "values", values, valueAxis),
        ] {
            guard let axis, storage.bitCount == nil else { continue }
            throw .usage(
                "\(option) \(axis.rawValue) says how codes are made, but \(side) are held as "
                    + "\(storage.rawValue).",
                "Choose --kv-\(side) q8, q4 or q2, or leave it out.")
        }
        let all = [keys, values] + [windowKeys, windowValues].compactMap(\.self)
        guard all.allSatisfy({ $0.bitCount == nil }) else { return }
        let given = [
            method.map { "--kv-method \($0.rawValue)" }, groupLength.map { "--kv-group \($0)" },
            residualLength.map { "--kv-residual \($0)" }, exactFirstCount.map { "--kv-exact-first \($0)" },
        ]
        guard let option = given.compactMap({ $0 }).first else { return }
        throw .usage(
            "\(option) is for a quantised cache, but keys and values are held as \(keys.rawValue) and "
                + "\(values.rawValue).",
            "Choose q8, q4 or q2 with --kv-keys or --kv-values, or leave it out.")
    }
}

extension CacheOptions.Preset {
    /// This preset with pages in the other place.
    fileprivate var elsewhere: CacheOptions.Preset {
        switch self {
        case .dynamic: .offloaded
        case .static: .offloadedStatic
        case .offloaded: .dynamic
        case .offloadedStatic: .static
        case .slidingWindow, .quantized: self
        }
    }
}

extension NuthatchError {
    /// Options that can't be followed.
    static func usage(_ message: String, _ remedy: String) -> NuthatchError {
        NuthatchError(code: .usage, message: message, remedy: remedy)
    }
}
