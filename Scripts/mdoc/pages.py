"""A page for the program and one for each of its commands, as mdoc."""

import re

from sections import ENVIRONMENT, EXAMPLES, FILES
from text import discussion, escaped, prose

# More would hide the arguments.
_MOST_IN_SYNOPSIS = 6
_DEFAULT = re.compile(r"\s*\b(Default: [^.]*(?:\.\S[^.]*)*\.)$")
_STATUS_TABLE = re.compile(r"\s*Exit statuses:\n\n((?:\d+ .*\n?)+)")


def shown(command):
    return [argument for argument in command.get("arguments", []) if argument["shouldDisplay"]]


def names(argument):
    """Of an option, as macros write them: short ones first."""
    ordered = sorted(argument["names"], key=lambda name: name["kind"] != "short")
    return [escaped(name["name"] if name["kind"] == "short" else "-" + name["name"]) for name in ordered]


def value(argument):
    return f"Ar {escaped(argument['valueName'])}" if argument["kind"] != "flag" else ""


def usage(argument):
    repeated = " ..." if argument["isRepeating"] else ""
    inner = value(argument) if argument["kind"] == "positional" else f"Fl {names(argument)[0]} {value(argument)}".strip()
    return f".Op {inner}{repeated}" if argument["isOptional"] else f".{inner}{repeated}"


def synopsis(name, command):
    options = [argument for argument in shown(command) if argument["kind"] != "positional"]
    own = [argument for argument in options if value_name(argument) not in ("version", "help")]
    required = [argument for argument in own if not argument["isOptional"]]
    lines = [".Sh SYNOPSIS", f".Nm nuthatch Cm {escaped(name)}"]
    lines += [".Op Ar options", *map(usage, required)] if len(own) > _MOST_IN_SYNOPSIS else map(usage, own)
    return [*lines, *(usage(argument) for argument in shown(command) if argument["kind"] == "positional")]


def value_name(argument):
    return argument["names"][-1]["name"] if argument.get("names") else argument["valueName"]


def described(argument):
    """What help says of an argument, with the values it takes, and its default last."""
    text = argument.get("abstract", "")
    usual = _DEFAULT.search(text)
    text = _DEFAULT.sub("", text)
    values = argument.get("allValues", [])
    if any(not re.search(rf"\b{re.escape(word)}\b", text) for word in values):
        text += f" One of {', '.join(values[:-1])} or {values[-1]}."
    if usual:
        text += f" {usual[1]}"
    elif default := argument.get("defaultValue"):
        text += f" Default: {default}."
    return prose(text)


def arguments(heading, those, level="Sh"):
    lines = [f".{level} {heading}", ".Bl -tag -width Ds"]
    for argument in those:
        if argument["kind"] == "positional":
            lines.append(f".It {value(argument)}")
        else:
            spelled = " , ".join(f"Fl {name}" for name in names(argument))
            lines.append(f".It {spelled} {value(argument)}".rstrip())
        lines += described(argument)
    return [*lines, ".El"]


def option_sections(command):
    """Those without a title first, whatever order help gives them."""
    sections = {}
    for argument in shown(command):
        heading = "" if argument["kind"] == "positional" else argument.get("sectionTitle", "Options")
        sections.setdefault(heading, []).append(argument)
    lines = []
    if those := sections.pop("", None):
        lines += arguments("ARGUMENTS", those)
    lines.append(".Sh OPTIONS")
    own = sections.pop("Options", [])
    if own:
        lines += arguments("", own)[1:]
    for heading, those in sections.items():
        lines += arguments(heading, those, level="Ss")
    return lines


def examples(name):
    lines = [".Sh EXAMPLES"]
    for sentence, commands in EXAMPLES[name]:
        lines += [*(prose(sentence)), ".Bd -literal -offset indent"]
        lines += [*(escaped(command) for command in commands), ".Ed", ".Pp"]
    return lines[:-1]


def headed(heading, rows):
    """A section that is a list of terms; None where it has none."""
    if not rows:
        return []
    lines = [f".Sh {heading}", ".Bl -tag -width Ds"]
    for term, meaning in rows:
        lines += [f".It {term}", *prose(meaning)]
    return [*lines, ".El"]


def see_also(name, commands):
    others = sorted(f"nuthatch-{other}" for other in commands if other != name)
    if name is not None:
        others = ["nuthatch", *(other for other in RELATED.get(name, []))]
    return [".Sh SEE ALSO", *(f".Xr {other} 1{' ,' if other != others[-1] else ''}" for other in others)]


RELATED = {
    "run": ["nuthatch-chat", "nuthatch-explain", "nuthatch-plan"],
    "chat": ["nuthatch-run"],
    "pull": ["nuthatch-list"],
    "list": ["nuthatch-pull"],
    "info": ["nuthatch-plan"],
    "plan": ["nuthatch-bench", "nuthatch-info"],
    "tokenize": ["nuthatch-logits"],
    "bench": ["nuthatch-compare", "nuthatch-perplexity"],
    "perplexity": ["nuthatch-bench", "nuthatch-cache-test", "nuthatch-compare"],
    "logits": ["nuthatch-tokenize"],
    "quantize": ["nuthatch-info", "nuthatch-perplexity"],
    "explain": ["nuthatch-compare", "nuthatch-run"],
    "compare": ["nuthatch-bench", "nuthatch-cache-test", "nuthatch-perplexity"],
    "cache-test": ["nuthatch-compare", "nuthatch-run"],
}


def opening(name, abstract):
    return [
        ".Dd", f".Dt {name.upper()} 1", ".Os", ".Sh NAME", f".Nm {name}",
        f".Nd {escaped(abstract[0].lower() + abstract[1:].rstrip('.'))}"]


def command_page(command):
    name = command["commandName"]
    title = f"nuthatch-{name}"
    lines = opening(title, command["abstract"]) + synopsis(name, command) + [".Sh DESCRIPTION"]
    lines += prose(command["abstract"])
    if text := command.get("discussion"):
        lines += [".Pp", *discussion(text)]
    lines += option_sections(command)
    lines += headed("ENVIRONMENT", ENVIRONMENT.get(name))
    lines += headed("FILES", FILES.get(name))
    lines += [".Sh EXIT STATUS", "Those of", ".Xr nuthatch 1 ."]
    return lines + examples(name) + see_also(name, [])


def program_page(root, commands):
    text = root["discussion"]
    statuses = _STATUS_TABLE.search(text)
    lines = opening("nuthatch", root["abstract"])
    lines += [".Sh SYNOPSIS", ".Nm", ".Ar command", ".Op Ar options", ".Op Ar arguments",
              ".Nm", ".Cm help", ".Op Ar command", ".Sh DESCRIPTION"]
    lines += prose(root["abstract"])
    lines += [".Pp", "The commands are:", ".Bl -tag -width Ds"]
    for command in commands:
        name = command["commandName"]
        lines += [f".It Xr nuthatch-{name} 1", *prose(command["abstract"])]
    lines += [".El", ".Pp", *prose(_STATUS_TABLE.sub("", text))]
    lines += arguments("OPTIONS", shown(root))
    lines += headed("ENVIRONMENT", ENVIRONMENT["nuthatch"]) + headed("FILES", FILES["nuthatch"])
    lines += headed("EXIT STATUS", [row.split(maxsplit=1) for row in statuses[1].splitlines()])
    lines += examples("nuthatch") + see_also(None, [command["commandName"] for command in commands])
    return [*lines, ".Pp", "The handbook, in the sources:", ".Pa Documentation/README.md"]


def pages(root):
    """Name and text of each page, its date still missing."""
    commands = [command for command in root["subcommands"] if command["commandName"] != "help"]
    made = {"nuthatch.1": program_page(root, commands)}
    for command in commands:
        made[f"nuthatch-{command['commandName']}.1"] = command_page(command)
    notice = '.\\" Scripts/manual makes this page out of the program\'s help.'
    return {name: "\n".join([notice, *lines]) + "\n" for name, lines in made.items()}
