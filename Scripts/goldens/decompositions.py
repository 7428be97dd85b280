"""Writes Sources/NuthatchTokenizers/Normalizing/DecompositionTable.swift from Python's Unicode database.

requirements: Python 3.11 or later, nothing else. Run from the repository's root.
"""

import sys
import unicodedata
from pathlib import Path

HANGUL = range(0xAC00, 0xD7A4)


def entries(wants_compatibility):
    """(scalar, mapping) of one step of decomposition, in order."""
    for scalar in range(0x110000):
        if 0xD800 <= scalar < 0xE000 or scalar in HANGUL:
            continue
        fields = unicodedata.decomposition(chr(scalar)).split()
        if not fields or (fields[0][0] == "<") != wants_compatibility:
            continue
        yield scalar, [int(field, 16) for field in fields if field[0] != "<"]


def is_composed(scalar, mapping):
    """Whether NFC puts the pair together again (no composition exclusion)."""
    return len(mapping) == 2 and unicodedata.normalize("NFC", chr(scalar)) == chr(scalar)


def runs(wants_compatibility):
    """Entries as text: `scalar=a.b`, `scalar+count=a` for runs that map to consecutive single scalars.

    `!` in place of `=` marks a decomposition that is never composed. Scalars are differences to the one before.
    """
    found = []
    for scalar, mapping in entries(wants_compatibility):
        sign = "=" if wants_compatibility or is_composed(scalar, mapping) else "!"
        if found and len(mapping) == 1:
            first, count, start, previous = found[-1]
            if previous == sign and len(start) == 1 and scalar == first + count and mapping[0] == start[0] + count:
                found[-1] = (first, count + 1, start, sign)
                continue
        found.append((scalar, 1, mapping, sign))
    texts, last = [], 0
    for first, count, mapping, sign in found:
        length = f"+{count:x}" if count > 1 else ""
        texts.append(f"{first - last:x}{length}{sign}{'.'.join(f'{value:x}' for value in mapping)}")
        last = first
    return texts


def literal(texts):
    lines, line = [], ""
    for text in texts:
        if len(line) + len(text) + 1 > 98:
            lines.append(line)
            line = ""
        line += (" " if line else "") + text
    lines.append(line)
    return " \\\n".join(f"        {line}" for line in lines)


def main():
    path = Path("Sources/NuthatchTokenizers/Normalizing/DecompositionTable.swift")
    path.write_text(
        f'''/// Unicode's decompositions, one step each; Hangul syllables are computed instead.
///
/// Made by Scripts/goldens/decompositions.py from Unicode {unicodedata.unidata_version}. Entries are hexadecimal:
/// `scalar=a.b`, or `scalar+count=a` for consecutive scalars that map to consecutive ones; a scalar is the difference
/// to the entry before; `!` for `=` marks what composition leaves apart.
enum DecompositionTable {{
    static let canonical: StaticString = """
{literal(runs(False))}
        """

    static let compatibility: StaticString = """
{literal(runs(True))}
        """
}}
'''
    )
    print(path, path.stat().st_size, file=sys.stderr)


main()
