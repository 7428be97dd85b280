package import NuthatchCache

/// How many tokens a sequence may have: by what the model was made for, what it was loaded for, and what a cache keeps.
///
/// A sequence ends with the context. It goes on without end where every layer keeps a window, with sinks looked at from
/// positions in the cache, for then no query stands further from what it sees than sinks and window are long
/// (StreamingLLM, arXiv:2309.17453). A plain window's distances don't grow either; but a model whose first tokens are
/// dropped, which every head leans on, writes nonsense soon after, so a window ends with the context.
package struct ContextBound: Sendable, Equatable {
    /// The longest sequence that the model was made for, in tokens.
    package let modelLength: Int
    /// What is taken where nothing is asked for: the model's, or as far as its positions turn unscaled.
    package let usualLength: Int
    /// What it was loaded for; nil where nothing was said.
    package let askedLength: Int?
    /// Whether sequences may leave the model's context behind, to measure what becomes of them.
    package let reachesBeyond: Bool

    /// - Parameters:
    ///   - asked: the longest sequence to come, in tokens; nil leaves it to the model.
    ///   - reachesBeyond: lets any cache go beyond what the model was made for; for measurements alone.
    /// - Throws: `ModelError.contextLengthOutOfRange` for no tokens, or more than positions are there for.
    package init(
        _ specification: DecoderSpecification, asked: Int? = nil, reachesBeyond: Bool = false
    ) throws(ModelError) {
        modelLength = specification.contextLength
        usualLength = specification.unscaledContextLength
        askedLength = asked
        self.reachesBeyond = reachesBeyond
        // Learned positions are rows of a table, and it ends.
        let maximum = specification.embedding.positions == nil ? CacheLimits.tokenCount : modelLength
        if let asked, !(1...maximum).contains(asked) {
            throw .contextLengthOutOfRange(asked: asked, maximum: modelLength)
        }
    }

    /// - Parameter usualLength: nil takes the model's.
    package init(modelLength: Int, usualLength: Int? = nil, askedLength: Int? = nil) {
        self.modelLength = modelLength
        self.usualLength = usualLength ?? modelLength
        self.askedLength = askedLength
        reachesBeyond = false
    }

    /// Tokens of a sequence that keeps everything, unless that is more than the model was made for.
    package var length: Int { askedLength ?? usualLength }

    /// Positions that rotary angles are made for; longer sequences never look so far.
    package var rotaryLength: Int { min(length, modelLength) }

    /// The most tokens of a sequence in such a cache; nil for one that goes on without end.
    ///
    /// - Throws: `ModelError.contextLengthOutOfRange` where more was asked for than the model was made for, and the
    ///   cache looks as far.
    package func tokenCount(in plan: CachePlan) throws(ModelError) -> Int? {
        if isEndless(plan) { return askedLength }
        guard length <= modelLength || reachesBeyond else {
            throw .contextLengthOutOfRange(asked: length, maximum: modelLength)
        }
        return length
    }

    /// Whether no query ever stands further from what it sees than the model was made for, and sinks are kept.
    private func isEndless(_ plan: CachePlan) -> Bool {
        var keepsSinks = false
        // By index: a pass of a long sequence asks, and a copy of a layer's plan is for nothing.
        for index in plan.layers.indices {
            switch plan.layers[index].retention {
            case .sinks(let count, let window, .inCache):
                let (sum, overflow) = count.addingReportingOverflow(window)
                guard !overflow, sum <= rotaryLength else { return false }
                keepsSinks = true
            // The model's own, trained so.
            case .window(let length): guard length <= rotaryLength else { return false }
            case .full, .sinks, .compressive: return false
            }
        }
        return keepsSinks
    }
}

extension DecoderSpecification {
    /// The longest sequence whose positions turn as in the model's first training, in tokens: where the length chooses
    /// between two forms (`DynamicScaling`, `LongScaling`) the end of the first, elsewhere the whole context.
    package var unscaledContextLength: Int {
        layers.reduce(contextLength) { length, layer in
            switch layer.rotary?.scaling ?? .none {
            case .dynamic(let scaling): min(length, scaling.originalContextLength)
            case .long(let scaling): min(length, scaling.originalContextLength)
            case .none, .linear, .yarn, .llama3, .divided: length
            }
        }
    }
}
