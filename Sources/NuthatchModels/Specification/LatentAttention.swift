import NuthatchCache

extension DecoderSpecification {
    /// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434): a row's keys and values are made of one short
    /// vector, its latent, and of one small key that turns and that all heads share.
    ///
    /// ```
    /// latent | k_r = x kvDown            k_r turns; latent = norm(latent)
    /// q_h | q_hr   = (x, or norm(x queryDown)) queryUp
    /// score_h      = q_h . (K_h latent) + q_hr . k_r           K_h [plain, rank]
    /// out_h        = sum of p_j (V_h latent_j)                 V_h [value, rank]
    /// ```
    ///
    /// q . (K latent) = (K^T q) . latent, and a sum of V latent_j is V times the sum. So the heads can stay folded into
    /// the queries and the result: the cache then holds latents alone, each once, and all heads read the same one.
    package struct LatentAttention: Sendable, Equatable {
        /// Elements of a latent.
        package var rank: Int
        /// Elements of the vector that queries are made of; nil: of the row itself.
        package var queryRank: Int?
        /// Elements of a head's key that come from the latent, and of the shared one that turns.
        package var plainDimension: Int
        package var turnedDimension: Int
        package var valueDimension: Int
        /// The epsilon of the norms of latents and of what queries are made of.
        package var normEpsilon: Float = 1e-6
        package var form: Form = .absorbed

        package init(
            rank: Int, queryRank: Int?, plainDimension: Int, turnedDimension: Int, valueDimension: Int
        ) {
            self.rank = rank
            self.queryRank = queryRank
            self.plainDimension = plainDimension
            self.turnedDimension = turnedDimension
            self.valueDimension = valueDimension
        }

        /// What the cache holds. Both give the same numbers but for rounding.
        package enum Form: Sendable, Equatable {
            /// Latents: `rank + turnedDimension` numbers a token as keys, whose first `rank` are the values, whatever
            /// the heads.
            case absorbed
            /// Each head's keys and values, as other models' caches do: less arithmetic a token, many times the memory.
            case expanded
        }

        /// Elements of a query and of a key as a head sees them.
        package var keyDimension: Int { plainDimension + turnedDimension }
        /// What a row has instead of keys and values.
        package var compressedWidth: Int { rank + turnedDimension }

        /// What a row is multiplied to: queries, or what they are made of, and what it has instead of keys and values.
        func inputWidth(queryCount: Int) -> Int {
            (queryRank ?? queryCount * keyDimension) + compressedWidth
        }

        func geometry(queryCount: Int, retention: Retention) -> LayerGeometry {
            switch form {
            case .absorbed:
                LayerGeometry(
                    kvHeadCount: 1, keyDimension: compressedWidth, valueDimension: rank,
                    values: .firstKeyColumns, retention: retention)
            case .expanded:
                LayerGeometry(
                    kvHeadCount: queryCount, keyDimension: keyDimension, valueDimension: valueDimension,
                    retention: retention)
            }
        }
    }
}

extension DecoderSpecification.Attention {
    /// Latent attention of so many heads.
    package init(headCount: Int, latent: DecoderSpecification.LatentAttention) {
        self.init(
            heads: DecoderSpecification.Heads(
                queryCount: headCount, kvCount: headCount, dimension: latent.keyDimension))
        self.latent = latent
    }
}

extension DecoderSpecification {
    func validateLatent(file: String) throws(ModelError) {
        guard let latent = attention.latent else { return }
        let sizes: [(field: String, value: Int, limit: ModelLimit)] = [
            ("the rank of latents", latent.compressedWidth, .headDimension),
            ("the rank of queries", latent.queryRank ?? 1, .hiddenSize),
            ("the plain dimension of keys", latent.plainDimension, .headDimension),
            ("the turned dimension of keys", latent.turnedDimension, .headDimension),
            ("the dimension of values", latent.valueDimension, .headDimension),
        ]
        for size in sizes { try size.limit.check(size.value, file: file, field: size.field) }
        let heads = attention.heads
        guard heads.dimension == latent.keyDimension, heads.kvCount == heads.queryCount,
            attention.headNorm == nil, !attention.hasInputBias, !attention.hasMemoryGates
        else {
            throw .invalid(
                file: file, field: "latent attention",
                reason: "has norms of heads, biases, memory or key-value heads of its own")
        }
    }
}
