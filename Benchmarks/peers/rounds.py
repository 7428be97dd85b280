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
        # Core seconds that the rounds took, and those that others had of them.
        self.seconds = 0.0
        self.foreign_seconds = 0.0

    @property
    def foreign_share(self):
        return self.foreign_seconds / self.seconds if self.seconds else 0.0

    @property
    def round_count(self):
        """Rounds begun: the number of the next one."""
        return max((number + 1 for figures in self.figures.values() for number in figures), default=0)

    def rounds_of(self, line):
        """Rounds in which something of a line was measured."""
        return len({number for measurement in line.measurements for number in self.figures.get(measurement, {})})

    def forget(self, line):
        for measurement in line.measurements:
            self.figures.pop(measurement, None)

    def values(self, figure):
        """{round: value} of one metric."""
        rounds = self.figures.get(figure.measurement, {})
        return {number: f[figure.metric] for number, f in rounds.items() if f.get(figure.metric) is not None}


def run(lines, engines, round_count, limit, uncached_limit, results, after_round):
    """Measures everything `round_count` times more; calls `after_round()` when each round is over.

    The failures that `results` comes with are measurements known to be impossible.
    """
    quiet = Quiet()
    first = results.round_count
    for number in range(first, first + round_count):
        done = set()
        for line in lines:
            for measurement in rotated(line.measurements, number):
                is_known = measurement.once and measurement in results.figures
                if measurement in done or measurement in results.failures or is_known:
                    continue
                done.add(measurement)
                measure(engines, measurement, number, limit if measurement.cached else uncached_limit, line, results)
        quiet.note(results)
        after_round()


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
    told = ("prefill", "decode", "first", "peak", "weight")
    shown = ", ".join(f"{name} {value:.4g}" for name, value in figures.items()
                      if name.startswith(told) and isinstance(value, (int, float)))
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

    def note(self, results):
        """Adds what has passed since the last time."""
        now = self.reading()
        if now is None or self.beginning is None:
            return
        seconds, busy, own = (after - before for after, before in zip(now, self.beginning))
        self.beginning = now
        results.seconds += seconds * os.cpu_count()
        results.foreign_seconds += max(0.0, busy - own)
