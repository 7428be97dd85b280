"""Rounds kept in a file, so that a run can add to what earlier ones measured."""

import dataclasses
import json
import os
import pathlib

import machine
import rounds
from engines import Measurement

FORM = 1


class Unreadable(Exception):
    """The file is there, and no rounds are in it; says why and what to do."""


def load(path):
    """(results, {engine: version}) of a file; empty where there is none."""
    results = rounds.Results({})
    if not path or not os.path.exists(path):
        return results, {}
    try:
        stored = json.loads(pathlib.Path(path).read_text())
        if stored["form"] != FORM:
            raise ValueError(f"its form is {stored['form']}, not {FORM}")
        if stored["machine"] != here():
            raise ValueError(f"they are of another machine, {stored['machine']}")
        for entry in stored["measurements"]:
            figures = {int(number): found for number, found in entry["rounds"].items()}
            results.figures[Measurement(**entry["measurement"])] = figures
        results.seconds, results.foreign_seconds = stored["seconds"], stored["foreign_seconds"]
        return results, stored["versions"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            f"{path} holds no rounds to add to ({error}). Remedy: delete it, or name another file.") from error


def here():
    """What tells machines apart on which figures differ."""
    description = dict(machine.description())
    parts = ("processor", "family, model, stepping", "cores")
    return ", ".join(description[part] for part in parts if part in description)


def save(path, results, versions):
    """Writes beside the file and renames, so that a run that is ended leaves the rounds before."""
    stored = {
        "form": FORM,
        "machine": here(),
        "seconds": results.seconds,
        "foreign_seconds": results.foreign_seconds,
        "versions": versions,
        "measurements": [{"measurement": dataclasses.asdict(measurement), "rounds": figures}
                         for measurement, figures in results.figures.items()],
    }
    beside = pathlib.Path(f"{path}.new")
    beside.write_text(json.dumps(stored, indent=1) + "\n")
    beside.replace(path)
