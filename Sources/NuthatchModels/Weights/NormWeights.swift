import NuthatchTensors

/// A norm's tensors.
struct NormWeights: Sendable {
    let weight: FloatVector
    let bias: FloatVector?

    var byteCount: Int { weight.byteCount + (bias?.byteCount ?? 0) }
}

extension Operations {
    /// Each row of `input`, normalised, in `output`, which may be `input`.
    func normalise(
        _ input: Rows, _ norm: NormWeights, _ kind: DecoderSpecification.Norms.Kind, epsilon: Float,
        into output: Rows, on worker: Worker
    ) {
        switch kind {
        case .rms(let weightOffset):
            rmsNorm(
                input, weight: norm.weight.base, weightOffset: weightOffset, epsilon: epsilon, into: output,
                on: worker)
        case .layer:
            layerNorm(
                input, weight: norm.weight.base, bias: norm.bias?.base, epsilon: epsilon, into: output,
                on: worker)
        }
    }
}
