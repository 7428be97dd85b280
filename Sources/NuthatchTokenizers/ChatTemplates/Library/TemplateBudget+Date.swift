/// `strftime` in the C locale: https://docs.python.org/3/library/datetime.html#format-codes
extension TemplateBudget {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]

    mutating func formatted(_ date: ChatDate, with format: TemplateText) throws(TemplateError) -> TemplateText
    {
        var result = TemplateText.empty
        var scalars = Array(format.string.unicodeScalars)[...]
        while let scalar = scalars.popFirst() {
            guard scalar == "%" else {
                try append(String(scalar), to: &result)
                continue
            }
            var code = scalars.popFirst()
            // glibc's sign for "without padding".
            let isPlain = code == "-"
            if isPlain { code = scalars.popFirst() }
            guard let code, let text = Self.text(of: code, date) else {
                throw .unsupported(
                    at: position, construct: "the date format '\(format.string.prefix(40))'",
                    supported: "%Y %y %m %B %b %d %e %j %A %a %w %u %H %I %M %S %p %F %T %D %R %c %x %X %%")
            }
            let stripped = text.trimmed(end: false) { $0 == "0" || $0 == " " }
            try append(isPlain ? (stripped.isEmpty ? "0" : stripped) : text, to: &result)
        }
        return format.isOwn ? result : TemplateText(given: result.string)
    }

    private static func text(of code: Unicode.Scalar, _ date: ChatDate) -> String? {
        func padded(_ value: Int, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (month, weekday) = (months[date.month - 1], weekdays[date.weekday])
        let time = "\(padded(date.hour)):\(padded(date.minute)):\(padded(date.second))"
        let spacedDay = date.day < 10 ? " \(date.day)" : "\(date.day)"
        let american = "\(padded(date.month))/\(padded(date.day))/\(padded(date.year % 100))"
        switch code {
        case "Y": return padded(date.year, 4)
        case "y": return padded(date.year % 100)
        case "m": return padded(date.month)
        case "B": return month
        case "b", "h": return String(month.prefix(3))
        case "d": return padded(date.day)
        case "e": return spacedDay
        case "j": return padded(date.dayOfYear, 3)
        case "A": return weekday
        case "a": return String(weekday.prefix(3))
        case "w": return String(date.weekday)
        case "u": return String(date.weekday == 0 ? 7 : date.weekday)
        case "H": return padded(date.hour)
        case "I": return padded(date.hour % 12 == 0 ? 12 : date.hour % 12)
        case "M": return padded(date.minute)
        case "S": return padded(date.second)
        case "p": return date.hour < 12 ? "AM" : "PM"
        case "F": return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))"
        case "T", "X": return time
        case "R": return "\(padded(date.hour)):\(padded(date.minute))"
        case "D", "x": return american
        case "c":
            return "\(weekday.prefix(3)) \(month.prefix(3)) \(spacedDay) \(time) \(padded(date.year, 4))"
        case "n": return "\n"
        case "t": return "\t"
        case "%": return "%"
        default: return nil
        }
    }
}
