#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// e to the power of `value`.
func exponential(_ value: Float) -> Float { expf(value) }
