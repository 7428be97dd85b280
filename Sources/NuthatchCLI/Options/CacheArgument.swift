import ArgumentParser
import NuthatchGeneration
import NuthatchTensors

/// A cache in one word, as `compare --cache` takes it: parts between commas, each of which one of the options says that every
/// command has.
///
///     q8   q8/q4   windows=q4/q2   static   sinks=4+1020,positions=true   disk   capacity=4096
struct CacheArgument: Sendable {
    let text: String
    /// Options that say the same.
    let arguments: [String]

    static let help = """
        A cache to compare; may be given several times. Parts between commas: a preset (dynamic, static, sliding_window, \
        offloaded, offloaded_static, quantized); how keys and values are held (q8, or q8/q4 for each); windows=q8/q4 for \
        layers with a window; a retention (window=N, sinks=S+N, compressive=N); disk; capacity=N. Where none says how \
        keys and values are held, presets have f16 (quantized q4), all others q8. Default: every preset and size.
        """

    init(_ text: String) throws {
        self.text = text
        var arguments: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let next = Self.arguments(of: part, behind: &arguments) else {
                throw ValidationError(
                    "'\(part)' is no part of a cache; give parts as in q8, q8/q4, windows=q4, static, window=512, "
                        + "sinks=4+508, disk or capacity=4096, with commas between")
            }
            if let option = next.first, arguments.contains(option) {
                throw ValidationError(
                    "'\(text)' says twice what \(option) is; leave one of them out")
            }
            arguments += next
        }
        self.arguments = arguments
    }

    private static func arguments(of part: Substring, behind before: inout [String]) -> [String]? {
        if CacheOptions.Preset(rawValue: String(part)) != nil { return ["--cache", String(part)] }
        if let sides = sides(part) { return ["--kv-keys", sides.keys, "--kv-values", sides.values] }
        if part == "disk" || part == "memory" || part.hasPrefix("disk:") {
            return ["--kv-placement", String(part)]
        }
        if part == "full" { return ["--kv-retention", "full"] }
        guard let sign = part.firstIndex(of: "=") else { return nil }
        let value = part[part.index(after: sign)...]
        switch part[..<sign] {
        case "windows":
            return sides(value).map { ["--kv-window-keys", $0.keys, "--kv-window-values", $0.values] }
        case "capacity": return ["--kv-capacity", String(value)]
        case "window", "sinks", "compressive": return ["--kv-retention", String(part)]
        case "positions", "rule":
            // Belongs to the retention before it.
            guard before.count >= 2, before[before.count - 2] == "--kv-retention" else { return nil }
            before[before.count - 1] += ",\(part)"
            return []
        default: return nil
        }
    }

    /// "q8" or "q8/q4".
    private static func sides(_ text: Substring) -> (keys: String, values: String)? {
        let names = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard names.count <= 2, let keys = names.first, let values = names.last,
            names.allSatisfy({ CacheOptions.Storage(rawValue: $0) != nil })
        else { return nil }
        return (keys, values)
    }

    /// - Throws: `NuthatchError` (usage) for parts that contradict each other.
    func variant(_ settings: Settings) throws -> CacheVariant {
        do {
            return CacheVariant(text, try CacheOptionGroup.parse(arguments).options(settings))
        } catch {
            let known = error as? NuthatchError
            var reason = known?.message ?? CacheOptionGroup.message(for: error)
            if !reason.hasSuffix(".") { reason += "." }
            throw NuthatchError(
                code: known?.code ?? .usage, message: "The cache \(text): \(reason)",
                remedy: "Say it as in q8/q4,sinks=4+1020,disk (compare --help has the parts).")
        }
    }
}
