import ArgumentParser
import NuthatchGeneration

/// What `--kv-retention` takes:
///
///     full | window=N | sinks=S+N[,positions=cache|true] | compressive=N[,rule=delta|linear]
struct RetentionArgument: Sendable {
    /// As it was given.
    let text: String
    let retention: CacheOptions.Retention

    /// The most tokens a cache counts.
    static let largestNumber = 1 << 31

    static let help = """
        Which tokens are kept. full: all that the model attends to. window=N: the newest N. sinks=S+N: the first S \
        and the newest N, read as if adjacent; at their true distance with sinks=S+N,positions=true. compressive=N: \
        segments of N, earlier ones folded into a memory of fixed size by the delta rule; by plain addition with \
        compressive=N,rule=linear. Default: full.
        """

    private static let grammar = """
        choose full, window=N, sinks=S+N, sinks=S+N,positions=true, compressive=N or compressive=N,rule=linear, \
        with N and S from 1 to \(largestNumber)
        """

    init(_ text: String) throws {
        guard let retention = Self.retention(text) else { throw ValidationError(Self.grammar) }
        self.text = text
        self.retention = retention
    }

    var isWindow: Bool {
        if case .window = retention { true } else { false }
    }

    private static func retention(_ text: String) -> CacheOptions.Retention? {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard let (name, number) = assignment(parts[0]) else { return text == "full" ? .full : nil }
        guard parts.count <= 2 else { return nil }
        let qualifier = parts.count == 2 ? assignment(parts[1]) : nil
        guard parts.count == 1 || qualifier != nil else { return nil }
        switch (name, qualifier?.name) {
        case ("window", nil):
            return count(number).map { .window(length: $0) }
        case ("sinks", nil), ("sinks", "positions"):
            let numbers = number.split(separator: "+", omittingEmptySubsequences: false).map(count)
            guard numbers.count == 2, let sinks = numbers[0], let window = numbers[1],
                let positions = CacheOptions.SinkPositions(rawValue: String(qualifier?.value ?? "cache"))
            else { return nil }
            return .sinks(count: sinks, window: window, positions: positions)
        case ("compressive", nil), ("compressive", "rule"):
            guard let length = count(number),
                let rule = CacheOptions.MemoryRule(rawValue: String(qualifier?.value ?? "delta"))
            else { return nil }
            return .compressive(segmentLength: length, rule: rule)
        default: return nil
        }
    }

    private static func assignment(_ text: Substring) -> (name: Substring, value: Substring)? {
        guard let sign = text.firstIndex(of: "=") else { return nil }
        return (text[..<sign], text[text.index(after: sign)...])
    }

    private static func count(_ text: Substring) -> Int? {
        guard text.allSatisfy(\.isASCII), !text.hasPrefix("+"), let number = Int(text) else { return nil }
        return (1...largestNumber).contains(number) ? number : nil
    }
}
