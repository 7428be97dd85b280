import NuthatchHub

/// What ArgumentParser takes for an option and a person did not mean as one, and names that are nearly right.
package enum ArgumentReading {
    /// Whether what a command says, failures too, is to be one JSON object: with --json alone, or with a file's name where
    /// that is '-'.
    package static func asksForJSON(_ arguments: [String]) -> Bool {
        let options = arguments.prefix { $0 != "--" }
        guard let index = options.firstIndex(where: { $0 == "--json" || $0.hasPrefix("--json=") }) else {
            return false
        }
        guard arguments.first == "compare" else { return options[index] == "--json" }
        return options[index] == "--json=-"
            || (options[index] == "--json" && options[(index + 1)...].first == "-")
    }

    /// Arguments in which a negative number is joined to the option that misses its value, as in --seed=-1, so that it
    /// is read as the number that it is; nil where that is not what is missing.
    ///
    /// - Parameter message: what was wrong with the arguments.
    package static func joiningNegativeNumber(_ arguments: [String], message: String) -> [String]? {
        guard let option = optionMissingItsValue(message) else { return nil }
        for (index, argument) in arguments.enumerated().dropLast()
        where argument == option && isNegativeNumber(arguments[index + 1]) {
            var joined = arguments
            joined[index] += "=" + joined.remove(at: index + 1)
            return joined
        }
        return nil
    }

    private static func optionMissingItsValue(_ message: String) -> Substring? {
        let beginning = "Missing value for '"
        guard message.hasPrefix(beginning) else { return nil }
        return message.dropFirst(beginning.count).split(whereSeparator: { " '".contains($0) }).first
    }

    private static func isNegativeNumber(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let next = argument.dropFirst().first else { return false }
        return next.isASCII && (next.isNumber || next == ".") || Double(argument) != nil
    }

    /// A text that begins with '-', which was read as options; nil where there is none.
    ///
    /// Options are words of letters, digits and '-', with a value behind '='; a single letter that the command knows may
    /// follow one '-'.
    ///
    /// - Parameter isStrict: whether words behind "--" are options only where the command knows them, too.
    package static func dashedText(
        _ arguments: [String], options: CommandOptions, isStrict: Bool = false
    ) -> String? {
        arguments.prefix { $0 != "--" }.first { argument in
            guard argument.hasPrefix("-"), argument != "-" else { return false }
            let name = argument.prefix { $0 != "=" }
            if options.names.contains(String(name)) { return false }
            let letters = name.drop { $0 == "-" }
            let isWord =
                !letters.isEmpty && letters.allSatisfy { $0 == "-" || ($0.isASCII && $0.isAlphanumeric) }
            return isStrict || !isWord || name.count - letters.count != 2
        }
    }

    /// The sentence for a text that begins with '-'; nil where none is the reason.
    ///
    /// - Parameters:
    ///   - message: what was wrong with the arguments; nil where help was read in them, for "-hello" is also -h, -e and so
    ///     on.
    ///   - options: the command's.
    package static func dashedSentence(
        _ arguments: [String], message: String?, options: CommandOptions
    ) -> String? {
        if let message, let sentence = joiningSentence(arguments, message: message, options: options) {
            return sentence
        }
        let isMissing = message?.hasPrefix("Missing expected argument") == true
        let isReason =
            message.map { message in
                isMissing || ["Unknown option", "Invalid option"].contains { message.hasPrefix($0) }
            } ?? !arguments.contains { ["-h", "--help", "help", "--version"].contains($0) }
        guard isReason, options.hasArguments,
            let text = dashedText(arguments, options: options, isStrict: isMissing)
        else { return nil }
        return
            "\"\(excerpt(text))\" begins with '-', so it is read as options. Put -- before a text that begins so, "
            + "behind all options: -- \"\(excerpt(text))\"."
    }

    /// The sentence for a value that begins with '-' behind its option, where it is read as options; nil where an option
    /// that the command knows follows, or nothing.
    private static func joiningSentence(
        _ arguments: [String], message: String, options: CommandOptions
    ) -> String? {
        let missing = optionMissingItsValue(message)
        guard missing != nil || message.hasPrefix("Invalid option") else { return nil }
        for (index, argument) in arguments.enumerated().dropLast()
        where missing.map({ $0 == argument }) ?? options.valued.contains(argument) {
            // A value behind "--" belongs to no option either.
            guard let value = arguments[(index + 1)...].first(where: { $0 != "--" }), value.hasPrefix("-"),
                value != "-", !options.names.contains(String(value.prefix { $0 != "=" }))
            else { continue }
            return
                "\(argument) lacks its value: \"\(excerpt(value))\" behind it begins with '-', so it is read as options. "
                + "Join a value that begins so with '=': \(argument)=\"\(excerpt(value))\"."
        }
        return nil
    }

    /// The sentence for an option that there is not; nil where none is the reason, or no command was named.
    ///
    /// - Parameter command: the name of the command.
    package static func unknownOption(
        message: String, command: String?, options: CommandOptions
    ) -> String? {
        let beginning = "Unknown option '"
        guard let command, message.hasPrefix(beginning + "--") else { return nil }
        let name = String(message.dropFirst(beginning.count).prefix { $0 != "'" })
        return
            "There is no option \(excerpt(name)).\(NearestNames.question(name, among: options.names.sorted()))"
            + " nuthatch \(command) --help lists them."
    }

    /// The sentence for a whole number that is too large to be one; nil where that is not what is wrong.
    package static func numberSentence(message: String) -> String? {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == "The value ", parts[2] == " is invalid for ", parts[4].isEmpty,
            Int(parts[1]) == nil
        else { return nil }
        let digits = parts[1].drop { $0 == "-" || $0 == "+" }
        guard !digits.isEmpty, parts[1].count - digits.count < 2,
            digits.allSatisfy({ ("0"..."9").contains($0) })
        else { return nil }
        return
            "\(parts[3].prefix { $0 != " " }) is \(excerpt(String(parts[1]))), which is out of range. Whole numbers go "
            + "from \(Int.min) to \(Int.max), and most options take far fewer."
    }

    private static func excerpt(_ text: String) -> String {
        text.count <= 40 ? text : text.prefix(40) + "…"
    }

    /// The sentence for a first argument that is no command; nil where it is one, or an option.
    package static func unknownCommand(_ arguments: [String], among commands: [String]) -> String? {
        guard let first = arguments.first, !first.hasPrefix("-"), !(commands + ["help"]).contains(first)
        else {
            return nil
        }
        return "There is no command \"\(first)\"." + NearestNames.question(first, among: commands)
            + " nuthatch --help lists them."
    }
}

extension Character {
    fileprivate var isAlphanumeric: Bool { isLetter || isNumber }
}
