"""Rounds of measurements: every engine once a round, close together in time, in rotated order."""

import os
import resource
import sys
import time

import processes


class Results:
    """Figures by measurement and round; why a measurement failed; how quiet the machine was."""

    def __init__(self, failures):
        self.figures = {}
        self.failures = dict(failures)
        self.rounds = 0
        self.foreign_share = 0.0

    def values(self, figure):
        """{round: value} of one metric."""
        rounds = self.figures.get(figure.measurement, {})
        return {number: f[figure.metric] for number, f in rounds.items() if f.get(figure.metric) is not None}


def run(lines, engines, round_count, limit, uncached_limit, failures, after_round):
    """Measures everything `round_count` times; calls `after_round(results)` when each round is over.

    `failures` are measurements known to be impossible, with the reason.
    """
    results = Results(failures)
    quiet = Quiet()
    for number in range(round_count):
        done = set()
        for line in lines:
            for measurement in rotated(line.measurements, number):
                if measurement in done or measurement in results.failures or (measurement.once and number > 0):
                    continue
                done.add(measurement)
                measure(engines, measurement, number, limit if measurement.cached else uncached_limit, line, results)
        results.rounds = number + 1
        results.foreign_share = quiet.foreign_share()
        after_round(results)
    return results


def rotated(items, by):
    by %= len(items)
    return items[by:] + items[:by]


def measure(engines, measurement, number, limit, line, results):
    try:
        figures = engines.measure(measurement, limit)
    except processes.Failed as error:
        results.failures[measurement] = str(error)
        print(f"round {number + 1}, {line.name}: {measurement.label} failed: {error}", file=sys.stderr)
        return
    results.figures.setdefault(measurement, {})[number] = figures
    shown = ", ".join(f"{name} {value:.4g}" for name, value in figures.items()
                      if name.startswith(("prefill", "decode", "first", "peak", "weight")) and isinstance(value, (int, float)))
    print(f"round {number + 1}, {line.name}: {measurement.label}: {shown}", file=sys.stderr, flush=True)


class Quiet:
    """How much of the processors others took, or the hypervisor withheld, since this was made (Linux)."""

    def __init__(self):
        self.beginning = self.reading()

    def reading(self):
        """(seconds of clock, busy and stolen seconds of all cores, seconds of our own children)."""
        try:
            with open("/proc/stat") as file:
                fields = [int(field) for field in file.readline().split()[1:9]]
        except OSError:
            return None
        user, nice, system, _, _, irq, softirq, steal = fields
        busy = (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")
        own = sum(resource.getrusage(who)[0] + resource.getrusage(who)[1]
                  for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
        return time.monotonic(), busy, own

    def foreign_share(self):
        now = self.reading()
        if now is None or self.beginning is None:
            return 0.0
        seconds, busy, own = (after - before for after, before in zip(now, self.beginning))
        return max(0.0, busy - own) / (seconds * os.cpu_count())
