import NuthatchTensors

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// Numbers as people read them.
package enum Quantities {
    /// "98.4 MB": decimal units, as file sizes are sold.
    package static func bytes(_ count: Int) -> String { ByteQuantity.text(count) }

    /// "2 GiB", "1.5 GiB", "300 MiB": as memory is sold.
    package static func binary(_ byteCount: Int) -> String {
        guard byteCount >= 1 << 20 else { return bytes(byteCount) }
        let isLarge = byteCount >= 1 << 30
        let value = Double(byteCount) / (isLarge ? 1_073_741_824 : 1_048_576)
        let digits = value == value.rounded() || value >= 100 ? 0 : 1
        return "\(decimal(value, digits: digits)) \(isLarge ? "GiB" : "MiB")"
    }

    /// "1,234,567".
    package static func grouped(_ count: Int) -> String {
        var text = ""
        for (index, digit) in String(count.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (count < 0 ? "-" : "") + String(text.reversed())
    }

    /// "134.5 million".
    package static func count(_ count: Int) -> String {
        if count >= 1_000_000_000 { return decimal(Double(count) / 1e9, digits: 2) + " billion" }
        if count >= 1_000_000 { return decimal(Double(count) / 1e6, digits: 1) + " million" }
        return "\(count)"
    }

    /// "2 min 05 s", "12 s".
    package static func duration(seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60 < 10 ? "0" : "")\(whole % 60) s"
    }

    package static func decimal(_ value: Double, digits: Int) -> String {
        // The longest: 309 digits before the point.
        var text = [CChar](repeating: 0, count: 320 + digits)
        withVaList([CInt(digits), value]) { _ = vsnprintf(&text, text.count, "%.*f", $0) }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// "173.2 tokens/s"; a dash where nothing was measured.
    package static func rate(_ tokensPerSecond: Double?) -> String {
        tokensPerSecond.map { "\(decimal($0, digits: $0 < 100 ? 1 : 0)) tokens/s" } ?? "-"
    }
}
