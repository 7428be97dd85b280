"""Renders chat templates and language snippets with jinja2, set up as transformers sets it up.

requirements: jinja2==3.1.6 (Python 3.11)

Reads   Tests/NuthatchTokenizersTests/Goldens/ChatTemplates/Templates/*.jinja
Writes  .../conversations.json  every template over every conversation: text, or the kind of error
        .../language.json       small snippets, one construct each: text, or the kind of error

The environment is that of transformers' utils/chat_template_utils.py: ImmutableSandboxedEnvironment with
trim_blocks and lstrip_blocks, loop controls, a transparent {% generation %} block, its own tojson,
raise_exception and strftime_now (here with a fixed date), dict and namespace.
"""

import datetime
import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

ROOT = pathlib.Path(__file__).resolve().parents[2] / "Tests/NuthatchTokenizersTests/Goldens/ChatTemplates"
NOW = datetime.datetime(2026, 2, 3, 14, 5, 9)


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


class Raised(jinja2.exceptions.TemplateError):
    pass


class Namespace(jinja2.utils.Namespace):
    def __init__(*args, **kwargs):
        self, args = args[0], args[1:]
        attributes = dict(*args, **kwargs)
        for name in attributes:
            Namespace._check(name)
        jinja2.utils.Namespace.__init__(self, attributes)

    def __setitem__(self, name, value):
        Namespace._check(name)
        jinja2.utils.Namespace.__setitem__(self, name, value)

    @staticmethod
    def _check(name):
        if isinstance(name, str) and name.startswith("_"):
            raise jinja2.exceptions.SecurityError(name)


def environment():
    env = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )

    def raise_exception(message):
        raise Raised(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda format: NOW.strftime(format)
    env.globals["dict"] = lambda *args, **kwargs: dict(*args, **kwargs)
    env.globals["namespace"] = Namespace
    return env


ENV = environment()


def outcome(source, variables):
    try:
        return {"text": ENV.from_string(source).render(**variables)}
    except Raised as error:
        return {"raised": str(error)}
    except jinja2.exceptions.UndefinedError:
        return {"error": "undefined"}
    except jinja2.exceptions.SecurityError:
        return {"error": "forbidden"}
    except jinja2.exceptions.TemplateAssertionError:
        return {"error": "unsupported"}
    except jinja2.exceptions.TemplateSyntaxError as error:
        # An end tag without its beginning is unknown to jinja2 too.
        is_unknown = "unknown tag" in str(error) and "unknown tag 'end" not in str(error)
        return {"error": "unsupported" if is_unknown else "malformed"}
    except OverflowError:
        return {"error": "limitExceeded"}
    except (TypeError, ValueError, LookupError, ZeroDivisionError, jinja2.exceptions.TemplateRuntimeError) as error:
        is_unknown = "No filter named" in str(error) or "No test named" in str(error)
        return {"error": "unsupported" if is_unknown else "invalidOperation"}


def tool(name, description, properties, required, **more):
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters, **more}}


WEATHER = tool(
    "get_weather", "Looks up the weather of a place, in \"plain\" words.",
    {"place": {"type": "string", "description": "City, such as 北京 or Zürich"},
     "days": {"type": "integer", "description": "How many days ahead", "default": 1},
     "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "description": "Unit"}},
    ["place"])
CLOCK = tool("get_time", "Tells the time.", {}, [])


def say(role, content, **more):
    return {"role": role, "content": content, **more}


def call(identifier, name, **arguments):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


ASK = say("user", "What's <b>new</b>?")
CONVERSATIONS = {
    "user": dict(messages=[ASK]),
    "system": dict(messages=[say("system", "Be brief."), ASK]),
    "turns": dict(messages=[say("user", "  Hi\n"), say("assistant", " Hello! \n"), say("user", "中华人民 🐦")]),
    "system and turns": dict(messages=[
        say("system", "  You hide seeds.  "), say("user", "One"), say("assistant", "Two"), say("user", "Three"),
        say("assistant", "Four"), say("user", "Five")]),
    "empty content": dict(messages=[say("user", "")]),
    "empty system": dict(messages=[say("system", ""), say("user", "x")]),
    "ends with assistant": dict(messages=[say("user", "Count"), say("assistant", "1, 2")], add_generation_prompt=False),
    "no generation prompt": dict(messages=[ASK], add_generation_prompt=False),
    "no messages": dict(messages=[]),
    "two users": dict(messages=[say("user", "a"), say("user", "b")]),
    "thinking": dict(messages=[
        say("user", "2+2?"), say("assistant", "<think>\nEasy.\n</think>\n\n4"), say("user", "And 3+3?")]),
    "reasoning field": dict(messages=[
        say("user", "2+2?"), say("assistant", "4", reasoning_content="Easy."), say("user", "And 3+3?")]),
    "thinking off": dict(messages=[ASK], enable_thinking=False),
    "parts": dict(messages=[say("user", [{"type": "text", "text": "Look "}, {"type": "text", "text": "here"}])]),
    "image": dict(messages=[say("user", [{"type": "image"}, {"type": "text", "text": "What is it?"}])]),
    "tools": dict(messages=[ASK], tools=[WEATHER]),
    "two tools and system": dict(messages=[say("system", "Be exact."), ASK], tools=[WEATHER, CLOCK]),
    "tool round": dict(tools=[WEATHER, CLOCK], messages=[
        say("user", "Weather in Zürich?"),
        say("assistant", "", tool_calls=[call("abcdef123", "get_weather", place="Zürich", days=2)]),
        say("tool", "{\"sky\": \"clear\"}", name="get_weather", tool_call_id="abcdef123"),
        say("assistant", "Clear."), say("user", "Thanks")]),
    "tool result last": dict(tools=[WEATHER, CLOCK], messages=[
        say("system", "Use tools."), say("user", "Time and weather?"),
        {"role": "assistant", "tool_calls": [call("abcdef123", "get_time"), call("abcdef124", "get_weather", place="東京")]},
        say("tool", "12:00", name="get_time", tool_call_id="abcdef123"),
        say("tool", "rain", name="get_weather", tool_call_id="abcdef124")]),
    "one tool call": dict(tools=[CLOCK], messages=[
        say("user", "Time?"), {"role": "assistant", "tool_calls": [call("abcdef123", "get_time")]},
        say("tool", "12:00", name="get_time", tool_call_id="abcdef123")]),
    "documents": dict(messages=[ASK], documents=[{"title": "Seeds", "text": "They hide."}, {"title": "B", "text": "C"}]),
}
COMMON = {"bos_token": "<s>", "eos_token": "</s>", "tools": None, "documents": None, "add_generation_prompt": True}


def conversations():
    cases = []
    for path in sorted((ROOT / "Templates").glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        for name, variables in CONVERSATIONS.items():
            cases.append({"template": path.stem, "conversation": name, **outcome(source, {**COMMON, **variables})})
    return {"common": COMMON, "conversations": CONVERSATIONS, "cases": cases}


VARIABLES = {
    "name": "Nuthatch", "empty": "", "n": 7, "x": 2.5, "yes": True, "nothing": None, "words": ["b", "A", "c", "a"],
    "numbers": [3, 1, 2], "nested": {"a": {"b": [10, 20]}, "items": "shadowed", "key": "value"},
    "people": [{"name": "Bo", "age": 3, "tags": ["x"]}, {"name": "al", "age": 1, "tags": []},
               {"name": "Cy", "age": 3, "tags": ["y", "z"]}],
    "text": "  one two\n three  ", "unicode": "e\u0301é中🐦", "html": "<a href='x'>&\"</a>",
}


def language():
    lines = (ROOT / "snippets.txt").read_bytes().decode("utf-8").split("\n%%\n")
    return {"variables": VARIABLES, "cases": [{"source": line, **outcome(line, VARIABLES)} for line in lines]}


def write(name, value):
    text = json.dumps(value, ensure_ascii=False, indent=1)
    (ROOT / name).write_text(text + "\n", encoding="utf-8")
    cases = value["cases"]
    print(name, len(cases), "cases,", sum("text" in case for case in cases), "with text")


if __name__ == "__main__":
    write("conversations.json", conversations())
    write("language.json", language())
