"""Turns a measurement into a command of its engine, and the engine's output into figures."""

import dataclasses
import json
import pathlib
import statistics

import processes

HERE = pathlib.Path(__file__).resolve().parent
NUTHATCH = "nuthatch"
SCRIPTS = {
    "llama.cpp": ("llama", "measure_llama.py"),
    "openvino": ("openvino", "measure_openvino.py"),
    "transformers": ("transformers", "measure_transformers.py"),
}
# Sixteen tokens for SmolLM2.
SIXTEEN_TOKENS = "The nuthatch is a small bird that climbs down trees and hides seeds"


@dataclasses.dataclass(frozen=True)
class Measurement:
    """What one process does. Two lines that name the same measurement share its figures of a round."""

    engine: str
    format: str
    model: str = "smollm2"
    kind: str = "speed"
    prompt: int = 1
    generate: int = 64
    sequences: int = 1
    kv: str = "f16"
    cached: bool = True
    repetitions: int = 3
    # Measured in the first round only.
    once: bool = False

    @property
    def label(self):
        kv = f", KV {self.kv}" if self.kv != "f16" else ""
        return f"{self.engine} {self.format}{kv}{'' if self.cached else ', no cache'}"


class Engines:
    def __init__(self, nuthatch, interpreters, models, threads):
        self.nuthatch = nuthatch
        self.interpreters = interpreters
        self.models = models
        self.threads = threads

    def measure(self, measurement, limit):
        """The figures of one measurement: a dictionary of metrics."""
        if measurement.kind != "first-token":
            return self.measure_once(measurement, limit)
        # Every process is a fresh start; the first one brings the file into the page cache and is not counted.
        figures = [self.measure_once(measurement, limit) for _ in range(measurement.repetitions + 1)][1:]
        return {name: statistics.median(f[name] for f in figures) for name in figures[0]}

    def measure_once(self, measurement, limit):
        path = self.models.path(measurement.model, measurement.format)
        if measurement.engine == NUTHATCH:
            if measurement.kind == "first-token":
                return self.nuthatch_first_token(path, limit)
            return self.nuthatch_bench(measurement, path, limit)
        work = {**dataclasses.asdict(measurement), "model": path, "threads": self.threads, "text": SIXTEEN_TOKENS}
        peer, script = SCRIPTS[measurement.engine]
        command = [self.interpreters.path(peer), str(HERE / script), json.dumps(work)]
        output, _, first = processes.run(command, limit)
        figures = processes.last_object(output)
        if measurement.kind == "first-token":
            figures["first_token_seconds_with_python"] = first
        return figures

    def nuthatch_bench(self, measurement, path, limit):
        command = [
            self.nuthatch, "bench", path, "--json", "--threads", str(self.threads),
            "--prompt-tokens", str(measurement.prompt), "--generate-tokens", str(measurement.generate),
            "--sequences", str(measurement.sequences), "--repetitions", str(measurement.repetitions),
            "--kv-keys", measurement.kv, "--kv-values", measurement.kv,
        ]
        if not measurement.cached:
            # One repetition takes minutes, beside which nothing needs warming up.
            command += ["--no-cache", "--warm-ups", "0"]
        # Its own peak is of the work; afterwards it takes more memory, to measure the machine's bandwidth.
        return processes.last_object(processes.run(command, limit)[0])

    def nuthatch_first_token(self, path, limit):
        command = [self.nuthatch, "run", "--model", path, "--raw", "--threads", str(self.threads),
                   "--temperature", "0", "--max-new-tokens", "1", SIXTEEN_TOKENS]
        _, _, first = processes.run(command, limit)
        if first is None:
            raise processes.Failed("nuthatch run printed nothing. Remedy: run it by hand with this prompt.")
        return {"first_token_seconds": first, "first_token_seconds_with_python": first}

    def versions(self, engine):
        """The engine's version and what it makes of this machine, for the report."""
        if engine == NUTHATCH:
            output, _, _ = processes.run([self.nuthatch, "--version"], limit=60)
            info, _, _ = processes.run([self.nuthatch, "info", self.models.path("smollm2", "Q4_1")], limit=60)
            kernels = next((line.split(None, 1)[1] for line in info.splitlines() if line.startswith("kernels")), "")
            return {"version": f"nuthatch {output.strip()}", "features": f"kernels {kernels}"}
        peer, script = SCRIPTS[engine]
        command = [self.interpreters.path(peer), str(HERE / script), json.dumps({"kind": "versions"})]
        return processes.last_object(processes.run(command, limit=120)[0])
