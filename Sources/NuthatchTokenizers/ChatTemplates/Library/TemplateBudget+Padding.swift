enum TextAlignment {
    case left, right, center
    /// `str.center` puts the odd blank before the text where the width is odd; `format` always puts it behind.
    case pythonCenter
    /// Numbers: filled between sign and digits.
    case behindSign
}

extension TemplateBudget {
    /// Widened to `width` code points.
    mutating func padded(
        _ text: String, width: Int, fill: String, alignment: TextAlignment
    ) throws(TemplateError) -> String {
        let count = text.codePointCount
        guard width > count else { return text }
        let missing = width - count
        try self.text(byteCount: min(product(missing, fill.utf8.count), Int.max / 2) + text.utf8.count)
        let before: Int
        switch alignment {
        case .left: before = 0
        case .right, .behindSign: before = missing
        case .center: before = missing / 2
        case .pythonCenter: before = missing / 2 + (missing & width & 1)
        }
        if alignment == .behindSign, let sign = text.unicodeScalars.first, "+- ".unicodeScalars.contains(sign)
        {
            return String(sign) + String(repeating: fill, count: missing)
                + String(codePoints: text.unicodeScalars.dropFirst())
        }
        return String(repeating: fill, count: before) + text
            + String(repeating: fill, count: missing - before)
    }

    mutating func zeroFilled(_ text: String, width: Int) throws(TemplateError) -> String {
        try padded(text, width: width, fill: "0", alignment: .behindSign)
    }
}
