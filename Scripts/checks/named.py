"""What pages name is there: files of the sources, and suites of tests behind `--filter`."""

import re
from pathlib import Path

from markdown import Page
from links import pages

_INLINE = re.compile(r"`([^`]+)`")
_FILE = re.compile(r"^(?:[\w+.-]+/)*[\w+.-]+\.(?:swift|c|h|py)$|^(?:Sources|Tests|Scripts|Benchmarks|Nuthatch\w+|CNuthatch\w+)/[\w/+.-]+$")
_FILTER = re.compile(r"Scripts/test --filter (?:'([^']+)'|(\w+))")
# A file of this name may be anyone's: what a reader makes, or another project's.
_ELSEWHERE = re.compile(r"^(?:Package\.swift|gguf_convert_endian\.py)$|^[a-z_]+\.h$")


def named(line):
    """Files that a line names."""
    return [name for name in _INLINE.findall(line) if _FILE.match(name) and not _ELSEWHERE.match(name)]


def filters(line):
    """Parts of the names of suites that a line has run."""
    return [part for match in _FILTER.finditer(line) for part in re.split(r"\\?\|", match[1] or match[2])]


def check_named(page, files, suites, report):
    for number, line in enumerate(page.text.splitlines(), start=1):
        for name in named(line):
            name = name.rstrip("/")
            if not any(file == name or file.endswith(f"/{name}") or f"/{name}/" in f"/{file}" for file in files):
                report.add(page.path, number, f"there is no {name}", "name a file or folder that is there")
        for part in filters(line):
            if not any(part in suite for suite in suites):
                report.add(page.path, number, f"no suite of tests is named {part}", "name one that is there")


def check_all_named(report):
    roots = ["Sources", "Tests", "Scripts", "Benchmarks/peers", "Benchmarks/KernelBenchmarks", "Documentation", "Examples"]
    files = [str(path) for root in roots for path in Path(root).rglob("*") if ".build" not in path.parts]
    suites = {
        match for file in files if file.startswith("Tests/") and file.endswith(".swift")
        for match in re.findall(r"(?:struct|class|extension|actor) (\w+)", Path(file).read_text(encoding="utf-8"))}
    suites |= {path.name for path in Path("Tests").iterdir()}
    for path in pages():
        # What changed once may be gone since, recipes name what is not there yet, and others have files too.
        if path.exists() and path.name not in {"CHANGELOG.md", "CONTRIBUTING.md", "comparison.md"}:
            check_named(Page(path), files, suites, report)
