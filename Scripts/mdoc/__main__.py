"""Manual pages and completions from the program's own help: `Scripts/manual [--check]`."""

import datetime
import json
import os
import re
import subprocess
import sys
from pathlib import Path

from pages import pages
from sections import unknown

PAGES = Path("Documentation/man")
COMPLETIONS = Path("Documentation/completions")
_SHELLS = {"nuthatch.bash": "bash", "_nuthatch": "zsh", "nuthatch.fish": "fish"}

_DATE = re.compile(r"^\.Dd.*$", re.MULTILINE)


def said(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def undated(text):
    return _DATE.sub(".Dd", text, count=1)


def made(program):
    """Path and text of every file; a page keeps its date for as long as it says the same."""
    files = {}
    today = datetime.date.today()
    date = f".Dd {today:%B} {today.day}, {today.year}"
    root = json.loads(said(program, "--experimental-dump-help"))["command"]
    for name, text in pages(root).items():
        path = PAGES / name
        text = _DATE.sub(date, text, count=1)
        if path.exists() and undated(before := path.read_text(encoding="utf-8")) == undated(text):
            text = before
        files[path] = text
    for name, shell in _SHELLS.items():
        files[COMPLETIONS / name] = said(program, f"--generate-completion-script={shell}").rstrip("\n") + "\n"
    return files, list(unknown(root))


def main(arguments):
    if arguments not in ([], ["--check"]):
        print("usage: Scripts/manual [--check]")
        return 64
    program = Path(os.environ.get("NUTHATCH_BIN", ".build/release")).resolve() / "nuthatch"
    if not program.exists():
        print(f"There is no program at {program}. Remedy: swift build -c release, or set NUTHATCH_BIN.")
        return 1
    files, strangers = made(program)
    for stranger in strangers:
        print(f"{stranger}. Remedy: mend Scripts/mdoc/sections.py.")
    present = {path for folder in (PAGES, COMPLETIONS) if folder.exists() for path in folder.iterdir()}
    stale = [path for path in files if path not in present or path.read_text(encoding="utf-8") != files[path]]
    surplus = sorted(present - files.keys())
    if arguments:
        for path in stale:
            print(f"{path} is not what the program says. Remedy: Scripts/manual, and commit what it changes.")
        for path in surplus:
            print(f"{path} belongs to no command. Remedy: Scripts/manual, and commit what it changes.")
        return 1 if stale or surplus or strangers else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path}")
    for path in surplus:
        path.unlink()
        print(f"removed {path}")
    return 1 if strangers else 0


sys.exit(main(sys.argv[1:]))
