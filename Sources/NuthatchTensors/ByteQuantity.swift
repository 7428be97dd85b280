/// Numbers of bytes as people read them.
package enum ByteQuantity {
    /// "98.4 MB": decimal units, as file sizes are sold.
    package static func text(_ count: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(count)
        var unit = 0
        // What rounds to 1,000 is one of the next unit.
        while value >= 999.5, unit + 1 < units.count {
            value /= 1000
            unit += 1
        }
        guard unit > 0 else { return "\(count) B" }
        guard value < 99.95 else { return "\(Int(value.rounded())) \(units[unit])" }
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    /// Numbers that stand beside each other in a sentence: rounded, or to the byte where two that differ would read
    /// alike.
    package static func texts(_ counts: Int...) -> [String] {
        let rounded = counts.map(text)
        return Set(rounded).count == Set(counts).count ? rounded : counts.map { "\($0) B" }
    }
}
