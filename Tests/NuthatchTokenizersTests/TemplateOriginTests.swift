import NuthatchTokenizers
import Testing

/// Which of a rendered text is the template's own.
@Suite struct TemplateOriginTests {
    /// The rendered text with the template's own between brackets; `c` is content, `d` a list of it.
    private func marked(_ source: String, _ content: String = "<b>x</b>") throws -> String {
        let rendered = try ChatTemplate(source: source).rendered(variables: [
            ChatMember("c", .string(content)), ChatMember("d", ["p,q", "r"]),
            ChatMember("t", ["name": "f", "n": 3]), ChatMember("bos_token", "<s>"), ChatMember("pad", "<p>"),
        ])
        let bytes = Array(rendered.text.utf8)
        var marked = ""
        var start = 0
        for range in rendered.templateRanges {
            marked += String(decoding: bytes[start..<range.lowerBound], as: UTF8.self)
            marked += "[" + String(decoding: bytes[range], as: UTF8.self) + "]"
            start = range.upperBound
        }
        return marked + String(decoding: bytes[start...], as: UTF8.self)
    }

    @Test(arguments: [
        ("a{{ c }}b", "[a]<b>x</b>[b]"),
        ("{{ 'a' + c + 'b' }}", "[a]<b>x</b>[b]"),
        ("{{ bos_token ~ pad ~ 7 }}", "[<s>]<p>[7]"),
        ("{{ ('<' ~ c ~ '>')[1:-1] }}{{ ('ab' ~ c)[0] }}", "<b>x</b>[a]"),
        ("{{ ('ab' ~ c)[::-1] }}", ">b/<x>b<[ba]"),
        ("{{ ('  a' ~ c ~ '  ')|trim }}", "[a]<b>x</b>"),
        ("{{ (' a' ~ c).strip() }}", "[a]<b>x</b>"),
        ("{{ c.replace('x', 'y') }}", "<b>[y]</b>"),
        ("{{ 'a-b'|replace('-', c) }}", "[a]<b>x</b>[b]"),
        ("{{ ('a,' ~ c).split(',')[0] }}{{ ('a,' ~ c).split(',')[1] }}", "[a]<b>x</b>"),
        ("{{ d|join('; ') }}", "p,q[; ]r"),
        ("{{ '; '.join(d) }}", "p,q[; ]r"),
        ("{{ '%s=%d'|format(c, 3) }}", "<b>x</b>[=3]"),
        ("{{ '<%s>' % c }}", "[<]<b>x</b>[>]"),
        ("{{ '<{}|{:>3}>'.format(c, 'z') }}", "[<]<b>x</b>[|]  [z>]"),
        ("{{ t|tojson }}", "[{]\"name\"[: ]\"f\"[, ]\"n\"[: 3}]"),
        ("{{ d }}", "[[]'p,q'[, ]'r'[]]"),
        ("{{ ('a' ~ c)|upper }}", "[A]<B>X</B>"),
        ("{{ ('a' ~ c)|capitalize }}", "A<b>x</b>"),
        ("{% set x %}a{{ c }}{% endset %}{{ x }}", "[a]<b>x</b>"),
        ("{% macro m(v) %}<{{ v }}>{% endmacro %}{{ m(c) }}", "[<]<b>x</b>[>]"),
        ("{% filter trim %} a{{ c }} {% endfilter %}", "[a]<b>x</b>"),
        ("{% for x in c %}{% if loop.first %}{{ x }}{{ loop.index }}{% endif %}{% endfor %}", "<[1]"),
        ("{{ c|e }}", "&lt;b&gt;x&lt;/b&gt;"),
        ("{{ ('a\n' ~ c)|indent(2) }}", "[a\n  ]<b>x</b>"),
        ("{{ c if c else 'none' }}{{ u|default('d') }}", "<b>x</b>[d]"),
        ("{{ ('a' ~ c) * 2 }}", "[a]<b>x</b>[a]<b>x</b>"),
        ("{{ c|center(12) }}", "[  ]<b>x</b>[  ]"),
        ("{{ ('a b ' ~ c)|truncate(6, true, '.') }}", "[a b ]<[.]"),
    ])
    func eachOperationKeepsWhereItsBytesComeFrom(source: String, expected: String) throws {
        #expect(try marked(source) == expected)
    }
}
