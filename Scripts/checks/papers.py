"""Documentation/papers.md lists what the sources cite: every arXiv number there, and no other."""

import re
from pathlib import Path

from markdown import Page

PAGE = Path("Documentation/papers.md")
_SUFFIXES = {".swift", ".c", ".h", ".md"}
_NUMBER = re.compile(r"\b\d{4}\.\d{5}\b")
# Behind `arXiv:` come one number or several.
_CITED = re.compile(r"arXiv:\s*(\d{4}\.\d{5}(?:(?:,| and)\s+(?:arXiv:)?\d{4}\.\d{5})*)")


def cited(text):
    return {number for match in _CITED.finditer(text) for number in _NUMBER.findall(match[1])}


def check_papers(sources, page, report):
    """`sources`: (path, text) of each."""
    listed = cited(page.text)
    everywhere = set()
    for path, text in sources:
        numbers = cited(text)
        everywhere |= numbers
        for number in sorted(numbers - listed):
            report.add(path, None, f"it cites arXiv:{number}, which {page.path} does not list", "list it, with what differs")
    for number in sorted(listed - everywhere):
        line = next(line for line, text in enumerate(page.text.splitlines(), start=1) if number in text)
        report.add(page.path, line, f"no source cites arXiv:{number}", "cite it where it is implemented, or take it out")


def check_all_papers(report):
    if PAGE.exists():
        paths = sorted(path for path in Path("Sources").rglob("*") if path.suffix in _SUFFIXES)
        check_papers([(path, path.read_text(encoding="utf-8")) for path in paths], Page(PAGE), report)
