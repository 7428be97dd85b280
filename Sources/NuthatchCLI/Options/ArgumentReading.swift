import NuthatchHub

/// What ArgumentParser takes for an option and a person did not mean as one, and names that are nearly right.
package enum ArgumentReading {
    /// Arguments in which a negative number is joined to the option that misses its value, as in --seed=-1, so that it
    /// is read as the number that it is; nil where that is not what is missing.
    ///
    /// - Parameter message: what was wrong with the arguments.
    package static func joiningNegativeNumber(_ arguments: [String], message: String) -> [String]? {
        guard message.hasPrefix(missingValue),
            let option = message.dropFirst(missingValue.count).split(whereSeparator: { " '".contains($0) })
                .first
        else { return nil }
        for (index, argument) in arguments.enumerated().dropLast()
        where argument == option && isNegativeNumber(arguments[index + 1]) {
            var joined = arguments
            joined[index] += "=" + joined.remove(at: index + 1)
            return joined
        }
        return nil
    }

    private static let missingValue = "Missing value for '"

    private static func isNegativeNumber(_ argument: String) -> Bool {
        guard argument.hasPrefix("-"), let next = argument.dropFirst().first else { return false }
        return next.isASCII && (next.isNumber || next == ".") || Double(argument) != nil
    }

    /// A text that begins with '-', which was read as options; nil where there is none.
    ///
    /// Options are words of letters, digits and '-', with a value behind '='; a single letter may follow one '-'.
    package static func dashedText(_ arguments: [String]) -> String? {
        arguments.prefix { $0 != "--" }.first { argument in
            guard argument.hasPrefix("-"), argument != "-" else { return false }
            let name = argument.prefix { $0 != "=" }
            let letters = name.drop { $0 == "-" }
            let dashes = name.count - letters.count
            let isName =
                !letters.isEmpty && letters.allSatisfy { $0 == "-" || ($0.isASCII && $0.isAlphanumeric) }
            return
                !(isName
                && (dashes == 2
                    || (dashes == 1 && letters.count == 1 && letters.first?.isLetter == true
                        && argument == name)))
        }
    }

    /// The sentence for a text that begins with '-'; nil where none is the reason.
    ///
    /// - Parameter message: what was wrong with the arguments; nil where help was read in them, for "-hello" is also -h,
    ///   -e and so on.
    package static func dashedSentence(_ arguments: [String], message: String?) -> String? {
        let isReason =
            message.map { message in
                ["Missing expected argument", "Unknown option"].contains { message.hasPrefix($0) }
            } ?? !arguments.contains { ["-h", "--help", "help", "--version"].contains($0) }
        guard isReason, let text = dashedText(arguments) else { return nil }
        let excerpt = text.count <= 40 ? text : text.prefix(40) + "…"
        return
            "\"\(excerpt)\" begins with '-', so it is read as options. Put -- before a text that begins so, "
            + "behind all options: -- \"\(excerpt)\"."
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
