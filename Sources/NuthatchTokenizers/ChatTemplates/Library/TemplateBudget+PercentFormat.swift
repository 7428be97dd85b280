/// `format % values`, after Python's printf-style formatting:
/// https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting
extension TemplateBudget {
    mutating func percentFormatted(
        _ format: TemplateText, with value: TemplateValue
    ) throws(TemplateError) -> TemplateText {
        try text(byteCount: format.byteCount)
        var source = PercentFormat(format)
        var values: [TemplateValue] = [value]
        if case .sequence(let sequence) = value, sequence.kind.isTuple { values = sequence.items }
        var used = 0
        var result = TemplateText.empty
        while let piece = source.next() {
            switch piece {
            case .text(let text): try append(text, to: &result)
            case .malformed: throw invalid("the format '\(format.string.prefix(80))' is malformed")
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
        // Python asks whether all values were used only of what can't be indexed by name.
        switch value {
        case .dictionary, .undefined: return result
        case .sequence(let sequence) where sequence.kind.hasIndex && !sequence.kind.isTuple: return result
        default: break
        }
        guard used == values.count else { throw invalid("the format leaves values unused") }
        return result
    }

    private mutating func converted(
        _ value: TemplateValue, by conversion: PercentFormat.Conversion
    ) throws(TemplateError) -> TemplateText {
        var text: TemplateText
        switch conversion.type {
        case "s", "r":
            text = conversion.type == "s" ? try self.text(of: value) : try representation(of: value)
            if let precision = conversion.precision {
                text = text.prefix(codePoints: precision)
            }
            return try padded(
                text, width: conversion.width, alignment: conversion.isLeft ? .left : .right)
        case "d", "i", "u", "x", "X", "o":
            let whole = value.wholeNumber ?? value.number.flatMap { Int(exactly: $0.rounded(.towardZero)) }
            guard let whole else { throw invalid("'%\(conversion.type)' needs a number") }
            let radix =
                conversion.type == "o" ? 8 : conversion.type == "x" || conversion.type == "X" ? 16 : 10
            text = TemplateText(own: String(whole, radix: radix, uppercase: conversion.type == "X"))
        case "f", "F":
            guard let number = value.number else { throw invalid("'%f' needs a number") }
            let precision = conversion.precision ?? 6
            try self.text(byteCount: max(1 << 12, precision))
            text = TemplateText(own: number.fixedText(fractionCount: precision))
        default:
            throw .unsupported(
                at: position, construct: "the conversion '%\(conversion.type)'",
                supported: "s r d i u x X o f F %")
        }
        if conversion.showsPlus, !text.string.hasPrefix("-") { text = TemplateText(own: "+") + text }
        if conversion.isLeft { return try padded(text, width: conversion.width, alignment: .left) }
        return conversion.fillsZeros
            ? try zeroFilled(text, width: conversion.width)
            : try padded(text, width: conversion.width, alignment: .right)
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
        case text(TemplateText)
        case conversion(Conversion)
        case malformed
    }

    private let format: TemplateText
    private let scalars: [Unicode.Scalar]
    /// Where each scalar begins in the format's bytes.
    private let byteOffsets: [Int]
    private var offset = 0

    init(_ format: TemplateText) {
        self.format = format
        scalars = Array(format.string.unicodeScalars)
        byteOffsets = format.codePointOffsets
    }

    mutating func next() -> Piece? {
        guard offset < scalars.count else { return nil }
        guard scalars[offset] == "%" else {
            let end = scalars[offset...].firstIndex(of: "%") ?? scalars.count
            defer { offset = end }
            return .text(format[byteOffsets[offset]..<byteOffsets[end]])
        }
        offset += 1
        if take("%") { return .text(format[byteOffsets[offset - 1]..<byteOffsets[offset]]) }
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
