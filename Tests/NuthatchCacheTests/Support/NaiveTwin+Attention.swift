#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension NaiveTwin {
    /// The last token's output in a layer, [queryHead * valueDimension], over all that was ever seen.
    func lastOutput(layer: Int) -> [Double] {
        var complete = self
        complete.restoreAll()
        return NaiveAttention<Double>(shape: shape, exponential: exp, hyperbolicTangent: tanh).outputs(
            tokens, layer: layer, contents: complete.contents(layer: layer), from: tokens.count - 1)
    }
}
