/// `format % values`, after Python's printf-style formatting:
/// https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting
extension TemplateBudget {
    mutating func percentFormatted(
        _ format: String, with value: TemplateValue
    ) throws(TemplateError) -> String {
        try text(byteCount: format.utf8.count)
        var source = PercentFormat(scalars: Array(format.unicodeScalars))
        var values: [TemplateValue] = [value]
        if case .sequence(let sequence) = value, sequence.kind.isTuple { values = sequence.items }
        var used = 0
        var result = ""
        while let piece = source.next() {
            switch piece {
            case .text(let text): try append(text, to: &result)
            case .malformed: throw invalid("the format '\(format.prefix(80))' is malformed")
            case .conversion(let conversion):
                let argument: TemplateValue
                if let key = conversion.key {
                    guard case .dictionary(let dictionary) = value, let found = dictionary[key] else {
                        throw invalid("the format needs a dictionary with '\(key)'")
                    }
                    argument = found
                } else {
                    guard used < values.count else { throw invalid("the format needs more values") }
                    argument = values[used]
                    used += 1
                }
                try append(try converted(argument, by: conversion), to: &result)
            }
        }
        if case .dictionary = value { return result }
        guard used == values.count else { throw invalid("the format leaves values unused") }
        return result
    }

    private mutating func converted(
        _ value: TemplateValue, by conversion: PercentFormat.Conversion
    ) throws(TemplateError) -> String {
        var text: String
        switch conversion.type {
        case "s", "r":
            text = conversion.type == "s" ? try self.text(of: value) : try representation(of: value)
            if let precision = conversion.precision {
                text = String(codePoints: text.unicodeScalars.prefix(precision))
            }
            return try padded(
                text, width: conversion.width, fill: " ", alignment: conversion.isLeft ? .left : .right)
        case "d", "i", "u", "x", "X", "o":
            let whole = value.wholeNumber ?? value.number.flatMap { Int(exactly: $0.rounded(.towardZero)) }
            guard let whole else { throw invalid("'%\(conversion.type)' needs a number") }
            let radix =
                conversion.type == "o" ? 8 : conversion.type == "x" || conversion.type == "X" ? 16 : 10
            text = String(whole, radix: radix, uppercase: conversion.type == "X")
        case "f", "F":
            guard let number = value.number else { throw invalid("'%f' needs a number") }
            let precision = conversion.precision ?? 6
            try self.text(byteCount: max(1 << 12, precision))
            text = number.fixedText(fractionCount: precision)
        default:
            throw .unsupported(
                at: position, construct: "the conversion '%\(conversion.type)'",
                supported: "s r d i u x X o f F %")
        }
        if conversion.showsPlus, !text.hasPrefix("-") { text = "+" + text }
        if conversion.isLeft { return try padded(text, width: conversion.width, fill: " ", alignment: .left) }
        return conversion.fillsZeros
            ? try zeroFilled(text, width: conversion.width)
            : try padded(text, width: conversion.width, fill: " ", alignment: .right)
    }
}

/// Reads a format piece by piece.
private struct PercentFormat {
    struct Conversion {
        var key: String?
        var isLeft = false
        var fillsZeros = false
        var showsPlus = false
        var width = 0
        var precision: Int?
        var type: Unicode.Scalar = "s"
    }

    enum Piece {
        case text(String)
        case conversion(Conversion)
        case malformed
    }

    let scalars: [Unicode.Scalar]
    private var offset = 0

    init(scalars: [Unicode.Scalar]) {
        self.scalars = scalars
    }

    mutating func next() -> Piece? {
        guard offset < scalars.count else { return nil }
        guard scalars[offset] == "%" else {
            let end = scalars[offset...].firstIndex(of: "%") ?? scalars.count
            defer { offset = end }
            return .text(String(codePoints: scalars[offset..<end]))
        }
        offset += 1
        if take("%") { return .text("%") }
        var conversion = Conversion()
        if take("(") {
            guard let end = scalars[offset...].firstIndex(of: ")") else { return .malformed }
            conversion.key = String(codePoints: scalars[offset..<end])
            offset = end + 1
        }
        while let flag = current, "-+0 #".unicodeScalars.contains(flag) {
            conversion.isLeft = conversion.isLeft || flag == "-"
            conversion.fillsZeros = conversion.fillsZeros || flag == "0"
            conversion.showsPlus = conversion.showsPlus || flag == "+"
            offset += 1
        }
        guard let width = number() else { return .malformed }
        conversion.width = width
        if take(".") {
            guard let precision = number() else { return .malformed }
            conversion.precision = precision
        }
        guard let type = current else { return .malformed }
        conversion.type = type
        offset += 1
        return .conversion(conversion)
    }

    private var current: Unicode.Scalar? { offset < scalars.count ? scalars[offset] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard current == scalar else { return false }
        offset += 1
        return true
    }

    /// Digits, 0 where there are none; nil beyond nine of them.
    private mutating func number() -> Int? {
        var value = 0
        while let digit = current, digit.isASCIIDigit {
            value = value * 10 + Int(digit.value - 48)
            guard value < 1_000_000_000 else { return nil }
            offset += 1
        }
        return value
    }
}
