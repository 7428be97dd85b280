/// Reads the entries of `DecompositionTable`.
enum DecompositionReader {
    /// Calls `body` with each scalar, what it maps to in one step, and whether composition undoes that.
    static func forEach(in table: StaticString, _ body: (UInt32, [UInt32], _ isComposed: Bool) -> Void) {
        table.withUTF8Buffer { text in
            var scalar: UInt32 = 0
            for entry in text.split(separator: UInt8(ascii: " ")) {
                let signs = [UInt8(ascii: "="), UInt8(ascii: "!")]
                guard let sign = entry.firstIndex(where: { signs.contains($0) }) else { continue }
                let source = entry[..<sign].split(separator: UInt8(ascii: "+")).map(number)
                let mapping = entry[(sign + 1)...].split(separator: UInt8(ascii: ".")).map(number)
                scalar += source[0]
                let count = source.count > 1 ? source[1] : 1
                for offset in 0..<count {
                    let target = count > 1 ? [mapping[0] + offset] : mapping
                    body(scalar + offset, target, entry[sign] == UInt8(ascii: "="))
                }
            }
        }
    }

    private static func number(_ digits: some Sequence<UInt8>) -> UInt32 {
        digits.reduce(0) { value, digit in
            value << 4 | UInt32(digit <= UInt8(ascii: "9") ? digit - 0x30 : digit - 0x61 + 10)
        }
    }
}
