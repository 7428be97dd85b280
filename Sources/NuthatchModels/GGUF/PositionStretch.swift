import NuthatchTensors

/// What YaRN's factor s multiplies in latent attention, and how llama.cpp's deepseek2 says it.
///
/// Cosines and sines are multiplied by c, as in other models, and scores by m^2 besides. Of a file that states A,
/// rope.scaling.attn_factor (1 where it doesn't), and M, rope.scaling.yarn_log_multiplier, llama.cpp computes
///
/// ```
/// c = A                      m = A (1 + M ln s)          with an M other than 0
/// c = A (1 + 0.1 ln s)       m = c                       without
/// ```
///
/// Converters state 0.1 mscale_all_dim as M, and leave mscale out: published models have the same number twice, so that
/// c is 1. The two keys together say any c and m.
struct PositionStretch: Sendable, Equatable {
    /// c
    var turning: Double
    /// m
    var scoring: Double

    init(turning: Double, scoring: Double) {
        self.turning = turning
        self.scoring = scoring
    }

    /// As llama.cpp reads it.
    init(factor: Double, attentionFactor: Double?, logMultiplier: Double?) {
        turning = attentionFactor ?? 1
        if let logMultiplier, logMultiplier != 0 {
            scoring = turning * YarnScaling.magnitude(factor, weight: 10 * logMultiplier)
        } else {
            turning *= YarnScaling.magnitude(factor)
            scoring = turning
        }
    }

    /// What makes llama.cpp, and the other initialiser, find these two; nil where a key isn't needed.
    func keys(factor: Double) -> (attentionFactor: Double?, logMultiplier: Double?) {
        func needed(_ attentionFactor: Double) -> Double? {
            // Less is lost in storing it.
            abs(attentionFactor - 1) > 1e-7 ? attentionFactor : nil
        }
        guard factor > 1, abs(scoring - turning) > 1e-6 * turning else {
            return (needed(turning / YarnScaling.magnitude(factor)), nil)
        }
        return (needed(turning), (scoring / turning - 1) / RealFunctions.logarithm(factor))
    }
}
