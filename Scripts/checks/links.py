"""Every link of a page leads somewhere: files that are there, headings that they have, articles of the catalogue."""

import re
from pathlib import Path
from urllib.parse import unquote

from markdown import Page, handbook

_ARTICLE = re.compile(r"<doc:([\w-]+)>")
_OUTSIDE = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|//)")


def pages():
    return [
        *handbook(), *(Path(name) for name in ("DESIGN.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *sorted(Path("Sources").glob("**/*.docc/*.md")), *sorted(Path("Benchmarks").glob("*.md")),
        *sorted(Path("Benchmarks/peers").glob("*.md"))]


def check_links(pages, report):
    for page in pages:
        for line, target in page.links():
            if _OUTSIDE.match(target):
                continue
            name, _, anchor = unquote(target).partition("#")
            path = page.path.parent / name if name else page.path
            if name and not path.exists():
                report.add(page.path, line, f"there is no {name}", "name a file that is there, relative to the page")
            elif anchor and (path.suffix != ".md" or anchor not in (page if not name else Page(path)).anchors()):
                report.add(page.path, line, f"{name or 'the page'} has no heading #{anchor}", "name one that it has")
        for number, text in enumerate(page.prose, start=1):
            for match in _ARTICLE.finditer(text):
                folder = page.path.parent
                if not (folder / f"{match[1]}.md").exists() and not [*folder.glob(f"**/{match[1]}.tutorial")]:
                    report.add(page.path, number, f"there is no article {match[1]}", "name one of the catalogue's")


def check_all_links(report):
    check_links([Page(path) for path in pages() if path.exists()], report)
