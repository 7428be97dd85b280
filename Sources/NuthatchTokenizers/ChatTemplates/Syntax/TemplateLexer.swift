/// Splits a template into text and the tokens of its tags.
///
/// White space follows the environment `transformers` renders chat templates in: `trim_blocks` (the line break
/// after `%}` goes), `lstrip_blocks` (blanks before a `{%` or `{#` that starts its line go), no trailing newline,
/// and the signs `-` and `+` at either end of a tag.
/// Reference: https://jinja.palletsprojects.com/en/stable/templates/#whitespace-control
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var offset = 0
    private var tokens: [TemplateToken] = []
    /// Whether `offset` follows a line break that a tag took with it; true at the start.
    private var startsLine = true
    private var located = (offset: 0, line: 1, lineStart: 0)

    static func tokens(
        of text: String, limits: TemplateLimits
    ) throws(TemplateError) -> [TemplateToken] {
        guard text.utf8.count <= limits.sourceByteCount else {
            throw .limitExceeded(
                at: .start, limit: "sourceByteCount", allowed: limits.sourceByteCount)
        }
        var lexer = TemplateLexer(source: normalized(text))
        try lexer.run()
        return lexer.tokens
    }

    private init(source: [Unicode.Scalar]) {
        self.source = source
    }

    /// Line breaks as "\n", and one at the end removed (`keep_trailing_newline` is off).
    private static func normalized(_ text: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(text.utf8.count)
        var followsReturn = false
        for scalar in text.unicodeScalars {
            if scalar == "\r" {
                scalars.append("\n")
            } else if scalar != "\n" || !followsReturn {
                scalars.append(scalar)
            }
            followsReturn = scalar == "\r"
        }
        if scalars.last == "\n" { scalars.removeLast() }
        return scalars
    }

    private mutating func run() throws(TemplateError) {
        while let tag = nextTag() {
            let text = source[offset..<tag.start]
            appendText(text, before: tag)
            offset = tag.contentStart
            switch tag.kind {
            case .comment: try skipComment()
            case .raw: try appendRaw()
            case .output: try appendTag(begin: .outputBegin, end: .outputEnd, closing: "}", from: tag.start)
            case .statement: try appendTag(begin: .tagBegin, end: .tagEnd, closing: "%", from: tag.start)
            }
            startsLine = offset > 0 && source[offset - 1] == "\n"
        }
        append(.text(string(source[offset...])), at: offset)
        offset = source.count
        append(.end, at: offset)
    }

    // MARK: Tags

    private struct Tag {
        enum Kind { case output, statement, comment, raw }
        let kind: Kind
        let start: Int
        let contentStart: Int
        let sign: Unicode.Scalar?
    }

    private func nextTag() -> Tag? {
        var start = offset
        while start + 1 < source.count {
            if source[start] == "{" {
                let kind: Tag.Kind? =
                    switch source[start + 1] {
                    case "{": .output
                    case "%": .statement
                    case "#": .comment
                    default: nil
                    }
                if let kind {
                    let sign = scalar(at: start + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
                    let content = start + (sign == nil ? 2 : 3)
                    if kind == .statement, let end = endOfWordTag("raw", from: content, plus: false) {
                        return Tag(kind: .raw, start: start, contentStart: end, sign: sign)
                    }
                    return Tag(kind: kind, start: start, contentStart: content, sign: sign)
                }
            }
            start += 1
        }
        return nil
    }

    /// The end of `word %}` at `start`, including the blanks that `-%}` takes; nil where it does not stand.
    private func endOfWordTag(_ word: String, from start: Int, plus: Bool) -> Int? {
        var end = skippingSpace(from: start)
        guard hasPrefix(word, at: end) else { return nil }
        end = skippingSpace(from: end + word.unicodeScalars.count)
        if hasPrefix("-%}", at: end) { return skippingSpace(from: end + 3) }
        if plus, hasPrefix("+%}", at: end) { return end + 3 }
        guard hasPrefix("%}", at: end) else { return nil }
        return end + 2
    }

    private mutating func appendText(_ text: ArraySlice<Unicode.Scalar>, before tag: Tag) {
        append(
            .text(string(stripped(text, sign: tag.sign, isOutput: tag.kind == .output))), at: text.startIndex)
    }

    private func stripped(
        _ text: ArraySlice<Unicode.Scalar>, sign: Unicode.Scalar?, isOutput: Bool
    ) -> ArraySlice<Unicode.Scalar> {
        if sign == "-" {
            return text.prefix(upTo: text.lastIndex { !$0.isPythonSpace }.map { $0 + 1 } ?? text.startIndex)
        }
        guard sign == nil, !isOutput else { return text }
        let lineStart = text.lastIndex(of: "\n").map { $0 + 1 } ?? text.startIndex
        guard lineStart > text.startIndex || startsLine else { return text }
        return text[lineStart...].allSatisfy(\.isPythonSpace) ? text[..<lineStart] : text
    }

    private mutating func skipComment() throws(TemplateError) {
        let start = offset
        while offset < source.count {
            if hasPrefix("-#}", at: offset) {
                offset = skippingSpace(from: offset + 3)
                return
            }
            if hasPrefix("+#}", at: offset) {
                offset += 3
                return
            }
            if hasPrefix("#}", at: offset) {
                offset += 2
                skipLineBreak()
                return
            }
            offset += 1
        }
        throw .malformed(at: position(at: start), reason: "the comment has no end '#}'")
    }

    private mutating func appendRaw() throws(TemplateError) {
        let start = offset
        while offset < source.count {
            if hasPrefix("{%", at: offset) {
                let sign = scalar(at: offset + 2).flatMap { $0 == "-" || $0 == "+" ? $0 : nil }
                let wordStart = offset + (sign == nil ? 2 : 3)
                if let end = endOfWordTag("endraw", from: wordStart, plus: true) {
                    let text = stripped(source[start..<offset], sign: sign, isOutput: false)
                    append(.text(string(text)), at: start)
                    let closedPlainly =
                        source[end - 1] == "}" && source[end - 3] != "-" && source[end - 3] != "+"
                    offset = end
                    if closedPlainly { skipLineBreak() }
                    return
                }
            }
            offset += 1
        }
        throw .malformed(at: position(at: start), reason: "'raw' has no end '{% endraw %}'")
    }

    private mutating func appendTag(
        begin: TemplateToken.Kind, end: TemplateToken.Kind, closing: Unicode.Scalar, from start: Int
    ) throws(TemplateError) {
        append(begin, at: start)
        var open: [TemplateSymbol] = []
        while true {
            offset = skippingSpace(from: offset)
            guard offset < source.count else {
                let tag = closing == "%" ? "the tag has no end '%}'" : "the output has no end '}}'"
                throw .malformed(at: position(at: start), reason: tag)
            }
            if open.isEmpty, let after = tagEnd(closing: closing) {
                append(end, at: offset)
                offset = after
                return
            }
            let tokenStart = offset
            let kind = try nextExpressionToken()
            if case .symbol(let symbol) = kind { try balance(symbol, in: &open, at: tokenStart) }
            append(kind, at: tokenStart)
        }
    }

    /// Where the text after a closing mark at `offset` begins; nil where none stands.
    private func tagEnd(closing: Unicode.Scalar) -> Int? {
        var mark = offset
        let sign = source[offset]
        if sign == "-" || (sign == "+" && closing == "%") { mark += 1 }
        guard scalar(at: mark) == closing, scalar(at: mark + 1) == "}" else { return nil }
        let end = mark + 2
        if mark > offset { return sign == "-" ? skippingSpace(from: end) : end }
        return closing == "%" && scalar(at: end) == "\n" ? end + 1 : end
    }

    private mutating func balance(
        _ symbol: TemplateSymbol, in open: inout [TemplateSymbol], at start: Int
    ) throws(TemplateError) {
        if let closing = symbol.closing {
            open.append(closing)
        } else if symbol.closes {
            guard open.popLast() == symbol else {
                throw .malformed(
                    at: position(at: start), reason: "'\(symbol.rawValue)' closes nothing that is open")
            }
        }
    }

    // MARK: Characters

    func scalar(at index: Int) -> Unicode.Scalar? {
        index < source.count ? source[index] : nil
    }

    func hasPrefix(_ prefix: String, at index: Int) -> Bool {
        var index = index
        for scalar in prefix.unicodeScalars {
            guard index < source.count, source[index] == scalar else { return false }
            index += 1
        }
        return true
    }

    private func skippingSpace(from index: Int) -> Int {
        var index = index
        while index < source.count, source[index].isPythonSpace { index += 1 }
        return index
    }

    private mutating func skipLineBreak() {
        if scalar(at: offset) == "\n" { offset += 1 }
    }

    func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    private mutating func append(_ kind: TemplateToken.Kind, at start: Int) {
        if case .text("") = kind { return }
        tokens.append(TemplateToken(kind: kind, position: position(at: start)))
    }

    /// Line and column of an offset. Offsets asked for mostly grow, so lines are counted once.
    mutating func position(at target: Int) -> TemplatePosition {
        if target < located.offset { located = (0, 1, 0) }
        while located.offset < target {
            if source[located.offset] == "\n" {
                located.line += 1
                located.lineStart = located.offset + 1
            }
            located.offset += 1
        }
        return TemplatePosition(line: located.line, column: target - located.lineStart + 1)
    }
}
