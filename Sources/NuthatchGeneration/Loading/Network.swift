import NuthatchCache
package import NuthatchModels
package import NuthatchTensors

/// What computes a model's tokens: a decoder, which continues a text, or an encoder and a decoder, which read a source
/// and answer it.
package enum Network: Sendable {
    case decoder(Decoder)
    case encoderDecoder(EncoderDecoder)

    package var family: String {
        switch self {
        case .decoder(let decoder): decoder.family
        case .encoderDecoder(let model): model.family
        }
    }

    var weightByteCount: Int {
        switch self {
        case .decoder(let decoder): decoder.weightByteCount
        case .encoderDecoder(let model): model.weightByteCount
        }
    }

    /// Ids in the vocabulary of the half that writes.
    var vocabularySize: Int {
        switch self {
        case .decoder(let decoder): decoder.specification.embedding.vocabularySize
        case .encoderDecoder(let model): model.specification.decoder.embedding.vocabularySize
        }
    }

    /// How much may be written, in tokens.
    var context: ContextBound {
        switch self {
        case .decoder(let decoder): decoder.context
        case .encoderDecoder(let model): model.context
        }
    }

    /// How an answer begins; nil where it continues its prompt.
    package var answerStart: EncoderDecoderSpecification.AnswerStart? {
        switch self {
        case .decoder: nil
        case .encoderDecoder(let model): model.specification.start
        }
    }
}

extension LanguageModel {
    /// The most tokens of a sequence in such a cache; nil where it goes on without end.
    ///
    /// - Throws: `NuthatchError` where the model has not what the options ask for.
    package func contextLength(keeping cache: CacheOptions) throws(NuthatchError) -> Int? {
        let decoder = try requireDecoder(for: "A cache that keeps \(cache.retention)")
        let plan = try cache.plan(for: decoder)
        do { return try decoder.context.tokenCount(in: plan) } catch {
            throw NuthatchError(explaining: error)
        }
    }

    /// Whether sequences of the model can be kept so: heads of some sizes can't be held rotated, for example.
    func canKeep(_ cache: CacheOptions) -> Bool {
        do { _ = try contextLength(keeping: cache) } catch { return false }
        return true
    }

    /// The decoder, for what continues a text.
    ///
    /// - Parameter action: what is wanted of it, as a sentence begins: "A chat".
    /// - Throws: `NuthatchError` (usage) where the model answers sources instead.
    package func requireDecoder(for action: String) throws(NuthatchError) -> Decoder {
        switch network {
        case .decoder(let decoder): return decoder
        case .encoderDecoder(let model):
            throw NuthatchError(
                code: .usage,
                message: "\(action) takes a model that continues a text; \(name) (\(model.family)) is an "
                    + "encoder-decoder, which answers one source at a time.",
                remedy: "Give it one source at a time (nuthatch run), or choose a decoder.")
        }
    }
}
