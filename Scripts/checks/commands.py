"""The commands that pages show, and what they say comes of them.

A block of `console` has commands behind `$ `, each followed by what it prints. What is printed is compared without
regard to line breaks; `...` stands for anything. Times and rates differ from run to run and are not compared; where
other figures do, `<!-- figures vary: why -->` stands above the block and none is. `> ` begins a line that is typed.
A block of `sh` has commands alone. A command ends with status 0, or with the one that its comment names
(`# exits with 69`). `<!-- not run: why -->` above a block keeps it from being run; with `<!-- in the checkout -->` it runs
where the repository is, and should write nothing.
"""

import re
from dataclasses import dataclass, field

LANGUAGES = {"console", "sh"}
_STATUS = re.compile(r"\s+#[^\"']*?(?:exits with|退出状态)\s*(\d+)[^\"']*$")
_REMARK = re.compile(r"\s+#\s[^\"']*$")
_COMMAND = re.compile(r"^\s*(?:\$ )?(?:nuthatch|swift (?:run|build|test)|Scripts/|Benchmarks/\S+ )\b")
_FIGURE = r"\d+(?:,\d{3})*(?:\.\d+)?"
_MEASURED = re.compile(
    rf"{_FIGURE}(?= (?:tokens/s|[kMGT]?B/s|s|ms|us|seconds)\b)|(?<=peak memory ){_FIGURE} [kMGT]?B")
_QUANTITY = re.compile(rf"{_FIGURE}(?: [kMGT]?i?B\b)?")


@dataclass
class Command:
    line: int
    text: str
    status: int = 0
    typed: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)


def reason(block, mark):
    """What stands behind a mark; None without it."""
    for text in block.marks:
        name, _, why = text.partition(":")
        if name.strip() == mark:
            return why.strip()
    return None


def commands(block):
    found, lines, number = [], block.text.splitlines(), 0
    while number < len(lines):
        start, line = number, lines[number]
        number += 1
        if block.language == "console" and not line.startswith("$ "):
            if found and line.startswith("> "):
                found[-1].typed.append(line[2:])
            elif found:
                found[-1].printed.append(line)
            continue
        text = line.removeprefix("$ ") if block.language == "console" else line
        while text.endswith("\\") and number < len(lines):
            text = text[:-1].rstrip() + " " + lines[number].strip()
            number += 1
        status = _STATUS.search(text)
        text = _REMARK.sub("", text).strip()
        if text and not text.startswith("#"):
            found.append(Command(block.line + 1 + start, text, int(status[1]) if status else 0))
    return found


def plain(text, vary):
    """Text as it is compared: measured figures, or all, replaced; blanks alike."""
    text = _MEASURED.sub("#", text)
    if vary:
        text = _QUANTITY.sub("#", text)
    return " ".join(text.split())


def missing(printed, output, vary=False):
    """The first stretch of what a page shows that a command did not print; None where all was."""
    output, place = plain(output, vary), 0
    for stretch in "\n".join(printed).split("..."):
        stretch = plain(stretch, vary)
        found = output.find(stretch, place)
        if found < 0:
            return stretch
        place = found + len(stretch)
    return None


def check_commands(page, report):
    """Commands stand where they are run, and what is not run has its reason."""
    for block in page.blocks:
        why = reason(block, "not run")
        if block.language in LANGUAGES:
            if why == "":
                report.add(page.path, block.line, "this block is not run, for no reason", "say why behind `not run:`")
            if block.language == "console" and not block.text.startswith("$ "):
                report.add(page.path, block.line, "this block begins with no command", "begin it with `$ `")
        elif any(_COMMAND.match(line) for line in block.text.splitlines()):
            report.add(
                page.path, block.line, "nobody runs the commands of this block",
                "make it a block of ```sh or ```console; what can't be run is marked <!-- not run: why -->")
