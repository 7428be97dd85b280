"""What the rules read of a page: headings, blocks of code, comments, prose, links."""

import re
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^(`{3,}|~{3,})\s*(\S*)\s*$")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_COMMENT = re.compile(r"^<!--\s*(.*?)\s*-->$")
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+\.)\s")
_LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_ATTRIBUTE = re.compile(r"\b(?:src|href|srcset)=\"([^\"\s]+)\"")
_CODE = re.compile(r"(`+)(?:(?!\1).)+?\1")


@dataclass
class Block:
    """Code: in a fence, whose language it has, or indented, which has none."""

    line: int
    language: str
    text: str
    indented: bool = False
    # Comments that stand directly above.
    marks: list[str] = field(default_factory=list)


@dataclass
class Heading:
    line: int
    level: int
    text: str


class Page:
    def __init__(self, path, text=None):
        self.path = Path(path)
        self.text = self.path.read_text(encoding="utf-8") if text is None else text
        self.blocks, self.headings = [], []
        # Lines without code, numbered from 1; what is code or a comment is empty.
        self.prose = []
        self._read(self.text.splitlines())

    def _read(self, lines):
        marks, number, blank, in_list = [], 0, True, False
        while number < len(lines):
            line = lines[number]
            fence = _FENCE.match(line)
            # Beneath an item of a list four blanks go on with it.
            indented = line.startswith("    ") and line.strip() and blank and not in_list
            if fence or indented:
                start = number
                if fence:
                    number += 1
                    while number < len(lines) and not lines[number].startswith(fence[1]):
                        number += 1
                    code = lines[start + 1:number]
                    number += 1
                else:
                    while number < len(lines) and (lines[number].startswith("    ") or not lines[number].strip()):
                        number += 1
                    code = [text[4:] for text in lines[start:number]]
                self.blocks.append(Block(
                    start + 1, fence[2] if fence else "", "\n".join(code).strip("\n"), bool(indented), marks))
                self.prose += [""] * (number - start)
                marks, blank, in_list = [], True, False
                continue
            comment = _COMMENT.match(line)
            if comment:
                marks = [*marks, comment[1]]
            elif line.strip():
                marks = []
                if heading := _HEADING.match(line):
                    self.headings.append(Heading(number + 1, len(heading[1]), heading[2]))
            if line.strip() and not line.startswith(" "):
                in_list = bool(_ITEM.match(line))
            self.prose.append("" if comment else line)
            blank = not line.strip()
            number += 1

    def anchors(self):
        """What `#` may name, as GitHub makes it of headings."""
        found, counts = set(), {}
        for heading in self.headings:
            base = slug(heading.text)
            count = counts.get(base, 0)
            counts[base] = count + 1
            found.add(base if count == 0 else f"{base}-{count}")
        return found

    def links(self):
        """(line, target) of each link and picture."""
        for number, line in enumerate(self.prose, start=1):
            for match in _LINK.finditer(_CODE.sub(lambda code: "x" * len(code[0]), line)):
                yield number, match[1]
            for match in _ATTRIBUTE.finditer(line):
                yield number, match[1]


def slug(heading):
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def handbook():
    """The README and the handbook, in both languages."""
    return [*sorted(Path(".").glob("README*.md")), *sorted(Path("Documentation").rglob("*.md"))]
