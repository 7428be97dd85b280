extension Decoder {
    /// What a position does to a key, as text: caches with other positions mean nothing here.
    ///
    /// The context length is part of it only where rotary angles depend on it.
    package var positionsDescription: String {
        let rotations = stack.rotaries.map { rotary in
            switch rotary.scaling {
            case .dynamic, .long: "\(rotary), context \(contextLength)"
            default: "\(rotary)"
            }
        }
        let learned = specification.embedding.positions.map { ["\($0)"] } ?? []
        return (rotations + learned).joined(separator: "; ")
    }
}
