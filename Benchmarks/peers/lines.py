"""The lines of the table: what is measured, against what, and the ratio that Nuthatch means to hold."""

import dataclasses
import typing

import models
from engines import NUTHATCH, Measurement

RATE = "decode_tokens_per_second"
PREFILL = "prefill_tokens_per_second"
LLAMA = "llama.cpp"
OPENVINO = "openvino"


class Figure(typing.NamedTuple):
    """One metric of one measurement."""

    measurement: Measurement
    metric: str


@dataclasses.dataclass(frozen=True)
class Check:
    """Ours divided by the best of theirs, and the bound on that ratio."""

    title: str
    ours: Figure
    theirs: typing.Tuple[Figure, ...]
    target: float
    # "at least", "more than", or "at most".
    sense: str = "at least"

    def holds(self, ratio):
        return {"at least": ratio >= self.target, "more than": ratio > self.target,
                "at most": ratio <= self.target}[self.sense]


@dataclasses.dataclass(frozen=True)
class Line:
    name: str
    checks: typing.Tuple[Check, ...]
    # Figures worth a look that decide nothing.
    beside: typing.Tuple[Figure, ...] = ()

    @property
    def measurements(self):
        """Each measurement once, in the order in which the checks name them."""
        figures = [f for check in self.checks for f in (check.ours, *check.theirs)] + list(self.beside)
        return list(dict.fromkeys(f.measurement for f in figures))


def decode(engine, format, **more):
    return Figure(Measurement(engine, format, **more), RATE)


def every_line(quick=False):
    """All lines. A quick run does less of everything: good to see that it works, not to quote."""
    generate, repetitions = (16, 1) if quick else (64, 3)
    common = {"generate": generate, "repetitions": repetitions}
    return [
        decode_line(common), gemma_line(common), bf16_line(common), *long_lines(generate),
        *(prefill_line(length, generate, repetitions) for length in (512, 2048, 8000)),
        batch_line(common), first_token_line(), memory_line(), transformers_line(common),
        uncached_line(200 if quick else 1000),
    ]


def decode_line(common):
    def at_empty_cache(engine, format):
        return decode(engine, format, **common)

    four_bit_peers = (
        *(at_empty_cache(LLAMA, format) for format in ("Q4_0", "Q4_1", "Q4_K_M")),
        *(at_empty_cache(OPENVINO, format) for format in ("Q4_0", "Q4_1")),
    )
    same_format = [
        Check(f"decode, empty cache, {format}", at_empty_cache(NUTHATCH, format), (at_empty_cache(LLAMA, format),),
              target)
        for format, target in (("Q4_0", 2.2), ("Q4_1", 2.8), ("Q8_0", 1.6))
    ]
    best = [
        Check(f"the same {format}, best peer at any 4-bit format", at_empty_cache(NUTHATCH, format), four_bit_peers,
              1.8)
        for format in ("Q4_0", "Q4_1")
    ]
    return Line("decode", (*same_format, *best))


def gemma_line(common):
    peers = (
        *(decode(LLAMA, format, model="gemma3", **common) for format in ("Q4_K_M", "Q4_0")),
        decode(OPENVINO, models.OPENVINO_FOLDER, model="gemma3", **common),
    )
    ours = decode(NUTHATCH, "Q4_K_M", model="gemma3", **common)
    return Line("decode-gemma", (Check("Gemma-3-270M Q4_K_M, decode", ours, peers, 2.0),))


def bf16_line(common):
    peers = (*(decode(LLAMA, format, **common) for format in ("BF16", "F16")), decode(OPENVINO, "F16", **common))
    return Line("decode-bf16", (Check("decode, BF16 weights", decode(NUTHATCH, "BF16", **common), peers, 1.0),))


def long_prompt(engine, format, length, generate, kv="f16"):
    """One measurement gives a long prompt's prefill and the decode after it."""
    return Measurement(engine, format, prompt=length, generate=generate, kv=kv, repetitions=1)


def long_lines(generate):
    def after_8000(engine, kv):
        return Figure(long_prompt(engine, "Q4_0", 8000, generate, kv), RATE)

    half, eight, four = (after_8000(NUTHATCH, kv) for kv in ("f16", "q8", "q4"))
    return [
        Line("decode-8000-f16", (
            Check("Q4_0, decode at 8,000 tokens, f16 KV", half, (after_8000(LLAMA, "f16"),), 3.5),
            Check("the same against OpenVINO (its 8-bit KV)", half, (after_8000(OPENVINO, "f16"),), 2.5),
        )),
        Line("decode-8000-q8", (
            Check("the same, 8-bit KV", eight, (after_8000(LLAMA, "q8"),), 6),
            Check("our 8-bit KV against our f16", eight, (half,), 1, "more than"),
        )),
        Line("decode-8000-q4", (
            Check("the same, 4-bit KV", four, (after_8000(LLAMA, "q4"),), 12),
            Check("our 4-bit KV against our 8-bit", four, (eight,), 1),
        )),
    ]


def prefill_line(length, generate, repetitions):
    """Prompts of the best peer at the format it does best, for each of our formats."""
    target = {512: 2.0, 2048: 1.6, 8000: 1.4}[length]

    def prompt(engine, format):
        if length == 8000:
            return Figure(long_prompt(engine, format, length, generate), PREFILL)
        repeated = min(repetitions, 2) if length > 512 else repetitions
        return Figure(Measurement(engine, format, prompt=length, generate=1, repetitions=repeated), PREFILL)

    peers = (
        *(prompt(LLAMA, format) for format in ("Q4_0", "Q8_0", "BF16")),
        *(prompt(OPENVINO, format) for format in ("Q4_0", "Q8_0", "F16")),
    )
    return Line(f"prefill-{length}", tuple(
        Check(f"prefill of {length:,} tokens, {format}", prompt(NUTHATCH, format), peers, target)
        for format in ("Q4_0", "Q4_1", "Q8_0")))


def batch_line(common):
    def eight(engine):
        return decode(engine, "Q4_0", prompt=128, sequences=8, **common)

    return Line("batch-8", (
        Check("8 sequences decoding together, 128-token prompts, Q4_0", eight(NUTHATCH), (eight(LLAMA),), 4),))


def first_token_line():
    def first(engine, format, metric="first_token_seconds"):
        return Figure(Measurement(engine, format, kind="first-token", generate=1), metric)

    formats = ("Q4_1", "Q4_0")
    return Line(
        "first-token",
        tuple(Check(f"process start to first token, 16-token prompt, {format}", first(NUTHATCH, format),
                    (first(LLAMA, format),), 1, "at most") for format in formats),
        tuple(first(LLAMA, format, "first_token_seconds_with_python") for format in formats))


def memory_line():
    def resident(engine, format):
        kind = "speed" if engine == NUTHATCH else "resident"
        return Figure(Measurement(engine, format, kind=kind, prompt=1984, generate=64, repetitions=1),
                      "peak_resident_bytes")

    def needed(format):
        return Figure(Measurement(LLAMA, format, kind="sizes", prompt=1984, generate=64, once=True),
                      "weight_and_kv_bytes")

    formats = ("Q4_1", "Q4_0")
    return Line(
        "memory",
        tuple(Check(f"peak resident memory, 2,048-token context, {format}, to weights + KV",
                    resident(NUTHATCH, format), (needed(format),), 1.25, "at most") for format in formats),
        tuple(resident(LLAMA, format) for format in formats))


def transformers_line(common):
    ours = decode(NUTHATCH, "Q4_1", prompt=16, **common)
    theirs = decode("transformers", "Q4_1", prompt=16, **common)
    return Line("transformers", (Check("Hugging Face transformers, same file, decode", ours, (theirs,), 15),))


def uncached_line(generate):
    def at_length(cached):
        return decode(NUTHATCH, "Q4_1", generate=generate, cached=cached, repetitions=1, once=True)

    return Line("no-cache", (
        Check(f"cached against uncached, {generate:,} new tokens", at_length(True), (at_length(False),), 56),))
