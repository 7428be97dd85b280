"""What is public says what it is: a sentence for each declaration, what it throws, and parameters that are there."""

import re

from api import library, public_declarations

_PARAMETERS = re.compile(r"^- Parameters:")
_PARAMETER = re.compile(r"^- Parameter (\w+)\s*:")
_LISTED = re.compile(r"^\s+- (\w+)\s*:")


def comment_above(source, offset):
    """The documentation that ends on the line above a declaration, attributes in between: without its slashes."""
    lines = source.text[:offset].split("\n")[:-1]
    while lines and lines[-1].strip().startswith("@"):
        lines.pop()
    found = []
    while lines and (match := re.match(r"^\s*///(?: (.*)|)$", lines[-1])):
        found.insert(0, match[1] or "")
        lines.pop()
    return found


def is_sentence(comment):
    """Whether the first paragraph is two words at least, and ends as sentences do."""
    paragraph = []
    for line in comment:
        if not line.strip() or line.startswith("- "):
            break
        paragraph.append(line.strip())
    text = " ".join(paragraph)
    return len(text.split()) > 1 and text.endswith((".", ":"))


def throws(declaration):
    """Whether calling it can throw: what its parameters may throw does not count."""
    depth, head = 0, []
    for character in declaration.text:
        depth += character in "(["
        if depth == 0:
            head.append(character)
        depth -= character in ")]"
    return bool(re.search(r"\bthrows\b", "".join(head)))


def parameters(text):
    """The names by which a function's own body knows its arguments."""
    start = text.find("(")
    depth, parts, begin = 0, [], start + 1
    for offset in range(start, len(text)):
        depth += text[offset] in "([{"
        depth -= text[offset] in ")]}"
        if depth == 0 or depth == 1 and text[offset] == ",":
            parts.append(text[begin:offset])
            begin = offset + 1
        if depth == 0:
            break
    names = [re.match(r"\s*(?:(?:`?\w+`?)\s+)?`?(\w+)`?\s*:", part) for part in parts]
    return [name[1] for name in names if name]


def described(comment):
    """The parameters that a comment lists; None where it lists none."""
    listed, inside = None, False
    for line in comment:
        if _PARAMETERS.match(line):
            listed, inside = listed or [], True
        elif match := _PARAMETER.match(line):
            listed, inside = [*(listed or []), match[1]], False
        elif inside and (match := _LISTED.match(line)):
            listed.append(match[1])
        elif line.startswith("- "):
            inside = False
    return listed


def check_documented(sources, report):
    for entry in public_declarations(sources):
        if entry.kind == "extension":
            continue
        comment = comment_above(entry.source, entry.offset)
        line = entry.source.line_of(entry.source.text.index(entry.kind, entry.offset))
        shown = entry.text.partition("(")[0][:60]

        def add(what, remedy):
            report.add(entry.source.path, line, f"`{shown}` {what}", remedy)

        if not is_sentence(comment):
            add("has no documentation" if not comment else "is documented by less than a sentence",
                "say what it is in a sentence of its own, above it")
            continue
        if entry.kind not in ("func", "init"):
            continue
        if throws(entry) and not any(re.search(r"\b[Tt]hrows\b", text) for text in comment):
            add("does not say what it throws", "add `- Throws:` and when")
        listed, own = described(comment), parameters(entry.text)
        if listed is not None and listed != own:
            add(f"has the parameters {', '.join(own)}, its documentation {', '.join(listed)}",
                "list all of them, in their order, or none")


def check_all_documented(sources, report):
    check_documented(library(sources), report)
