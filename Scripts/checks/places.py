"""Names of machines and folders that mean something at one place only."""

import re
import subprocess
from pathlib import Path

_PRIVATE = re.compile(
    r"\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}\b"
    r"|\b[\w-]+\.(?:internal|corp|intranet|lan)\b(?!\s*\()"
    r"|/(?:home|Users|root|work)/[\w.-]+/")

# Only what people read and machines run: goldens hold text of every kind.
_SUFFIXES = {".swift", ".c", ".h", ".md", ".py", ".sh", ""}


def check_places(report):
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, text=True)
    for name in listed.stdout.splitlines():
        path = Path(name)
        if path.suffix not in _SUFFIXES or "Goldens" in path.parts or not path.is_file():
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), start=1):
            match = _PRIVATE.search(line)
            if match:
                report.add(
                    path, number, f"{match.group()} is a place only one network or machine knows",
                    "use a public name, 127.0.0.1, or a relative path")
