/// Evaluated arguments of one call of a filter, test, method, global or macro.
struct TemplateArguments {
    let callee: String
    let position: TemplatePosition
    var positional: [TemplateValue] = []
    var named: [(name: String, value: TemplateValue)] = []

    /// One value per name of `parameters`, nil where none was given; refuses what does not fit.
    func bound(to parameters: [String], required: Int = 0) throws(TemplateError) -> [TemplateValue?] {
        guard positional.count <= parameters.count else {
            throw invalid("takes at most \(parameters.count) arguments, and \(positional.count) were given")
        }
        var values: [TemplateValue?] = positional
        values += Array(repeating: nil, count: parameters.count - positional.count)
        for argument in named {
            guard let place = parameters.firstIndex(of: argument.name) else {
                throw invalid("has no parameter '\(argument.name)'")
            }
            guard values[place] == nil else { throw invalid("was given '\(argument.name)' twice") }
            values[place] = argument.value
        }
        for place in 0..<required where values[place] == nil {
            throw invalid("needs '\(parameters[place])'")
        }
        return values
    }

    func invalid(_ reason: String) -> TemplateError {
        .invalidOperation(at: position, reason: "\(callee) \(reason)")
    }

    func integer(_ value: TemplateValue?, named name: String, default fallback: Int) throws(TemplateError)
        -> Int
    {
        guard let value else { return fallback }
        guard let number = value.wholeNumber else {
            throw invalid("needs an integer for '\(name)', and \(value.kindDescription) was given")
        }
        return number
    }

    func text(_ value: TemplateValue?, named name: String) throws(TemplateError) -> String {
        try spelling(value, named: name).string
    }

    /// The text of an argument with where it came from.
    func spelling(_ value: TemplateValue?, named name: String) throws(TemplateError) -> TemplateText {
        guard case .string(let text)? = value else {
            throw invalid(
                "needs a string for '\(name)', and \(value?.kindDescription ?? "nothing") was given")
        }
        return text
    }
}
