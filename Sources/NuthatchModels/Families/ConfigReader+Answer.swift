import NuthatchCache
import NuthatchCheckpoints
import NuthatchTensors

extension ConfigReader {
    /// How an answer begins: as generation_config.json says, or config.json, which alone old directories have.
    ///
    /// - Parameter token: what is read at position 0 where neither says.
    func answerStart(default token: Int) throws(ModelError) -> EncoderDecoderSpecification.AnswerStart {
        var fields = [root]
        if case .directory(let directory) = checkpoint,
            let generation = try reading({ () throws(CheckpointError) in try directory.generationConfig() })
        {
            fields.insert(generation, at: 0)
        }
        func stated(_ key: String) throws(ModelError) -> TokenID? {
            for field in fields {
                let value = try reading { () throws(CheckpointError) in try field.optionalInteger(key) }
                if let value { return try self.token(value, key) }
            }
            return nil
        }
        let start = try self.token(token, "pad_token_id")
        return EncoderDecoderSpecification.AnswerStart(
            token: try stated("decoder_start_token_id") ?? start,
            forcedFirstToken: try stated("forced_bos_token_id"),
            suppressedTokens: try suppressedTokens(fields))
    }

    /// `bad_words_ids`: [[token], ...].
    private func suppressedTokens(_ fields: [JSONField]) throws(ModelError) -> [TokenID] {
        let key = "bad_words_ids"
        guard let field = fields.lazy.compactMap({ $0[key] }).first else { return [] }
        guard let words = field.value.array else {
            throw .invalid(file: field.file, field: key, reason: "is not an array")
        }
        var tokens: [TokenID] = []
        for word in words {
            guard let ids = word.array, ids.count == 1, let id = ids[0].integer else {
                throw .invalid(
                    file: field.file, field: key, reason: "has other than lists of one token each")
            }
            tokens.append(try token(id, key))
        }
        return tokens
    }

    private func token(_ value: Int, _ key: String) throws(ModelError) -> TokenID {
        guard let token = TokenID(exactly: value) else {
            throw .invalid(file: file, field: key, reason: "is \(value), which no token is")
        }
        return token
    }
}

extension Checkpoint {
    /// Whether there is a tensor of this name.
    func holds(_ name: String) -> Bool { tensor(named: name) != nil }
}

extension DecoderSpecification.Layer {
    /// Layers that keep all and turn nothing.
    static func alike(_ count: Int) -> [DecoderSpecification.Layer] {
        Array(repeating: DecoderSpecification.Layer(retention: .full, rotary: nil), count: count)
    }
}
