"""Plain text as mdoc: escapes, a sentence a line, options marked as such."""

import re
import textwrap

_WIDTH = 76
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[.!?]\))\s+(?=\S)")
_OPTION = re.compile(r"^([(\[]*)(--?[a-z][a-z-]*)(=[^\s,;:)]+)?([.,:;)\]]*)(.*)$")
# A term, a gap, what it means.
_ROW = re.compile(r"^\s*(\S.*?)\s{2,}(\S.*)$")


def escaped(text):
    """Characters as every formatter shows them: backslashes, minus signs, and what is not ASCII."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("^", "\\(ha").replace("~", "\\(ti")
    text = text.replace("'", "\\(aq").replace("`", "\\(ga").replace('"', "\\(dq")
    return "".join(letter if ord(letter) < 128 else f"\\[u{ord(letter):04X}]" for letter in text)


def whole(word):
    """A word that no line may break within: a name has signs or digits in it, what is prose has not."""
    return ("\\%" if re.search(r"[A-Za-z][-_/:=.\d]+\w", word) else "") + escaped(word)


def guarded(line):
    return "\\&" + line if line.startswith((".", "'")) else line


def option_line(match):
    """The macro line for a word that is an option, perhaps with a value and punctuation; None where it is none."""
    opening, name, value, closing, rest = match.groups()
    if rest:
        return None
    parts = [f".Pf {opening} Fl" if opening else ".Fl", escaped(name[1:])]
    if value:
        parts += ["Ns", "Cm", escaped(value)]
    return " ".join([*parts, *closing])


def prose(text):
    """Lines of a paragraph."""
    lines = []

    def fill(words):
        if words:
            lines.extend(guarded(line) for line in textwrap.wrap(
                " ".join(words), _WIDTH, break_long_words=False, break_on_hyphens=False))

    for sentence in _SENTENCE.split(text.strip()):
        words = []
        for word in sentence.split():
            match = _OPTION.match(word)
            marked = match and option_line(match)
            if marked:
                fill(words)
                lines.append(marked)
                words = []
            else:
                words.append(whole(word))
        fill(words)
    return lines


def listed(rows):
    """A list of terms and what they mean."""
    width = max(len(term) for term, _ in rows)
    lines = [f".Bl -tag -width {'x' * min(width, 20)}"]
    for term, meaning in rows:
        lines += [f".It {option_term(term)}", *prose(meaning)]
    return [*lines, ".El"]


def option_term(term):
    """A term as a macro's argument: no word of it may be read as a macro."""
    return " ".join("\\&" + escaped(word) if re.fullmatch(r"[A-Z%][A-Za-z]{1,2}", word) else escaped(word)
                    for word in term.split())


def discussion(text):
    """Paragraphs and tables, as they stand in a command's help."""
    lines = []
    for paragraph in re.split(r"\n\s*\n", text.strip("\n")):
        rows = [_ROW.match(line) for line in paragraph.splitlines()]
        if lines:
            lines.append(".Pp" if not all(rows) else None)
        if all(rows):
            lines += listed([row.groups() for row in rows])
        else:
            lines += prose(" ".join(paragraph.split()))
    return [line for line in lines if line is not None]
