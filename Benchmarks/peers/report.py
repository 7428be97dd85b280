"""The report: medians, ratios and whether they hold, as Markdown."""

import statistics

import machine

UNITS = {
    "tokens_per_second": (1, "tokens/s"),
    "seconds": (1000, "ms"),
    "seconds_with_python": (1000, "ms with Python's start"),
    "bytes": (1e-6, "MB"),
}


class Comparison:
    """A check with the results filled in: the best peer by its median, and the ratio round by round."""

    def __init__(self, check, results):
        self.check = check
        self.ours = results.values(check.ours)
        measured = [figure for figure in check.theirs if results.values(figure)]
        is_rate = check.ours.metric.endswith("per_second")
        best = max if is_rate else min
        self.peer = best(measured, key=lambda f: statistics.median(results.values(f).values()), default=None)
        self.theirs = results.values(self.peer) if self.peer else {}
        self.ratios = [self.ours[n] / self.theirs[n] for n in sorted(self.ours.keys() & self.theirs.keys())]
        wanted = [check.ours.measurement, *(figure.measurement for figure in check.theirs)]
        self.failures = [(m.label, results.failures[m]) for m in wanted if m in results.failures]

    @property
    def holds(self):
        return bool(self.ratios) and self.check.holds(statistics.median(self.ratios))

    def row(self):
        check = self.check
        cells = [check.title, value(check.ours.metric, self.ours)]
        cells.append(f"{value(self.peer.metric, self.theirs)} ({self.peer.measurement.label})" if self.peer else "-")
        cells.append(str(len(self.ratios)))
        if self.ratios:
            cells += [f"{ratio:.2f}" for ratio in
                      (statistics.median(self.ratios), min(self.ratios), max(self.ratios))]
        else:
            cells += ["-"] * 3
        cells.append(f"{check.sense} {check.target:g}")
        cells.append(("yes" if self.holds else "**no**") if self.ratios else "not measured")
        return cells


def value(metric, values):
    """The median, in the unit that the metric's name ends with."""
    if not values:
        return "-"
    factor, unit = next(unit for suffix, unit in UNITS.items() if metric.endswith(suffix))
    number = statistics.median(values.values()) * factor
    return f"{number:,.0f} {unit}" if number >= 100 else f"{number:.3g} {unit}"


def table(header, rows):
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def markdown(lines, results, versions, options):
    comparisons = [Comparison(check, results) for line in lines for check in line.checks]
    held = sum(c.holds for c in comparisons)
    parts = [
        "# Nuthatch and its peers, measured",
        f"Printed by `Benchmarks/peers/run`: {options.threads} threads, every engine once a round in rotated order. "
        "Figures are medians over the rounds; a ratio is the median of the rounds' ratios, with the lowest and the "
        "highest. README.md beside this file says what each line measures."
        + (" **A quick run: shorter work, not to be quoted.**" if options.quick else ""),
        f"{held} of {len(comparisons)} ratios hold.",
        table(["work", "Nuthatch", "against", "rounds", "ratio", "lowest", "highest", "wanted", "holds"],
              [c.row() for c in comparisons]),
    ]
    failures = dict(failure for c in comparisons for failure in c.failures)
    if failures:
        parts += ["## Not measured", "\n".join(f"- {label}: {reason}" for label, reason in failures.items())]
    parts += ["## Every figure", table(["line", "measurement", "figures"], every_figure(lines, results))]
    parts += ["## The machine", table(["what", "which"], [
        *machine.description(), *versions.items(),
        ("taken by others meanwhile", f"{results.foreign_share:.0%} of the cores' time"),
    ])]
    return "\n\n".join(parts) + "\n"


def every_figure(lines, results):
    """One row per measurement and line, with all metrics that the checks may use."""
    rows, seen = [], set()
    for line in lines:
        for measurement in line.measurements:
            rounds = results.figures.get(measurement)
            if not rounds or measurement in seen:
                continue
            seen.add(measurement)
            names = [name for name in next(iter(rounds.values())) if is_shown(name, measurement)]
            figures = {name: {n: f[name] for n, f in rounds.items() if f.get(name) is not None} for name in names}
            rows.append([line.name, work(measurement),
                         "; ".join(f"{name.split('_')[0]} {value(name, values)}"
                                   for name, values in figures.items() if values)])
    return rows


def is_shown(name, measurement):
    if name.startswith("peak"):
        return measurement.kind == "resident" or measurement.prompt == 1984
    if name.startswith("prefill"):
        return measurement.prompt >= 128
    return name.startswith(("decode_tokens", "first", "weight_and"))


def work(measurement):
    text = f"{measurement.label}, {measurement.prompt} + {measurement.generate} tokens"
    return text + (f", {measurement.sequences} sequences" if measurement.sequences > 1 else "")
