"""Words that have no place in names, and calls that have none outside their room."""

import re

_DECLARED = re.compile(
    r"\b(?:class|struct|enum|protocol|actor|typealias|extension)\s+([A-Z]\w*)")
_BANNED_NAME = re.compile(r"(?:Utils?|Common|Helpers?|Manager)(?![a-z])|^Base[A-Z]|^Base$|Impl$")

# Calls, and the rooms where they belong.
_CALLS = [
    (
        re.compile(r"\bgetenv\s*\(|\bprocessInfo\.environment\b"), {"NuthatchCLI"},
        "reads the environment", "take the value as an argument; NuthatchCLI reads it"),
    (
        re.compile(r"(?<![.\w])(?:debugP|p)rint\s*\(|\bdump\s*\(|\bfputs\s*\(|\bprintf\s*\("
                   r"|\bstandard(?:Output|Error)\b(?!\s*=)"), {"NuthatchCLI"},
        "prints", "return or report the value; NuthatchCLI shows it"),
    (
        re.compile(r"(?<![.\w])_?exit\s*\(|(?<![.\w])abort\s*\("), {"NuthatchCLI"},
        "ends the process", "throw an error"),
    (re.compile(r"\bCommandLine\.arguments\b"), set(), "reads the command line", "use ArgumentParser"),
    (
        re.compile(r"\bassertionFailure\s*\(|\bfatalError\s*\(|\bpreconditionFailure\s*\("), set(),
        "traps", "throw an error; a broken invariant of our own may trap if ALLOWED in Scripts/checks/words.py"),
    (re.compile(r"\btry!|\bas!"), set(), "traps on failure", "handle the failure"),
    (re.compile(r"\bstatic\s+(?:let|var)\s+shared\b"), set(), "is a singleton", "pass it as an argument"),
    (
        re.compile(r"\bunowned\(unsafe\)|\bunsafeBitCast\b"), set(),
        "defeats the type system", "say it with types"),
]

# What is left of Foundation without its bridges to Objective-C and its tables of the world's languages; those cost
# every process 8 MB and some milliseconds.
_FOUNDATION = re.compile(r"^\s*(?:\w+\s+)?import\s+Foundation$", re.MULTILINE)
_ESSENTIALS = re.compile(r"#if canImport\(FoundationEssentials\)\s+(?:\w+\s+)?import FoundationEssentials\s+#else\s+"
                         r"(?:\w+\s+)?import Foundation\s+#endif")

# (file, call) -> why it may: a broken internal invariant that states itself, or what is said.
ALLOWED = {
    ("Sources/NuthatchGeneration/Loading/ModelLibrary.swift", "processInfo.environment"):
        "the default of an argument: a library that found other models than the program would be a trap",
    ("Sources/NuthatchCLI/NuthatchCommand.swift", "CommandLine.arguments"):
        "what ArgumentParser refuses is read again, to say what is wrong with it",
}

_UNCHECKED = re.compile(r"@unchecked\s+Sendable")
UNCHECKED_BUDGET = 5


def check_names(source, report):
    stem = source.path.stem
    if _BANNED_NAME.search(stem.split("+")[0]):
        report.add(source.path, None, f"{stem} says nothing", "name the file by the one idea in it")
    for match in _DECLARED.finditer(source.code):
        # An extension names a type that may be someone else's.
        if match.group().startswith("extension"):
            continue
        if _BANNED_NAME.search(match.group(1)):
            report.add(
                source.path, source.line_of(match.start()), f"{match.group(1)} says nothing",
                "name the type by what it is")


def own_functions(sources):
    """Names of functions each room declares; calling one of these is no call to the library's."""
    declared = {}
    for source in sources:
        names = re.findall(r"\bfunc\s+(\w+)", source.code)
        declared.setdefault(source.room, set()).update(names)
    return declared


def check_calls(source, declared, report):
    for pattern, rooms, what, remedy in _CALLS:
        if source.room in rooms:
            continue
        for match in pattern.finditer(source.code):
            call = match.group().split("(")[0].strip()
            if call not in declared[source.room] and (str(source.path), call) not in ALLOWED:
                report.add(source.path, source.line_of(match.start()), f"{call} {what}", remedy)
    for match in re.finditer(r"\bprecondition\s*\(", source.code):
        if not _call_has_text(source, match.end() - 1):
            report.add(
                source.path, source.line_of(match.start()), "a precondition without a text",
                "say which invariant broke")


def _call_has_text(source, start):
    """Whether the call's parentheses, opened at `start`, hold a string."""
    depth = 0
    for offset in range(start, len(source.code)):
        if source.code[offset] == "(":
            depth += 1
        elif source.code[offset] == ")":
            depth -= 1
            if depth == 0:
                return '"' in source.text[start:offset]
    return False


def check_foundation(source, report):
    """Sources take FoundationEssentials, and all of Foundation only where there is nothing smaller."""
    if source.path.parts[0] != "Sources":
        return
    rest = _ESSENTIALS.sub(lambda match: re.sub(r"\S", " ", match.group()), source.code)
    for match in _FOUNDATION.finditer(rest):
        report.add(
            source.path, source.line_of(match.end()), "imports all of Foundation",
            "import FoundationEssentials where it can be imported, as in Receipt.swift")


def check_unsafe(sources, report):
    """Every promise the compiler cannot check gives its reason beside it."""
    unchecked = []
    for source in sources:
        comments = source.comments.splitlines()
        for match in _UNCHECKED.finditer(source.code):
            line = source.line_of(match.start())
            unchecked.append((source, line))
            if not comments[line:line + 1] or not comments[line].strip():
                report.add(source.path, line, "@unchecked Sendable without its reason", "give it on the next line")
        for match in re.finditer(r"nonisolated\(unsafe\)", source.code):
            line = source.line_of(match.start())
            if not any(text.strip() for text in comments[max(0, line - 2):line + 1]):
                report.add(
                    source.path, line, "nonisolated(unsafe) without its reason", "give it on a line beside it")
    if len(unchecked) > UNCHECKED_BUDGET:
        source, line = unchecked[-1]
        report.add(
            source.path, line, f"{len(unchecked)} uses of @unchecked Sendable, {UNCHECKED_BUDGET} allowed in all",
            "put the state behind a Mutex, or make it immutable")
