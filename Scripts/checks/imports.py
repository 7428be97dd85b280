"""Rooms import downwards: only what Package.swift lists above them, and only what it lets them."""

import json
import re
import subprocess

_IMPORT = re.compile(r"^\s*(?:@\w+\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
                     r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)", re.MULTILINE)

# Modules outside the package that one room alone may know, so that each stays replaceable.
FOREIGN = {
    "ArgumentParser": {"NuthatchCLI", "NuthatchCLITests"},
    "Crypto": {"NuthatchCache", "NuthatchHub", "NuthatchHubTests", "NuthatchGeneration", "NuthatchReportsTests"},
    "CNuthatchCurl": {"NuthatchHub"},
    "Subprocess": {"NuthatchHub"},
}


def _targets():
    described = subprocess.run(
        ["swift", "package", "dump-package"], capture_output=True, text=True, check=True)
    return json.loads(described.stdout)["targets"]


def _dependencies(target):
    for dependency in target["dependencies"]:
        for kind in ("byName", "target"):
            if kind in dependency:
                yield dependency[kind][0]


def check_imports(sources, report):
    try:
        targets = _targets()
    except (OSError, subprocess.CalledProcessError) as error:
        report.add("Package.swift", None, f"cannot be read ({error})", "run: swift package dump-package")
        return
    order = {target["name"]: index for index, target in enumerate(targets)}
    allowed = {target["name"]: set(_dependencies(target)) for target in targets}
    for target in targets:
        for name in allowed[target["name"]]:
            if order.get(name, -1) > order[target["name"]]:
                report.add(
                    "Package.swift", None, f"{target['name']} depends on {name}, which is listed below it",
                    "turn the arrow round, or list the rooms lowest first")
    for source in sources:
        for match in _IMPORT.finditer(source.code):
            name, line = match.group(1), source.line_of(match.start(1))
            if name in order and name not in allowed.get(source.room, set()):
                report.add(
                    source.path, line, f"{source.room} may not import {name}",
                    "use what a lower room offers, or change the rooms in Package.swift and DESIGN.md")
            if source.room not in FOREIGN.get(name, {source.room}):
                report.add(
                    source.path, line, f"{source.room} may not import {name}",
                    f"that module belongs to {', '.join(sorted(FOREIGN[name]))}")
        for match in re.finditer(r"@testable\b", source.code):
            report.add(
                source.path, source.line_of(match.start()), "@testable opens what is closed",
                "test what `package` access shows")
