import Foundation
import NuthatchTokenizers
import Testing

/// Templates come from strangers: whatever they try, they end with a named limit, and soon.
@Suite struct ChatTemplateLimitTests {
    @Test(arguments: [
        ("{{ 'a' * 10 ** 9 }}", "textByteCount"),
        ("{{ 'aaaaaaaaaa' * 9000000000000000000 }}", "textByteCount"),
        ("{{ [0] * 10 ** 12 }}", "collectionCount"),
        ("{{ range(10 ** 12) }}", "rangeCount"),
        ("{{ range(-9223372036854775807, 9223372036854775807) }}", "rangeCount"),
        ("{{ 10 ** 400 }}", "bits of an integer"),
        ("{{ 9223372036854775807 + 1 }}", "bits of an integer"),
        ("{{ 'x'.center(10 ** 12) }}", "textByteCount"),
        ("{{ 'x'|indent(10 ** 12) }}", "textByteCount"),
        ("{{ '%999999999d' % 1 }}", "textByteCount"),
        ("{{ '{:999999999}'.format(1) }}", "textByteCount"),
        ("{{ '%.999999999f' % 1 }}", "textByteCount"),
        ("{{ [1]|tojson(indent=10 ** 12) }}", "textByteCount"),
        ("{{ [1]|batch(10 ** 12, 0)|list }}", "collectionCount"),
        ("{{ [1]|slice(10 ** 12)|list }}", "collectionCount"),
        ("{{ ('a,' * 2000000).split(',') }}", "collectionCount"),
        ("{{ ('a' * 2000000)|list }}", "collectionCount"),
        (
            "{% set ns = namespace(s='a') %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
            "textByteCount"
        ),
        (
            "{% set ns = namespace(l=[0]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
            "collectionCount"
        ),
        (
            "{% set ns = namespace(l=[]) %}{% for i in range(99) %}{% set ns.l = [ns.l] %}{% endfor %}",
            "valueDepth"
        ),
        (
            "{% set ns = namespace(s='abc') %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
            "stepCount"
        ),
        (
            "{% set ns = namespace(s='a') %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s == ns.s + [] }}",
            "stepCount"
        ),
        ("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "stepCount"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}{{ 1 }}{% endfor %}{% endfor %}", "stepCount"),
        ("{% set a = 'a' * 100000 %}{% for i in range(1000) %}{{ a }}{% endfor %}", "textByteCount"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "evaluationDepth"),
        (
            "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
            "evaluationDepth"
        ),
        ("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "evaluationDepth"),
    ])
    func bombEndsWithItsLimit(source: String, limit: String) {
        #expect(Self.limitMet(by: source) == limit)
    }

    @Test func sourceNestedTooDeeplyIsRefused() {
        for (opening, closing) in [
            ("(", ")"), ("[", "]"), ("{1: ", "}"), ("not ", ""), ("- ", ""), ("1 if 1 else ", ""),
        ] {
            let source =
                String(repeating: opening, count: 40_000) + "1" + String(repeating: closing, count: 40_000)
            #expect(Self.limitMet(by: "{{ \(source) }}") == "nestingDepth", "\(opening)")
        }
        #expect(Self.limitMet(by: String(repeating: "{% if 1 %}", count: 9_000)) == "nestingDepth")
    }

    @Test func longChainsAreFlatAndAllowed() throws {
        let sum = String(repeating: "1 + ", count: 20_000) + "1"
        let members = "missing is defined" + String(repeating: " or 0", count: 20_000)
        let filters = "'a'" + String(repeating: "|upper", count: 20_000)
        #expect(try ChatTemplate(source: "{{ \(sum) }}").render(variables: []) == "20001")
        #expect(try ChatTemplate(source: "{{ \(members) }}").render(variables: []) == "0")
        #expect(try ChatTemplate(source: "{{ \(filters) }}").render(variables: []) == "A")
    }

    @Test func sourceLongerThanItsLimitIsRefused() {
        #expect(Self.limitMet(by: String(repeating: "a", count: 1 << 21)) == "sourceByteCount")
    }

    @Test func inputNestedTooDeeplyIsRefused() {
        var value = ChatValue.null
        for _ in 0..<100 { value = .array([value]) }
        #expect(throws: TemplateError.self) {
            try ChatTemplate(source: "").render(variables: [ChatMember("x", value)])
        }
    }

    /// The deepest recursion allowed fits the stack of a secondary thread on macOS, the smallest in use.
    @Test func deepestRecursionFitsASmallStack() {
        let sources = [
            "{{ " + String(repeating: "(", count: 60) + "1" + String(repeating: ")", count: 60) + " }}",
            "{% macro m() %}{{ [m()]|first }}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% if 1 %}{% for i in [1] %}{{ (not m()) ~ 1 }}{% endfor %}{% endif %}{% endmacro %}{{ m() }}",
            "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
            "{% for x in [1] recursive %}{% with %}{% filter upper %}{{ loop([1]) }}{% endfilter %}{% endwith %}{% endfor %}",
        ]
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            for source in sources { _ = Self.limitMet(by: source) }
            done.signal()
        }
        thread.stackSize = 512 << 10
        thread.start()
        done.wait()
    }

    /// The limit a template meets; nil where it meets none.
    private static func limitMet(by source: String) -> String? {
        do {
            _ = try ChatTemplate(source: source, limits: TemplateLimits()).render(variables: [])
            return nil
        } catch {
            guard case .limitExceeded(_, let limit, _) = error else { return "\(error)" }
            return limit
        }
    }
}
