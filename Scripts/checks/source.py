"""Source files, and their text with comments or strings blanked out (same length, same lines)."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

# In the order they have to be tried; a raw or triple-quoted string would otherwise start as a plain one.
_TOKENS = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r'|(?P<string>(?P<pounds>#*)"""(?:\\.|.)*?"""(?P=pounds)'
    r'|#+"(?:[^\n])*?"#+'
    r'|"(?:\\.|[^"\\\n])*")',
    re.DOTALL,
)


def _blank(text):
    return re.sub(r"[^\n]", " ", text)


@dataclass(frozen=True)
class Source:
    path: Path
    text: str

    @staticmethod
    def read(path):
        return Source(path, path.read_text(encoding="utf-8"))

    @property
    def room(self):
        """The target the file belongs to: the folder below Sources or Tests."""
        return self.path.parts[1]

    @property
    def is_c(self):
        return self.path.suffix in {".c", ".h"}

    @cached_property
    def code(self):
        """The text without comments and strings."""
        return _TOKENS.sub(lambda match: _blank(match.group()), self.text)

    @cached_property
    def comments(self):
        """The text of comments alone."""
        parts, end = [], 0
        for match in _TOKENS.finditer(self.text):
            parts.append(_blank(self.text[end:match.start()]))
            parts.append(match.group() if match.group("comment") else _blank(match.group()))
            end = match.end()
        parts.append(_blank(self.text[end:]))
        return "".join(parts)

    @cached_property
    def code_line_count(self):
        """Lines that hold something other than blanks and comments."""
        kept = _TOKENS.sub(
            lambda match: _blank(match.group()) if match.group("comment") else match.group(), self.text)
        return sum(1 for line in kept.splitlines() if line.strip())

    def line_of(self, offset):
        return self.text.count("\n", 0, offset) + 1


def sources(folder):
    """The folder's files, but for the code that tutorials show: programs of their own."""
    paths = sorted(
        path for path in Path(folder).rglob("*")
        if path.suffix in {".swift", ".c", ".h"} and path.is_file()
        and not any(part.endswith(".docc") for part in path.parts))
    return [Source.read(path) for path in paths]
