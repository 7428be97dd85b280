"""The public interface, read from the sources: what Documentation/api.txt lists and Sources/Nuthatch/Exports.swift exports."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from source import Source

LISTING = Path("Documentation/api.txt")
EXPORTS = Path("Sources/Nuthatch/Exports.swift")
_RENEW = "see that the change is meant, run Scripts/api, and commit the listing"

_KINDS = "struct|class|enum|actor|protocol|extension|func|init|subscript|var|let|case|typealias"
_MODIFIERS = (
    "public|package|internal|fileprivate|private|open|static|final|nonisolated|mutating|override|convenience|indirect"
    "|required|lazy")
_DECLARATION = re.compile(
    rf"(?:^|(?<=[{{;]))[ \t]*(?P<modifiers>(?:(?:@\w+(?:\([^)]*\))?|(?:{_MODIFIERS})(?:\(\w+\))?)\s+)*)"
    rf"(?P<kind>{_KINDS})\b(?=(?P<rest>.*)$)", re.MULTILINE)
_TYPES = {"struct", "class", "enum", "actor", "protocol"}
_EXPORT = re.compile(r"@_exported public import (\w+) (\w+)\.(\w+)")


@dataclass(frozen=True)
class Declaration:
    room: str
    """The types around it, outermost first: [] for one of the room itself."""
    path: tuple
    kind: str
    text: str
    """Where it stands; two of the same text are one in a listing."""
    source: Source = field(compare=False, repr=False)
    offset: int = field(compare=False)


def _head_end(code, start, kind):
    """Where a declaration's head ends: before its body or its value, or with its line."""
    depth = 0
    for offset in range(start, len(code)):
        character = code[offset]
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0:
            if character == "{" or character == "=" and code[offset - 1] == " " and kind in ("var", "let", "case"):
                return offset
            if character in "}\n" and kind in ("var", "let", "case", "typealias"):
                return offset
    return len(code)


def _end_of_body(code, start):
    depth = 0
    for offset in range(start, len(code)):
        depth += (code[offset] == "{") - (code[offset] == "}")
        if depth == 0 and code[offset] == "}":
            return offset
    return len(code)


def _name(kind, rest):
    return re.match(r"\s*([\w.`]*)", rest).group(1) if kind != "init" else "init"


def _one_line(source, start, end):
    """The text without its comments, on one line."""
    kept = "".join(
        " " if mark.strip() else character
        for character, mark in zip(source.text[start:end], source.comments[start:end]))
    text = re.sub(r"\s+", " ", kept).strip()
    text = re.sub(r"(?:@discardableResult|public|final|indirect|nonisolated(?:\(\w+\))?) ", "", text)
    return text.replace("( ", "(").replace(" )", ")")


def _declarations(source):
    """Every declaration of a file outside function bodies: its types around it, modifiers, kind, name, head, offset."""
    code = source.code
    types, bodies = [], []
    for match in _DECLARATION.finditer(code):
        kind, start = match["kind"], match.start("modifiers")
        types = [entry for entry in types if start < entry[1]]
        if any(begin < start < end for begin, end in bodies):
            continue
        end = _head_end(code, match.start("kind"), kind)
        body_end = _end_of_body(code, end) if code[end:end + 1] == "{" else end
        path = tuple(entry[0] for entry in types)
        yield path, match["modifiers"], kind, _name(kind, match["rest"]), _one_line(source, start, end), start
        if kind in _TYPES or kind == "extension":
            types.append((_name(kind, match["rest"]), body_end))
        else:
            bodies.append((end, body_end))


def public_declarations(sources):
    """What is public, and inside of types that are."""
    entries = [
        (source, path, modifiers, kind, name, text, offset)
        for source in sources if not source.is_c
        for path, modifiers, kind, name, text, offset in _declarations(source)]
    types = {
        (*path, name): kind for _, path, modifiers, kind, name, *_ in entries
        if kind in _TYPES and "public" in modifiers.split()}
    hidden = {name for _, _, modifiers, kind, name, *_ in entries if kind == "protocol" and "public" not in modifiers}
    for source, path, modifiers, kind, name, text, offset in entries:
        flat = tuple(part for step in path for part in step.split("."))
        if flat and flat not in types:
            continue
        if kind == "extension":
            conformances = [part.strip() for part in text.partition(":")[2].partition(" where ")[0].split(",")]
            public = [part for part in conformances if part and part not in hidden]
            if public and tuple(name.split(".")) in types:
                yield Declaration(
                    source.room, tuple(name.split(".")), kind, f"conforms to {', '.join(public)}", source, offset)
        elif "public" in modifiers.split() or kind == "case" and types.get(flat) == "enum":
            yield Declaration(source.room, flat, kind, text, source, offset)


def listing(sources):
    """The interface as text: types in their order, members below them."""
    declarations = set(public_declarations(sources))
    lines = [
        "The public interface of Nuthatch: everything that a program sees that says `import Nuthatch`.",
        "Written by Scripts/api from the sources; Scripts/check compares them.",
    ]

    def visit(path, indent):
        members = sorted(
            (entry.kind in _TYPES, entry.text) for entry in declarations if entry.path == path)
        for is_type, text in members:
            if not path:
                lines.append("")
            lines.append("    " * indent + text)
            if is_type:
                visit((*path, re.match(r"\w+ (\w+)", text).group(1)), indent + 1)

    visit((), 0)
    return "\n".join(lines) + "\n"


def library(sources):
    """The rooms that applications link: all but the door itself, and the program."""
    return [source for source in sources if source.room not in ("Nuthatch", "NuthatchCLI")]


def exported():
    """(kind, room, name) of what the door names."""
    return _EXPORT.findall(EXPORTS.read_text(encoding="utf-8"))


def exported_rooms():
    return sorted({room for _, room, _ in exported()})


def check_api(sources, report):
    rooms = library(sources)
    if not LISTING.exists() or LISTING.read_text(encoding="utf-8") != listing(rooms):
        report.add(LISTING, None, "the public interface is another than the one listed", _RENEW)
    declared = {
        (re.sub("actor", "class", entry.kind), entry.room, re.match(r"\w+ (\w+)", entry.text).group(1))
        for entry in public_declarations(rooms) if not entry.path and entry.kind != "extension"}
    named = set(exported())
    for kind, room, name in sorted(declared - named):
        report.add(
            EXPORTS, None, f"{room}.{name} is public and not exported",
            f"make it `package`, or add: @_exported public import {kind} {room}.{name}")
    for kind, room, name in sorted(named - declared):
        report.add(EXPORTS, None, f"{kind} {room}.{name} is exported and not public", "take the line out")
