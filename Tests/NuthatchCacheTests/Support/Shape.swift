import NuthatchCache

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The attention of a small model: what a test needs to fill a cache and ask it.
struct Shape: CustomStringConvertible {
    var queryHeadCount = 6
    var kvHeadCount = 2
    var keyDimension = 16
    var valueDimension = 16
    var values = LayerGeometry.ValuePlace.ownPlane
    var retentions: [Retention] = [.full]
    var parameters = AttentionParameters(scale: 0.25)
    /// Whether keys and queries are turned by their positions (`turned`), as models do.
    var isRotary = false

    var layers: [LayerGeometry] {
        retentions.map {
            LayerGeometry(
                kvHeadCount: kvHeadCount, keyDimension: keyDimension, valueDimension: valueDimension,
                values: values, retention: $0)
        }
    }

    /// A row of a layer as the cache gets it, [head * dimension]: what is not a value turned to where it stands,
    /// its own position or another one.
    func row(_ kind: Token.Kind, _ token: Token, position: Int, layer: Int, at place: Int? = nil) -> [Float] {
        if kind == .value, values == .firstKeyColumns {
            let keys = self.row(.key, token, position: position, layer: layer)
            return (0..<kvHeadCount).flatMap { keys[($0 * keyDimension)...].prefix(valueDimension) }
        }
        let (headCount, dimension) = size(of: kind)
        let row = (0..<headCount * dimension).map {
            token.number(kind, position: position, layer: layer, index: $0)
        }
        guard isRotary, kind != .value else { return row }
        return (0..<headCount).flatMap { head in
            turned(row[head * dimension..<(head + 1) * dimension].map(Double.init), by: place ?? position)
                .map(Float.init)
        }
    }

    func size(of kind: Token.Kind) -> (headCount: Int, dimension: Int) {
        switch kind {
        case .query: (queryHeadCount, keyDimension)
        case .key: (kvHeadCount, keyDimension)
        case .value: (kvHeadCount, valueDimension)
        }
    }

    /// A head at a position: the even part of it turns, base 100, pairs half of it apart.
    func turned(_ head: [Double], by position: Int) -> [Double] {
        guard isRotary else { return head }
        let half = head.count / 2
        var result = head
        for pair in 0..<half {
            let angle = Double(position) * pow(100, -Double(pair) / Double(half))
            result[pair] = head[pair] * cos(angle) - head[pair + half] * sin(angle)
            result[pair + half] = head[pair + half] * cos(angle) + head[pair] * sin(angle)
        }
        return result
    }

    var description: String {
        "\(queryHeadCount)/\(kvHeadCount) heads of \(keyDimension)+\(valueDimension), "
            + "\(values == .ownPlane ? "" : "values in keys, ")\(retentions)"
    }
}

/// What keys, values and queries are made of: numbers that depend on the token, its position, the layer and
/// the place, so that whatever is read from a wrong place is wrong.
struct Token: Equatable {
    var seed: UInt64
    /// What all its keys and values are, instead.
    var constant: Float?

    enum Kind: UInt64 { case key, value, query }

    func number(_ kind: Kind, position: Int, layer: Int, index: Int) -> Float {
        if let constant, kind != .query { return constant }
        var x = seed &* 0x9E37_79B9_7F4A_7C15 &+ kind.rawValue
        for part in [UInt64(position), UInt64(layer), UInt64(index)] {
            x = (x ^ part) &* 0xBF58_476D_1CE4_E5B9
            x ^= x >> 29
        }
        x = (x ^ (x >> 32)) &* 0x94D0_49BB_1331_11EB
        // 24 bits: exact in a float. Queries are larger, so that some probabilities stand out.
        let unit = Float(Int32(truncatingIfNeeded: x >> 40)) / Float(1 << 23) - 1
        return kind == .query ? unit * 4 : unit
    }

    static func poison(_ count: Int) -> [Token] {
        (0..<count).map { Token(seed: UInt64($0), constant: $0 % 2 == 0 ? .nan : .infinity) }
    }

    static func sequence(_ count: Int, seed: UInt64 = 1) -> [Token] {
        (0..<count).map { Token(seed: seed &* 1_000_003 &+ UInt64($0)) }
    }
}

/// A small generator whose sequence a seed decides (S. Vigna, SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension Storage {
    /// Every way to hold numbers one by one.
    static var exactCases: [Storage] { ExactStorage.allCases.map { .exact($0) } }
}
