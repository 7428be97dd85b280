"""Every rule, seen to fire on what it forbids and to stay silent on what only looks alike."""

import tempfile
import unittest
from pathlib import Path

from api import listing
from commands import check_commands
from documented import check_documented
from grouped import check_grouped
from lines import check_budget, check_lines, check_subjects
from links import check_links
from markdown import Page, slug
from messages import check_messages, spoken
from named import check_named
from papers import check_papers
from report import Report
from snippets import check_snippets
from source import Source
from tutorials import check_tutorials
from twins import check_twins
from words import check_calls, check_foundation, check_names, check_unsafe, own_functions


def findings(text, path="Sources/NuthatchTensors/Thing.swift"):
    source, report = Source(Path(path), text), Report()
    check_budget([source], report)
    check_unsafe([source], report)
    check_lines(source, report)
    check_subjects(source, report)
    check_names(source, report)
    check_foundation(source, report)
    check_calls(source, own_functions([source]), report)
    return report.findings


class Rules(unittest.TestCase):
    def assert_fires(self, text, words, path="Sources/NuthatchTensors/Thing.swift"):
        self.assertTrue(any(words in finding for finding in findings(text, path)), (text, findings(text, path)))

    def test_calls(self):
        for text, words in [
            ("let x = try! f()", "try!"), ("let x = y as! Int", "as!"), ('fatalError("x")', "fatalError"),
            ("print(1)", "prints"), ("exit(1)", "ends the process"), ("abort()", "ends the process"),
            ("ProcessInfo.processInfo.environment", "environment"), ('getenv("X")', "environment"),
            ("static let shared = Thing()", "singleton"), ("precondition(x > 0)", "without a text"),
            ("CommandLine.arguments", "command line"),
        ]:
            self.assert_fires(text, words)

    def test_names(self):
        for name in ["BufferManager", "BaseThing", "ThingImpl", "StringUtils", "Helpers", "CommonThing"]:
            self.assert_fires(f"struct {name} {{}}", "says nothing")
        self.assert_fires("let x = 1", "says nothing", "Sources/NuthatchTensors/PathHelpers.swift")

    def test_foundation(self):
        self.assert_fires("import Foundation\nlet x = 1", "all of Foundation")
        self.assert_fires("internal import Foundation", "all of Foundation")
        either = "#if canImport(FoundationEssentials)\n    import FoundationEssentials\n#else\n    import Foundation\n#endif\n"
        self.assertEqual(findings(either), [])
        self.assert_fires(either + "import Foundation\n", "all of Foundation")

    def test_unsafe(self):
        self.assert_fires("class A: @unchecked Sendable {\n}", "without its reason")
        self.assert_fires("\nnonisolated(unsafe) let x = 1\n", "without its reason")
        six = "class A: @unchecked Sendable {\n// why\n}\n" * 6
        self.assert_fires(six, "5 allowed in all")

    def test_lines(self):
        self.assert_fires("let x = 1\n" * 501, "501 code lines")
        self.assert_fires("// TODO: more", "unfinished")
        self.assert_fires("// =================", "banner")
        self.assert_fires("int x;\t", "a tab", "Sources/CNuthatchKernels/x.c")
        self.assert_fires("x" * 111, "111 columns", "Sources/CNuthatchKernels/x.c")

    def test_subjects(self):
        for opening in ["Of", "Those of", "Its", "The same", "Both"]:
            self.assert_fires(f"    /// {opening} pages.\n    let x = 1", "names no subject")
        self.assert_fires("let x = 1\n/// It is.\nlet y = 2", "names no subject")

    def test_the_public_interface(self):
        text = """/// A bird.
            public struct Bird: Sendable {
                public enum Food { case seed(count: Int), insect }
                public internal(set) var name: String
                let secret = "public func no() {"  // public let never
                public init(name: String, eats: (Int) -> Bool = { $0 > 1 }) throws(Hunger)
                { func inner() {} }
                package func hide() { let x = 1 }
                public var length: Int { public_() }
            }
            extension Bird: CustomStringConvertible, Explained { public var description: String { name } }
            struct Nest { public let eggs: Int }
            package protocol Explained {}
            """
        source = Source(Path("Sources/NuthatchTensors/Bird.swift"), text)
        self.assertEqual(listing([source]).split("\n")[3:-1], [
            "struct Bird: Sendable", "    conforms to CustomStringConvertible",
            "    init(name: String, eats: (Int) -> Bool = { $0 > 1 }) throws(Hunger)",
            "    internal(set) var name: String", "    var description: String", "    var length: Int",
            "    enum Food", "        case seed(count: Int), insect"])

    def test_public_declarations_are_documented(self):
        bird, throwing = "/// A bird.\npublic struct Bird {\n", "/// Eats.\npublic func eat(_ food: Int, with bill: Int) throws {}"
        listed = "/// Eats seeds.\n///\n/// - Parameters:\n///   - food: what.\n"
        for text, words in [
            (f"{bird}/// How long.\npublic let a: Int\n}}", None), (f"{bird}public let a: Int\n}}", "no documentation"),
            ("/// A bird\npublic struct Bird {}", "less than a sentence"), ("/// Bird.\npublic struct Bird {}", "less than a sentence"),
            ("/// A bird.\n@frozen\npublic struct Bird {}", None), ("/// A bird.\n\npublic struct Bird {}", "no documentation"),
            ("/// A bird.\npublic enum Bird {\ncase wren\n}", "`case wren`"), ("struct Bird { public let a = 1 }", None),
            (throwing.replace("Eats.", "Eats it all."), "does not say what it throws"),
            (throwing.replace("Eats.", "Eats it all.\n///\n/// - Throws: hunger."), None),
            ("/// Asks a bird.\npublic func ask(_ answer: () throws -> Int) rethrows {}", None),
            (f"{listed}public func eat(_ food: Int) {{}}", None), (f"{listed}public func eat(_ seed: Int) {{}}", "has the parameters seed"),
            (f"{listed}public func eat(_ food: (Int, Int) = (1, 2), with bill: Int) {{}}", "food, bill, its"),
            (f"{listed}///   - bill: with what.\npublic func eat(_ food: Int, with bill: Int) {{}}", None),
            ("/// Eats seeds.\n///\n/// - Parameter bill: with what.\npublic func eat(_ food: Int, with bill: Int) {}", "documentation bill"),
        ]:
            report = Report()
            check_documented([Source(Path("Sources/NuthatchTensors/Bird.swift"), text)], report)
            self.assertEqual(bool(report.findings), bool(words), (text, report.findings))
            self.assertTrue(not words or words in report.findings[0], report.findings)

    def test_snippets(self):
        test = Source(Path("T.swift"), "func f() {\n    let a = g(\n        1)\n    _ = a.b\n}\n")
        for block, count in [("let a = g(1)\na.b  // shown", 0), ("import Nuthatch\n\nlet a = g(1)", 0), ("g(2)", 1), (".package(path: 1)", 0)]:
            with tempfile.TemporaryDirectory() as folder:
                page, report = Path(folder) / "page.md", Report()
                page.write_text(f"Text.\n\n```swift\n{block}\n```\n", encoding="utf-8")
                check_snippets([page], [test], report)
                self.assertEqual(len(report.findings), count, block)

    def test_tutorials(self):
        test = Source(Path("T.swift"), "func f() {\n    let a = 1\n    print(a)\n}\n")
        for last, shown, words in [
            ("let a = 1\n\nprint(a)  // shown\n", '@Image(source: "p.svg")', None), ("print(2)\n", '@Image(source: "p.svg")', "no test holds"),
            ("print(a)\n", "", "no tutorial shows it"), ("print(a)\n", '@Image(source: "p.svg") @Image(source: "q.svg")', "there is no q.svg"),
        ]:
            with tempfile.TemporaryDirectory() as folder:
                tutorial, report = Path(folder) / "A.tutorial", Report()
                resources = Path(folder) / "Resources"
                resources.mkdir()
                tutorial.write_text(
                    f'@Code(name: "m", file: "1.swift") {{}} @Code(name: "m", file: "2.swift")\n{shown}\n', encoding="utf-8")
                for name, text in [("1.swift", "print(0)"), ("2.swift", f"import Nuthatch\n\n{last}"), ("p.svg", "")]:
                    (resources / name).write_text(text, encoding="utf-8")
                check_tutorials([tutorial], resources, [test], report)
                self.assertEqual(bool(report.findings), bool(words), (last, report.findings))
                self.assertTrue(not words or words in report.findings[0], report.findings)

    def test_topics(self):
        for text, words in [
            ("- ``Bird``\n- <doc:Nests>", None), ("- ``Bird``", "Nests stands under no topic"), ("- <doc:Nests>", "Bird stands under no"),
            ("- ``Bird``\n- ``Bird``\n- <doc:Nests>", "several"), ("- ``Bird``\n- ``Wren``\n- <doc:Nests>", "Wren stands under a topic"),
        ]:
            report = Report()
            check_grouped(Page("a.md", f"# A\n\n- ``Bird``\n\n## Topics\n\n### All\n\n{text}\n"), ["Bird"], ["Nests"], report)
            self.assertEqual(bool(report.findings), bool(words), (text, report.findings))
            self.assertTrue(not words or words in report.findings[0], report.findings)

    def test_links(self):
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "other.md").write_text("# The `KV` cache, 缓存\n## Twice\n## Twice\n", encoding="utf-8")
            for text, words in [
                ("[a](other.md)", None), ("[a](other.md#the-kv-cache-缓存)", None), ("[a](other.md#twice-1)", None),
                ("[a](other.md#twice-2)", "no heading"), ("[a](none.md)", "there is no none.md"), ("[a](#here)\n# Here", None),
                ("[a](#there)", "no heading"), ("![p](p.svg)", "there is no"), ('<img src="p.svg">', "there is no"),
                ("[a](https://example.org/x)", None), ("`[a](none.md)`", None), ("```\n[a](none.md)\n```", None),
                ("[[a]](none.md)", "there is no"), ("<doc:other>", None), ("<doc:Another>", "no article"),
            ]:
                report = Report()
                check_links([Page(Path(folder) / "page.md", text)], report)
                self.assertEqual(bool(report.findings), bool(words), (text, report.findings))
                self.assertTrue(not words or words in report.findings[0], report.findings)
        self.assertEqual(slug("What `--json` prints: [all](x.md)"), "what---json-prints-all")

    def test_twins(self):
        page = "# A\nIt takes 1,024 bytes.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sh\nnuthatch list  # all\n```\n"
        for twin, words in [
            ("# 甲\n占 1024 字节。\n\n| 甲 | 乙 |\n|---|---|\n| 1 | 2 |\n\n```sh\nnuthatch list  # 全部\n```\n", None),
            (page.replace("1,024", "1,025"), "lacks the figures"), (page.replace("# A", "## A"), "headings"),
            (page.replace("# A\n", ""), "headings"), (page.replace("| 1 | 2 |", "| 1 2 |"), "tables"),
            (page.replace("nuthatch list", "nuthatch info"), "is not that of"), (page[:page.index("```")], "blocks of code"),
            (page.replace("```sh", "<!-- not run: x -->\n```sh"), "is not marked"), (page.replace("bytes", "Q4_0 bytes"), None),
        ]:
            report = Report()
            check_twins(Page("a.md", page), Page("b.md", twin), report)
            self.assertEqual(bool(report.findings), bool(words), (twin, report.findings))
            self.assertTrue(not words or words in report.findings[0], report.findings)

    def test_what_pages_name(self):
        files, suites = ["Sources/NuthatchCache/Pages/Page.swift", "Tests/T/PageTests.swift"], {"PageTests", "SinkTests"}
        for text, words in [
            ("`NuthatchCache/Pages/Page.swift`, `Page.swift`, `Sources/NuthatchCache/Pages`", None), ("`Pages/Leaf.swift`", "there is no"),
            ("`NuthatchCache/Leaves`", "there is no"), ("| `Scripts/test --filter 'Page\\|Sink'` |", None), ("    Scripts/test --filter Leaf", "no suite"),
            ("`Scripts/test --filter 'Page|Leaf'`", "no suite"), ("swift package benchmark --filter Leaf", None), ("`/srv/models/a.gguf`, `page.md`, `Page.index`", None),
        ]:
            report = Report()
            check_named(Page("page.md", text), files, suites, report)
            self.assertEqual(bool(report.findings), bool(words), (text, report.findings))
            self.assertTrue(not words or words in report.findings[0], report.findings)

    def test_papers(self):
        source = (Path("A.swift"), "/// After arXiv:2309.06180 and, later, (arXiv:1706.03762, 1804.00344).")
        for listed, count in [("2309.06180, arXiv:1706.03762, arXiv:1804.00344", 0), ("2309.06180, arXiv:1706.03762", 1),
                              ("2309.06180, arXiv:1706.03762, arXiv:1804.00344, arXiv:2401.00001", 1)]:
            report = Report()
            check_papers([source], Page("papers.md", f"arXiv:{listed}"), report)
            self.assertEqual(len(report.findings), count, report.findings)

    def test_messages(self):
        source = spoken('case .a(let n): "The prompt has \\(text(n, "token")); the cache "\n    + "holds \\(n) at \\"once\\"."')
        for message, count in [("The prompt has …; the cache holds … at \"once\".", 0), ("The prompt had …; the cache holds …", 1)]:
            report = Report()
            check_messages(Page("t.md", f"| message |\n|---|\n| `{message}` | it is full |\n"), [source], report)
            self.assertEqual(len(report.findings), count, report.findings)

    def test_commands_stand_where_they_are_run(self):
        for text, words in [
            ("```sh\nnuthatch list\n```", None), ("```\nnuthatch list\n```", "nobody runs"), ("Text:\n\n    $ nuthatch list", "nobody runs"),
            ("<!-- not run: -->\n```sh\nnuthatch list\n```", "no reason"), ("- item\n\n    nuthatch list", None),
            ("```console\nnuthatch list\n```", "no command"), ("```text\na nuthatch hides\n```", None),
        ]:
            report = Report()
            check_commands(Page("page.md", text), report)
            self.assertEqual(bool(report.findings), bool(words), (text, report.findings))
            self.assertTrue(not words or words in report.findings[0], report.findings)

    def test_what_only_looks_alike(self):
        for text in [
            'let s = "fatalError() try! print( TODO"', 'let s = #"a "quoted" print("#',
            'let s = """\n    exit(1)\n    """', "// print(x) is how it looks", "/* as! */ let x = 1",
            "struct Baseline {}", "struct Commonality {}", "extension FileManager {}", "printer.print(x)",
            "func print(_ x: Int) {}\nprint(1)", 'precondition(\n    x > 0,\n    "positive")',
            "// | a | b |\n// +-----------+", "process.standardOutput = file", "let x = 1\n" * 100,
            "/// Bytes of pages,\n/// those in use included.\nlet x = 1", "/// Offsets.\nlet x = 1",
            "// Of two, the first.\nlet x = 1", 'let s = """\n    /// Of\n    """',
            "nonisolated(unsafe) let x = 1  // written once, before any thread starts",
        ]:
            self.assertEqual(findings(text), [], text)


if __name__ == "__main__":
    unittest.main()
