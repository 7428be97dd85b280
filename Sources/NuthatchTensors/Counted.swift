/// Numbers of things in sentences: "1 token", "2 tokens".
package enum Counted {
    /// The number and its noun, in the singular for 1.
    ///
    /// - Parameters:
    ///   - noun: in the singular, with whatever stands before it: "stop string", "entry".
    ///   - plural: where it is not made by the rules of "token", "entry" and "patch".
    package static func text(_ count: some BinaryInteger, _ noun: String, plural: String? = nil) -> String {
        "\(count) \(count == 1 ? noun : plural ?? Self.plural(of: noun))"
    }

    /// "is" or "are".
    package static func are(_ count: some BinaryInteger) -> String { count == 1 ? "is" : "are" }

    /// "was" or "were".
    package static func were(_ count: some BinaryInteger) -> String { count == 1 ? "was" : "were" }

    /// "has" or "have".
    package static func have(_ count: some BinaryInteger) -> String { count == 1 ? "has" : "have" }

    private static func plural(of noun: String) -> String {
        if noun.hasSuffix("y") { return noun.dropLast() + "ies" }
        return noun + (["ch", "sh", "s", "x"].contains(where: noun.hasSuffix) ? "es" : "s")
    }
}
