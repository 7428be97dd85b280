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
        _ text: TemplateText, width: Int, fill: TemplateText = TemplateText(own: " "),
        alignment: TextAlignment
    ) throws(TemplateError) -> TemplateText {
        let count = text.string.codePointCount
        guard width > count else { return text }
        let missing = width - count
        try self.text(byteCount: min(product(missing, fill.byteCount), Int.max / 2) + text.byteCount)
        let before: Int
        switch alignment {
        case .left: before = 0
        case .right, .behindSign: before = missing
        case .center: before = missing / 2
        case .pythonCenter: before = missing / 2 + (missing & width & 1)
        }
        if alignment == .behindSign, let sign = text.string.unicodeScalars.first,
            "+- ".unicodeScalars.contains(sign)
        {
            return text.prefix(codePoints: 1) + fill.repeated(missing) + text.dropping(codePoints: 1)
        }
        return fill.repeated(before) + text + fill.repeated(missing - before)
    }

    mutating func zeroFilled(_ text: TemplateText, width: Int) throws(TemplateError) -> TemplateText {
        try padded(text, width: width, fill: TemplateText(own: "0"), alignment: .behindSign)
    }
}
