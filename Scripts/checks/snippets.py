"""The pages' Swift compiles: every ```swift block stands, word for word, in a test or an example, which run it."""

import re
from pathlib import Path

from markdown import handbook
from source import Source, sources

_BLOCK = re.compile(r"^```swift\n(.*?)^```", re.MULTILINE | re.DOTALL)
TESTS = "Tests/NuthatchTests"


def pages():
    """What applications are written from."""
    return [*handbook(), *sorted(Path("Sources/Nuthatch/Nuthatch.docc").glob("*.md"))]


def words(text):
    """What the compiler reads: no comments, no layout; and a value that a page shows, a test may drop with `_ =`."""
    source = Source(Path("snippet.swift"), text)
    code = "".join(
        " " if mark.strip() else character for character, mark in zip(source.text, source.comments))
    return re.sub(r"\s+", "", re.sub(r"^\s*(?:_ = |import \w+$)", "", code, flags=re.MULTILINE))


def check_snippets(pages, tests, report):
    compiled = [words(test.text) for test in tests]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            # A line of a manifest: what it names is where the reader's packages come from.
            if ".package(" in match[1]:
                continue
            if not any(words(match[1]) in test for test in compiled):
                report.add(
                    page, text.count("\n", 0, match.start()) + 1, "no test holds this snippet",
                    f"give {TESTS}/DocumentationTests.swift the same lines, and run it")


def check_pages(report):
    examples = sources("Examples/Sources")
    check_snippets(pages(), sources(TESTS) + examples, report)
