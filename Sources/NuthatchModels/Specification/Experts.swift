import NuthatchTensors

extension DecoderSpecification {
    /// A feed-forward of which each row uses some parts alone, those that a router scores highest (mixture of experts,
    /// arXiv:2101.03961): the sum of the chosen experts, each multiplied by its weight. Experts have the layer's
    /// activation, gates and no biases.
    package struct Experts: Sendable, Equatable {
        package var count: Int
        /// How many of them a row uses.
        package var usedCount: Int
        /// Inner width of each.
        package var size: Int
        package var scoring: Scoring = .softmax
        /// Whether the weights of the chosen ones are divided by their sum.
        package var normalisesWeights = false
        /// Multiplies every weight (DeepSeek's routed_scaling_factor); nil is 1.
        package var weightScale: Float?
        /// A number for each expert that is added to its score for choosing alone (arXiv:2408.15664).
        package var hasSelectionBias = false
        /// Experts are chosen from the best groups of neighbours; nil: from all.
        package var groups: Groups?
        /// Inner width of what every row uses besides (DeepSeek's shared experts); nil without.
        package var sharedSize: Int?

        package init(count: Int, usedCount: Int, size: Int) {
            self.count = count
            self.usedCount = usedCount
            self.size = size
        }

        /// What makes scores of a router's products.
        package enum Scoring: Sendable, Equatable {
            /// exp(x) over the sum of all
            case softmax
            /// 1 / (1 + exp(-x)), each by itself (DeepSeek-V3)
            case logistic
        }

        /// Experts in groups of equal size, one behind the other, of which a row uses the best.
        package struct Groups: Sendable, Equatable {
            package var count: Int
            package var usedCount: Int
            package var rank: Rank

            /// What a group is worth.
            package enum Rank: Sendable, Equatable {
                /// A group's best expert's score (DeepSeek-V2).
                case best
                /// The sum of its two best (DeepSeek-V3).
                case sumOfTwo
            }

            package init(count: Int, usedCount: Int, rank: Rank) {
                self.count = count
                self.usedCount = usedCount
                self.rank = rank
            }
        }
    }

    /// Whether a layer's feed-forward is a mixture of experts.
    func experts(layer: Int) -> Experts? { layers[layer].isSparse ? feedForward.experts : nil }

    /// The inner width of what all rows of a layer use; nil where experts are all there is.
    func denseSize(layer: Int) -> Int? {
        experts(layer: layer).map(\.sharedSize) ?? feedForward.size
    }

    func validateExperts(file: String) throws(ModelError) {
        guard let experts = feedForward.experts else {
            if layers.contains(where: \.isSparse) {
                throw .invalid(file: file, field: "the experts", reason: "are missing, and layers use some")
            }
            return
        }
        let sizes: [(field: String, value: Int, limit: ModelLimit)] = [
            ("the number of experts", experts.count, .expertCount),
            ("the number of experts in all layers", experts.count * layers.count, .totalExpertCount),
            ("the number of experts that a token uses", experts.usedCount, .expertCount),
            ("an expert's size", experts.size, .feedForwardSize),
            ("the shared experts' size", experts.sharedSize ?? 1, .feedForwardSize),
        ]
        for size in sizes { try size.limit.check(size.value, file: file, field: size.field) }
        guard experts.usedCount <= experts.count else {
            throw .invalid(
                file: file, field: "the number of experts that a token uses",
                reason: "is \(experts.usedCount) of \(experts.count)")
        }
        guard feedForward.isGated, !feedForward.hasBias else {
            throw .invalid(file: file, field: "the experts", reason: "have biases or no gates")
        }
        guard let groups = experts.groups else { return }
        guard groups.count >= 1, groups.usedCount >= 1, groups.usedCount <= groups.count,
            experts.count % groups.count == 0,
            experts.usedCount <= experts.count / groups.count * groups.usedCount
        else {
            throw .invalid(
                file: file, field: "the groups of experts",
                reason: "\(groups.usedCount) of \(groups.count), can't give \(experts.usedCount) of "
                    + "\(Counted.text(experts.count, "expert"))")
        }
    }
}
