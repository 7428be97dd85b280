/// The name of a GGUF file that is part of a model: NAME-00001-of-00002.gguf.
package struct GGUFPartName: Equatable, Sendable {
    /// With the directory, up to the number.
    package let stem: String
    /// From 1.
    package let number: Int
    package let count: Int

    /// Nil for the name of a whole model.
    package init?(_ path: String) {
        let ending = ".gguf"
        guard path.hasSuffix(ending) else { return nil }
        let fields = path.dropLast(ending.count).split(separator: "-", omittingEmptySubsequences: false)
        guard fields.count >= 4, fields[fields.count - 2] == "of",
            let number = Self.number(fields[fields.count - 3]),
            let count = Self.number(fields[fields.count - 1]),
            (1...count).contains(number)
        else { return nil }
        stem = fields.dropLast(3).joined(separator: "-")
        self.number = number
        self.count = count
    }

    /// Where the part of that number lies.
    package func path(of number: Int) -> String { Self.name(stem, number, of: count) }

    /// The name of a part.
    static func name(_ stem: String, _ number: Int, of count: Int) -> String {
        "\(stem)-\(digits(number))-of-\(digits(count)).gguf"
    }

    /// What files of a model have in common in their names, for names that lead from one to the others.
    static func stem(of names: [String]) -> String {
        guard var stem = names.first?[...] else { return "model" }
        for name in names { while !name.hasPrefix(stem) { stem.removeLast() } }
        while let last = stem.last, !last.isLetter { stem.removeLast() }
        return stem.isEmpty ? "model" : String(stem)
    }

    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.count == 5, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(digits), number > 0
        else { return nil }
        return number
    }

    private static func digits(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 5 - text.count)) + text
    }
}
