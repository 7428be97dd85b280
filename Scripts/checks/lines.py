"""The line budget and what a line may not hold."""

import re
from statistics import median

CODE_LINE_LIMIT = 500
MEDIAN_LIMIT = 120
COLUMN_LIMIT = 110

# Tables: long because what they list is long.
EXEMPT = {}

_BANNER = re.compile(r"[=\-*#~/_]{10,}")
_DOCUMENTING = re.compile(r"^\s*///(?:\s|$)")
# A documentation comment is shown alone, so it can't go on from what stands above it.
_SUBJECTLESS = re.compile(
    r"^\s*/// (?:Of|Those|Its|Their|The same|It|They|Both|Such|Likewise|Also|And)\b")
_UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")


def check_budget(sources, report):
    counts = []
    for source in sources:
        count = source.code_line_count
        counts.append(count)
        if count > CODE_LINE_LIMIT and str(source.path) not in EXEMPT:
            report.add(
                source.path, None, f"{count} code lines, {CODE_LINE_LIMIT} allowed",
                "split it by idea, or list it as a table in Scripts/checks/lines.py")
    if counts and median(counts) > MEDIAN_LIMIT:
        report.add(
            "Sources", None, f"the median file has {median(counts):.0f} code lines, {MEDIAN_LIMIT} allowed",
            "split the longest files by idea")


def check_lines(source, report):
    for number, (line, comment) in enumerate(
        zip(source.text.splitlines(), source.comments.splitlines()), start=1
    ):
        if source.is_c and len(line) > COLUMN_LIMIT:
            report.add(source.path, number, f"{len(line)} columns, {COLUMN_LIMIT} allowed", "break the line")
        if source.is_c and ("\t" in line or line != line.rstrip()):
            report.add(source.path, number, "a tab or trailing blanks", "use blanks, and end the line with text")
        if _UNFINISHED.search(comment):
            report.add(source.path, number, "unfinished business", "finish it, or open an issue and cut the note")
        if _BANNER.search(comment) and not _is_drawing(comment):
            report.add(source.path, number, "a banner", "let the file's structure speak")


def check_subjects(source, report):
    lines = source.text.splitlines()
    for number, line in enumerate(lines, start=1):
        begins = number == 1 or not _DOCUMENTING.match(lines[number - 2])
        # What looks like one in a string has no comment in its line.
        if begins and _SUBJECTLESS.match(line) and source.comments.splitlines()[number - 1].strip():
            report.add(
                source.path, number, f"\"{line.strip()[4:24]}...\" names no subject",
                "begin with what the comment is about: it is shown without its neighbours")


def _is_drawing(comment):
    """Layout drawings and tables above types use rules too, between bars and corners."""
    return bool(re.search(r"[|+<>^]", comment.replace("//", "")))
