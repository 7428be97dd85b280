"""The catalogue's first page groups all there is: each exported symbol, each article and the tutorials, once."""

import re
from pathlib import Path

from api import EXPORTS, exported
from markdown import Page
from tutorials import CATALOGUE

_TOPIC = re.compile(r"^- (?:``([\w/]+)``|<doc:(\w+)>)$", re.MULTILINE)


def check_grouped(page, symbols, articles, report):
    topics = page.text.partition("\n## Topics\n")[2]
    named = [symbol or article for symbol, article in _TOPIC.findall(topics)]
    for name in sorted({*symbols, *articles} - set(named)):
        report.add(page.path, None, f"{name} stands under no topic", "list it where its readers look for it")
    for name in sorted({name for name in named if named.count(name) > 1}):
        report.add(page.path, None, f"{name} stands under several topics", "list it once")
    for name in sorted(set(named) - {*symbols, *articles}):
        report.add(page.path, None, f"{name} stands under a topic, and is none of {EXPORTS.name} or the articles", "take it out")


def check_all_grouped(report):
    first = CATALOGUE / "Nuthatch.md"
    articles = [path.stem for path in CATALOGUE.glob("*.md") if path != first]
    symbols = [name for _, _, name in exported()]
    check_grouped(Page(first), symbols, [*articles, "Tutorials"], report)
