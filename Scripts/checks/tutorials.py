"""The catalogue's tutorials: their last code runs in a test, and every file of code or picture stands in one of them."""

import re
from pathlib import Path

from source import sources
from snippets import TESTS, words

CATALOGUE = Path("Sources/Nuthatch/Nuthatch.docc")
_CODE = re.compile(r"@Code\([^)]*\bfile:\s*\"([^\"]+)\"")
_FILE = re.compile(r"(?:file|source):\s*\"([^\"]+)\"")


def tutorials():
    return sorted(CATALOGUE.glob("**/*.tutorial"))


def steps():
    """The code of all steps, each a whole file."""
    return sorted((CATALOGUE / "Resources").glob("*.swift"))


def check_tutorials(tutorials, folder, tests, report):
    compiled, shown = [words(test.text) for test in tests], set()
    for path in tutorials:
        text = path.read_text(encoding="utf-8")
        shown |= set(_FILE.findall(text))
        code = [name for name in _CODE.findall(text) if name.endswith(".swift")]
        if code and (folder / code[-1]).exists():
            last = words((folder / code[-1]).read_text(encoding="utf-8"))
            if not any(last in test for test in compiled):
                report.add(folder / code[-1], None, f"no test holds the last code of {path.name}",
                           f"give {TESTS}/TutorialTests.swift the same lines, and run it")
    files = {path.name for path in folder.iterdir()} if folder.exists() else set()
    for name in sorted(shown - files):
        report.add(folder, None, f"there is no {name}", "name a file that is there")
    for name in sorted(files - shown):
        report.add(folder / name, None, "no tutorial shows it", "take it out")


def check_all_tutorials(report):
    check_tutorials(tutorials(), CATALOGUE / "Resources", sources(TESTS), report)
