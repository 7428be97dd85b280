"""Golden vectors for the coding of sealed pages: what optimum-quanto and hqq make of a plane of numbers.

requirements: torch==2.13.0 numpy, optimum-quanto==0.2.7 and hqq==0.2.8.post1 (both with --no-deps)

    python Scripts/goldens/kv_quantization.py Tests/NuthatchCacheTests/Goldens/kv-quantization.json

Every case is one plane [slot, dimension]. A group "by slot" is a run of numbers of the contiguous plane
(quanto's axis 0, hqq's axis 1); a group "by dimension" is the same in the contiguous transpose. Where the last
group of a slot is shorter, quanto gets the groups of each length separately (hqq, whose stop rule averages over
one whole tensor, has no such case).

Recorded per case:
    codes     [slot][dimension], hexadecimal digits, two per code of 8 bits, else one
    scales, offsets (quanto: -shift) or zeros (hqq, in units of codes): bits of little-endian float32,
              by slot [dimension group][slot / span], by dimension [slot group][dimension]
    numbers   the packages' dequantised numbers, every NUMBER_STEP-th of [slot][dimension]
"""

import json
import pathlib
import sys
import types

import numpy as np
import torch

# hqq colours one warning of the module that is never reached here.
sys.modules.setdefault("termcolor", types.SimpleNamespace(colored=lambda text, *_, **__: text))

import optimum.quanto.library.extensions.cpp as quanto_cpp  # noqa: E402
from hqq.core.quantize import Quantizer  # noqa: E402
from optimum.quanto import MaxOptimizer, qint2, qint4, quantize_weight  # noqa: E402


class PlainUnpack:
    """Stands in for quanto's compiled unpacking, which would be built at the first call."""

    @staticmethod
    def unpack(packed, bits):
        parts = [(packed >> (bits * index)) & (2**bits - 1) for index in range(8 // bits)]
        return torch.cat(parts).to(torch.uint8)


quanto_cpp.ext._lib = PlainUnpack
torch.set_num_threads(1)

NUMBER_STEP = 61


def splitmix(state, count):
    """Uniform numbers in [0, 1), multiples of 2^-24: the same in every language."""
    mask = (1 << 64) - 1
    numbers = np.empty(count, dtype=np.float32)
    for index in range(count):
        state = (state + 0x9E3779B97F4A7C15) & mask
        z = state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        numbers[index] = (z >> 40) * 2.0**-24
    return numbers


# Each kind says what becomes of the uniform numbers u of slot s, dimension d; all arithmetic in float32.
def plane_of(kind, slots, dimension, seed):
    u = splitmix(seed, slots * dimension * 2).reshape(2, slots, dimension)
    one = np.float32(1)
    # The sum of two uniform numbers, centred: a hill between -1 and 1.
    x = (u[0] + u[1]) - one
    d = np.arange(dimension, dtype=np.float32)[None, :]
    s = np.arange(slots, dtype=np.float32)[:, None]
    if kind == "plain":
        return x
    if kind == "offset":  # dimensions with centres of their own, as keys have
        return x + (d - np.float32(dimension / 2)) * np.float32(0.25)
    if kind == "outliers":
        x = x.copy()
        x[0, :] = x[0, :] * np.float32(32)
        x[:, 3] = x[:, 3] * np.float32(16)
        return x
    if kind == "constant":
        return (d - np.float32(5)) * np.float32(0.5) + np.zeros_like(x)
    if kind == "constant-slots":
        return (s - np.float32(5)) * np.float32(0.5) + np.zeros_like(x)
    if kind == "zero":
        return np.zeros((slots, dimension), dtype=np.float32)
    if kind == "nearly-constant":
        return x * np.float32(2.0**-16) + np.float32(0.75)
    if kind == "huge":
        return x * np.float32(2.0**100)
    if kind == "tiny":
        return x * np.float32(2.0**-130)
    if kind == "infinity":
        x = x.copy()
        x[1, 2] = np.inf
        x[slots - 1, 5] = -np.inf
        return x
    raise ValueError(kind)


def bits_of(tensor):
    return tensor.detach().contiguous().flatten().numpy().astype("<f4").tobytes().hex()


def affine(groups, bits):
    """quanto for 2 and 4 bits; for 8, its optimiser and the formula of its affine tensor, which it has no
    type for. Rows are groups."""
    count = groups.shape[0]
    # A tensor of one group would be reduced along the wrong axis by the package.
    rows = groups if count > 1 else groups.repeat(2, 1)
    if bits == 8:
        class Bits8:
            pass
        Bits8.bits = 8
        scale, shift = MaxOptimizer()(rows, Bits8, 0, rows.shape[1])
        codes = torch.clamp(torch.round((rows + shift) / scale), min=0, max=255).to(torch.uint8)
        numbers = scale * codes - shift
    else:
        kind = {2: qint2, 4: qint4}[bits]
        scale, shift = MaxOptimizer()(rows, kind, 0, rows.shape[1])
        quantized = quantize_weight(rows, kind, 0, scale, shift, rows.shape[1])
        codes = quantized._data.unpack()
        numbers = quantized.dequantize()
    return codes[:count], scale.flatten()[:count], -shift.flatten()[:count], numbers[:count]


def hqq(groups, bits, is_optimized):
    codes, meta = Quantizer.quantize(
        groups, nbits=bits, axis=1, group_size=groups.shape[1], optimize=is_optimized, bitpack=False,
        device="cpu", compute_dtype=torch.float32,
    )
    scale, zero = meta["scale"].flatten(), meta["zero"].flatten()
    numbers = (codes - meta["zero"]) * meta["scale"]
    return codes, scale, zero, numbers


def split(plane, axis, group):
    """The groups of a plane, in tensors of groups of equal length, and how to put them back."""
    slots, dimension = plane.shape
    if axis == "dimension":
        return [np.ascontiguousarray(plane.T).reshape(-1, group)]
    if group >= dimension:
        span = 1 << ((group // dimension).bit_length() - 1)
        return [plane.reshape(-1, span * dimension)]
    if dimension % group == 0:
        return [plane.reshape(-1, group)]
    return [np.ascontiguousarray(plane[:, start : start + group]) for start in range(0, dimension, group)]


def join(parts, axis, group, slots, dimension):
    """[slot, dimension] from numbers laid out as split lays them out."""
    if axis == "dimension":
        return parts[0].reshape(dimension, slots).T
    if len(parts) == 1:
        return parts[0].reshape(slots, dimension)
    return torch.cat(parts, dim=1)


def order(parts, axis, group, slots, dimension):
    """Numbers of groups as [slot group][dimension] or [dimension group][slot / span]."""
    if axis == "dimension":
        return parts[0].reshape(dimension, slots // group).T
    if len(parts) == 1:
        return parts[0].reshape(-1, max(1, dimension // group)).T
    return torch.cat(parts)


def case(method, bits, axis, group, kind, slots, dimension, seed):
    parts = [torch.from_numpy(part) for part in split(plane_of(kind, slots, dimension, seed), axis, group)]
    if method == "affine":
        made = [affine(part, bits) for part in parts]
    else:
        assert len(parts) == 1, "hqq's stop rule spans one tensor"
        made = [hqq(parts[0], bits, method == "hqq")]
    shape = (axis, group, slots, dimension)
    codes, scales, zeros, numbers = ([one[index] for one in made] for index in range(4))
    digits = "%02x" if bits == 8 else "%x"
    return {
        "method": method, "bits": bits, "axis": axis, "group": group, "kind": kind, "slots": slots,
        "dimension": dimension, "seed": seed,
        "codes": "".join(digits % code for code in join(codes, *shape).to(torch.uint8).flatten().tolist()),
        "scales": bits_of(order(scales, *shape)),
        "offsets" if method == "affine" else "zeros": bits_of(order(zeros, *shape)),
        "numbers": bits_of(join(numbers, *shape).flatten()[::NUMBER_STEP]),
    }


def cases():
    methods = ("affine", "hqq", "hqq-unrefined")
    for method in methods:
        for bits in (2, 4, 8):
            for axis, kind in (("dimension", "offset"), ("slot", "plain")):
                yield method, bits, axis, 64, kind, 64, 64
    for method in ("affine", "hqq"):
        yield method, 4, "dimension", 128, "outliers", 128, 64
        yield method, 2, "dimension", 32, "offset", 64, 64
        yield method, 2, "slot", 128, "plain", 64, 128
        yield method, 4, "slot", 32, "outliers", 64, 128
        yield method, 4, "slot", 128, "offset", 64, 64
        yield method, 4, "slot", 128, "plain", 32, 80
        yield method, 4, "dimension", 32, "plain", 32, 80
    yield "affine", 4, "slot", 64, "outliers", 64, 80
    yield "affine", 2, "slot", 32, "plain", 32, 80
    for method in methods:
        for kind in ("constant", "constant-slots", "zero", "nearly-constant", "huge", "tiny", "infinity"):
            for bits, axis in ((2, "dimension"), (4, "slot"), (8, "slot")):
                yield method, bits, axis, 32, kind, 32, 32


def main():
    made = [case(*one, seed) for seed, one in enumerate(cases())]
    text = ",\n".join(json.dumps(one, separators=(",", ":")) for one in made)
    pathlib.Path(sys.argv[1]).write_text('{"numberStep":%d,"cases":[\n%s\n]}\n' % (NUMBER_STEP, text))


if __name__ == "__main__":
    main()
