"""Documentation/troubleshooting.md quotes the program: each message in a table's first column is one that the sources hold."""

import re
from pathlib import Path

from markdown import Page

PAGES = [Path("Documentation/troubleshooting.md"), Path("Documentation/zh-CN/troubleshooting.md")]
_QUOTED = re.compile(r"^\| `([^`]+)` \|")
_CONCATENATION = re.compile(r"\"\s*\+\s*\"")
_GAP = "\0"


def spoken(text):
    """Swift's text with its strings joined and what is interpolated in them taken out."""
    text = _CONCATENATION.sub("", text)
    pieces, place = [], 0
    while (start := text.find("\\(", place)) >= 0:
        pieces.append(text[place:start])
        depth, place = 1, start + 2
        while depth and place < len(text):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            place += 1
        pieces.append(_GAP)
    return " ".join("".join([*pieces, text[place:]]).replace('\\"', '"').replace("\\\n", "").split())


def check_messages(page, texts, report):
    """`texts`: what `spoken` makes of each source. `…` in a message stands for what the program puts there."""
    for number, line in enumerate(page.prose, start=1):
        match = _QUOTED.match(line)
        if not match:
            continue
        for fragment in match[1].split("…"):
            # A clause of its own may end with a mark that another string begins or ends with.
            fragment = fragment.strip(" .,;:")
            if len(fragment) > 3 and not any(fragment in text for text in texts):
                report.add(
                    page.path, number, f"the program doesn't say \"{fragment}\"",
                    "quote it as it stands in the sources, with … for what is put into it")


def check_all_messages(report):
    texts = [spoken(path.read_text(encoding="utf-8")) for path in sorted(Path("Sources").rglob("*.swift"))]
    for path in PAGES:
        if path.exists():
            check_messages(Page(path), texts, report)
