"""Every rule, seen to fire on what it forbids and to stay silent on what only looks alike."""

import tempfile
import unittest
from pathlib import Path

from api import listing
from lines import check_budget, check_lines, check_subjects
from report import Report
from snippets import check_snippets
from source import Source
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

    def test_snippets(self):
        test = Source(Path("T.swift"), "func f() {\n    let a = g(\n        1)\n    _ = a.b\n}\n")
        for block, count in [("let a = g(1)\na.b  // shown", 0), ("import Nuthatch\n\nlet a = g(1)", 0), ("g(2)", 1), (".package(path: 1)", 0)]:
            with tempfile.TemporaryDirectory() as folder:
                page, report = Path(folder) / "page.md", Report()
                page.write_text(f"Text.\n\n```swift\n{block}\n```\n", encoding="utf-8")
                check_snippets([page], [test], report)
                self.assertEqual(len(report.findings), count, block)

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
