"""Makes small template expressions at random and records what jinja2 gives, set up as transformers sets it up.

requirements: jinja2==3.1.6 (Python 3.11)

Writes  Tests/NuthatchTokenizersTests/Goldens/ChatTemplates/expressions.json

    python Scripts/goldens/template_expressions.py [--count 2500] [--seed 20261130] [--output FILE]

Undefined and none values are everywhere, since that is where interpreters differ. Left out are expressions whose text no
other interpreter can give: addresses of objects, names of Python's classes, integers of more than 64 bits, and powers whose
exponent is no whole number.
"""

import argparse
import copy
import json
import random
import re
import warnings

from chat_templates import ENV, ROOT

warnings.simplefilter("ignore", SyntaxWarning)

VARIABLES = {
    "s": "Seed hoard", "e": "", "q": "  two\nlines ", "n": 3, "z": 0, "m": -2, "f": 2.5, "t": True, "b": False, "o": None,
    "l": [3, 1, 2], "w": ["b", "A", "c"], "h": [None, "x", 0], "a": [],
    "d": {"a": 1, "k": "v", "o": None}, "c": {},
    "p": [{"name": "Bo", "age": 3}, {"name": "al", "age": 1}, {"name": None}],
}
NAMES = list(VARIABLES) + ["u", "o", "u", "o"]
LITERALS = ["none", "true", "false", "0", "1", "-1", "2", "7", "1.5", "''", "'a'", "'Bo'", "'x,y'", "[]", "[1, 2]", "['b', none]",
            "{}", "{'a': none}", "(1, 'a')", "()"]
MEMBERS = ["a", "k", "name", "age", "zip", "o", "length"]
PLAIN_FILTERS = ["abs", "capitalize", "count", "d", "default", "first", "float", "int", "items|list", "join", "last", "length",
                 "list", "lower", "max", "min", "reverse|list", "round", "sort", "string", "sum", "title", "tojson", "trim",
                 "unique|list", "upper", "wordcount", "dictsort", "select|list", "reject|list", "select|first"]
ARGUMENT_FILTERS = ["default({v})", "default({v}, true)", "join({v})", "join(', ')", "join(',', 'name')", "replace('a', {v})",
                    "replace({v}, 'x')", "round({v})", "int({v})", "float({v})", "map('upper')|list", "map('length')|list",
                    "map(attribute='name')|list", "map(attribute='zip', default={v})|list", "map('default', {v})|list",
                    "select({t})|list", "reject({t})|list", "selectattr('name')|list", "rejectattr('age')|list",
                    "selectattr('age', {t})|list", "rejectattr('name', {t})|list", "selectattr('age', 'equalto', {v})|list",
                    "selectattr('name', 'in', {v})|list", "sort(attribute='name')", "sort(reverse={v})", "sum('age')", "sum(start={v})", "map('frobnicate')|list", "select('frobnicate')|list",
                    "min(attribute='age')", "max(attribute='age')", "unique|list", "groupby('name')|list", "batch(2)|list",
                    "batch(2, {v})|list", "slice(2)|list", "center(12)", "indent(2)", "truncate(5)", "trim({v})", "attr('name')",
                    "tojson(indent=2)", "dictsort(by='value')", "format({v})", "first|string"]
TESTS = ["boolean", "callable", "defined", "even", "false", "float", "integer", "iterable", "lower", "mapping", "none", "number", "odd",
         "sequence", "string", "true", "undefined", "upper"]
ARGUMENT_TESTS = ["divisibleby({v})", "eq({v})", "equalto({v})", "ge({v})", "gt({v})", "in({v})", "le({v})", "lt({v})", "ne({v})",
                  "sameas({v})"]
METHODS = ["upper()", "lower()", "strip()", "strip({v})", "split()", "split({v})", "startswith({v})", "endswith('d')", "find('e')",
           "replace('e', {v})", "title()", "get('a')", "get({v})", "get('zip', {v})", "items()|list", "keys()|list", "values()|list",
           "count({v})", "index({v})", "join({v})", "isdigit()", "rstrip()", "lstrip('S')", "splitlines()", "capitalize()",
           "removeprefix({v})", "zfill(5)", "format({v})"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, items):
        return self.random.choice(items)

    def filled(self, text):
        while "{v}" in text:
            text = text.replace("{v}", self.atom(), 1)
        return text.replace("{t}", "'" + self.pick(TESTS) + "'")

    def atom(self):
        return self.pick(NAMES) if self.random.random() < 0.6 else self.pick(LITERALS)

    def index(self):
        return self.pick(["[0]", "[-1]", "[5]", "['a']", "['zip']", "[1:]", "[:2]", "[::-1]", "[none]", "[u]", "['name']", "[:-1]"])

    def expression(self, depth):
        if depth == 0:
            return self.atom()
        kind = self.random.random()
        inner = self.expression(depth - 1)
        held = inner if re.fullmatch(r"\w+|\[.*\]|'.*'", inner) else f"({inner})"
        if kind < 0.28:
            return f"{held}|{self.pick(PLAIN_FILTERS)}"
        if kind < 0.50:
            return f"{held}|{self.filled(self.pick(ARGUMENT_FILTERS))}"
        if kind < 0.58:
            return f"{held}.{self.pick(MEMBERS)}"
        if kind < 0.66:
            index = self.index()
            # jinja2 takes slices of literals apart while it compiles, by rules of their own.
            if ":" in index and not re.search(r"\b[a-z]\b", re.sub(r"'[^']*'", "", inner)):
                index = "[0]"
            return f"{held}{index}"
        if kind < 0.74:
            return f"{held}.{self.filled(self.pick(METHODS))}"
        if kind < 0.84:
            return f"{held} {self.pick(OPERATORS)} {self.atom()}"
        if kind < 0.92:
            negation = self.pick(["", "not "])
            test = self.pick(TESTS) if self.random.random() < 0.6 else self.filled(self.pick(ARGUMENT_TESTS))
            return f"{held} is {negation}{test}"
        if kind < 0.95:
            return f"not {held}"
        if kind < 0.97:
            return f"-{held}"
        return f"{self.atom()} if {held} else {self.atom()}" if self.random.random() < 0.7 else f"{self.atom()} if {held}"

    def source(self):
        expression = self.expression(self.pick([1, 1, 2, 2, 3]))
        form = self.random.random()
        if form < 0.02:
            return "{% if " + f"({expression})|{self.pick(LAZY)}" + " %}yes{% else %}no{% endif %}"
        if form < 0.7:
            return "{{ " + expression + " }}"
        if form < 0.8:
            return "{% if " + expression + " %}yes{% else %}no{% endif %}"
        if form < 0.92:
            return "{% for i in " + expression + " %}{{ loop.index }}{{ i }};{% else %}none{% endfor %}"
        return "{% set v = " + expression + " %}{{ v }}{{ v is defined }}"


# Generators as conditions: true, whatever they would give or fail with once asked.
LAZY = ["map('upper')", "select", "reject('odd')", "selectattr('age')", "unique", "items", "batch(2)", "slice(2)"]
UNTELLABLE = re.compile(r" at 0x|object|<built|<class|<jinja2|<bound|<Macro|\d{19,}|[\[(]built", re.IGNORECASE)


def outcome(source):
    """The text, None where rendering fails, False where no text can be compared. Some filters change what they are given
    (`indent` a list), so each expression gets values of its own."""
    try:
        text = ENV.from_string(source).render(**copy.deepcopy(VARIABLES))
    except RecursionError:
        return False
    except Exception:
        return None
    return False if UNTELLABLE.search(text) or re.search(r"\*\* (f|1\.5|-1|m)", source) else text


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--count", type=int, default=2500)
    arguments.add_argument("--seed", type=int, default=20261130)
    arguments.add_argument("--output", default=ROOT / "expressions.json")
    arguments = arguments.parse_args()
    generator = Generator(arguments.seed)
    cases = {}
    while len(cases) < arguments.count:
        source = generator.source()
        if source in cases or len(source) > 120:
            continue
        text = outcome(source)
        # One failure in three is enough.
        if text is False or text is None and generator.random.random() < 0.67:
            continue
        cases[source] = text
    with open(arguments.output, "w", encoding="utf-8") as file:
        file.write('{"variables": ' + json.dumps(VARIABLES) + ',\n"cases": [\n')
        file.write(",\n".join(json.dumps([source, text], ensure_ascii=False) for source, text in cases.items()))
        file.write("\n]}\n")
    print(len(cases), "expressions,", sum(text is None for text in cases.values()), "of which fail")


if __name__ == "__main__":
    main()
