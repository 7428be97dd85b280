#if canImport(Darwin)
    internal import Darwin
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Glibc
#endif

/// The elementary functions that rotary embeddings, routers, samplers and measurements need, from the platform's
/// mathematics library.
package enum RealFunctions {
    package static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
    package static func logarithm(_ value: Double) -> Double { log(value) }
    package static func exponential(_ value: Double) -> Double { exp(value) }
    /// Rounded once, from `expf`: not the double function's value cut short.
    package static func exponential(_ value: Float) -> Float { expf(value) }
    package static func hyperbolicTangent(_ value: Double) -> Double { tanh(value) }
    package static func cosine(_ angle: Double) -> Double { cos(angle) }
    package static func sine(_ angle: Double) -> Double { sin(angle) }
}
