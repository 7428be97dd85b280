"""A page and its Chinese twin say the same: the same headings, tables and code, and the same figures, part by part."""

import re
from pathlib import Path

from markdown import Page

CHINESE = Path("Documentation/zh-CN")
# A number by itself; digits within a name (Q4_0, f16, gemma3) are the name's.
_FIGURE = re.compile(r"(?<![A-Za-z_\d.,])\d+(?:,\d{3})*(?:\.\d+)*")
_TARGET = re.compile(r"\]\([^)]*\)|<[^>]*>|https?://\S+")
# What people read, in blocks that people alone read.
_PROSE_LANGUAGES = {"", "text", "json"}


def twins():
    """(English, Chinese), all that there are or should be."""
    yield Path("README.md"), Path("README.zh-CN.md")
    for chinese in sorted(CHINESE.glob("*.md")):
        yield CHINESE.parent / chinese.name, chinese


def figures(text):
    return {match[0].replace(",", "") for match in _FIGURE.finditer(_TARGET.sub("]", text))}


def code(block):
    """What of a block has to be equal in both languages: all but comments; of drawings, their figures."""
    if block.language in _PROSE_LANGUAGES:
        return figures(block.text)
    mark = "//" if block.language == "swift" else "#"
    lines = (re.sub(rf"(?:^|\s+){mark}\s.*$", "", line).rstrip() for line in block.text.splitlines())
    return [line for line in lines if line]


def parts(page):
    """Line, level, figures and widths of tables of the page's parts, a part for each heading and one before."""
    starts = [1, *(heading.line for heading in page.headings)]
    levels = [0, *(heading.level for heading in page.headings)]
    ends = [*starts[1:], len(page.prose) + 1]
    for start, level, end in zip(starts, levels, ends):
        lines = page.prose[start - 1:end - 1]
        rows = [re.sub(r"\\\||`[^`]*`", "", line).count("|") for line in lines if line.startswith("|")]
        yield start, level, figures("\n".join(lines)), rows


def check_twins(page, twin, report):
    both, others = list(parts(page)), list(parts(twin))
    if [part[1] for part in both] != [part[1] for part in others]:
        line = next((other[0] for part, other in zip(both, others) if part[1] != other[1]), others[-1][0])
        report.add(
            twin.path, line, f"its headings are not those of {page.path} ({len(both) - 1} there, {len(others) - 1} here)",
            "give both pages the same parts, of the same levels")
        return
    for (start, _, found, rows), (line, _, other, other_rows) in zip(both, others):
        for missing, place, name in [(found - other, line, twin.path), (other - found, start, page.path)]:
            if missing:
                report.add(
                    name, place, f"this part lacks the figures {', '.join(sorted(missing))} of its twin",
                    "say the same in both languages, in digits")
        if rows != other_rows:
            report.add(twin.path, line, f"its tables are not those of {page.path}:{start}", "give both the same rows and columns")
    if len(page.blocks) != len(twin.blocks):
        report.add(
            twin.path, None, f"it has {len(twin.blocks)} blocks of code, {page.path} has {len(page.blocks)}",
            "show the same in both languages")
        return
    for block, other in zip(page.blocks, twin.blocks):
        if (block.language, code(block)) != (other.language, code(other)):
            report.add(
                twin.path, other.line, f"this block is not that of {page.path}:{block.line}",
                "show the same code; only comments and words in drawings are translated")
        if [mark.split(":")[0] for mark in block.marks] != [mark.split(":")[0] for mark in other.marks]:
            report.add(twin.path, other.line, f"this block is not marked as {page.path}:{block.line} is", "mark both alike")


def check_all_twins(report):
    for english, chinese in twins():
        if not english.exists() or not chinese.exists():
            report.add(chinese, None, f"{english} and {chinese} are twins, and one is missing", "write both")
        else:
            check_twins(Page(english), Page(chinese), report)
