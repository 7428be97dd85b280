/// Why nothing of a model is lost without a tensor that its file holds.
package enum Redundancy: Hashable, Sendable {
    /// How far pairs of elements turn at each position: computed at loading.
    case frequencies
    /// Which tokens see which: computed in each pass.
    case mask
    /// The sines and cosines of positions: computed in each pass.
    case sinusoids
    /// A number that says which program wrote the file.
    case formatVersion
    /// The numbers of another tensor once more, held against it one by one, whatever format each is in.
    case copy(of: String)
    /// Part of a layer behind the model's own that guesses tokens beyond the next one.
    case guessing
    /// What distances between a source and its answer are worth, where a model gives them no meaning.
    case sourceDistances

    /// Completes "left out: TENSOR, ...".
    package var reason: String {
        switch self {
        case .frequencies: "rotary frequencies, which are computed at loading"
        case .mask: "a mask of what tokens see, which is computed in each pass"
        case .sinusoids: "sines of positions, which are computed in each pass"
        case .formatVersion: "the version of the program that wrote the file"
        case .copy(let original): "a copy of \(original)"
        case .guessing: "layers that guess tokens beyond the next one"
        case .sourceDistances: "distances between a source and its answer, which mean nothing"
        }
    }

    /// Whether the numbers follow from the header or from other tensors, so that nothing is left unread.
    package var isDerived: Bool {
        switch self {
        case .frequencies, .mask, .sinusoids, .formatVersion, .copy: true
        case .guessing, .sourceDistances: false
        }
    }
}

/// What some tensors' names end with that files hold and no model needs.
package struct RedundantTensors: Sendable {
    package let ending: String
    package let redundancy: Redundancy

    package init(_ ending: String, _ redundancy: Redundancy) {
        self.ending = ending
        self.redundancy = redundancy
    }

    /// Frequencies that transformers, and models' own code, once saved.
    static let frequencies = ["rotary_emb.inv_freq", "rotary.inv_freq", "rotary_pos_emb.inv_freq"].map {
        RedundantTensors($0, .frequencies)
    }
}

/// A tensor of a file that loading leaves out.
package struct LeftOutTensor: Hashable, Sendable {
    package let name: String
    package let redundancy: Redundancy

    package init(name: String, redundancy: Redundancy) {
        self.name = name
        self.redundancy = redundancy
    }
}

extension [LeftOutTensor] {
    /// A line for each reason: the first tensor's name, how many more there are, and the reason.
    package var summaries: [String] {
        var reasons: [Redundancy] = []
        for tensor in self where !reasons.contains(tensor.redundancy) { reasons.append(tensor.redundancy) }
        return reasons.map { reason in
            let names = filter { $0.redundancy == reason }.map(\.name)
            let more = names.count > 1 ? " and \(names.count - 1) more" : ""
            return "\(names[0])\(more): \(reason.reason)"
        }
    }
}
