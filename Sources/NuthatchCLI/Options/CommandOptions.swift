/// The names that a command gives its options, as its help lists them:
///
///     -m, --model <model>     An alias ...
///     --json                  Print one JSON object.
package struct CommandOptions: Equatable, Sendable {
    /// All names of options, such as "-m" and "--json".
    package private(set) var names: Set<String> = []
    /// The names of options that take a value.
    package private(set) var valued: Set<String> = []
    /// Whether the command takes arguments beside options.
    package private(set) var hasArguments = false

    /// No command's.
    package init() {}

    package init(help: String) {
        for line in help.split(separator: "\n") {
            if line.hasPrefix("ARGUMENTS:") { hasArguments = true }
            let text = line.drop { $0 == " " }
            // What begins at the margin, or far from it, is prose.
            guard (1...4).contains(line.count - text.count), text.hasPrefix("-") else { continue }
            var listed: [String] = []
            for word in text.split(separator: " ") {
                guard word.hasPrefix("-") else {
                    if word.hasPrefix("<") { valued.formUnion(listed) }
                    break
                }
                listed.append(String(word.hasSuffix(",") ? word.dropLast() : word))
            }
            names.formUnion(listed)
        }
    }
}
