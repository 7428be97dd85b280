"""The line budget and what a line may not hold."""

import re
from statistics import median

CODE_LINE_LIMIT = 500
MEDIAN_LIMIT = 120
COLUMN_LIMIT = 110

# Tables: long because what they list is long.
EXEMPT = {}

_BANNER = re.compile(r"[=\-*#~/_]{10,}")
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


def _is_drawing(comment):
    """Layout drawings and tables above types use rules too, between bars and corners."""
    return bool(re.search(r"[|+<>^]", comment.replace("//", "")))
