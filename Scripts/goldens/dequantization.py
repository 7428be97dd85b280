# requirements: gguf==0.19.0 numpy==2.4.6
"""Blocks of every weight format and the floats that the gguf package decodes them to.

Writes Tests/NuthatchTensorsTests/Goldens/dequantization.json:
{ format: { "blocks": bytes in hexadecimal, "values": little-endian float32 in hexadecimal } }
"""

import json
import pathlib

import gguf
import numpy as np

# Byte offsets of the float16 fields of a block.
HALF_FIELDS = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0],
    "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208],
    "F32": [], "F16": [], "BF16": [],
}

# Ordinary, largest and smallest of either sign, subnormal, zero of either sign.
EXTREMES = [0x2C66, 0x7BFF, 0x0001, 0xFBFF, 0x83FF, 0x0400, 0x0000, 0x8000, 0xA511]


def random_blocks(generator, name, block_bytes):
    if name == "F32":
        values = generator.standard_normal(32).astype(np.float32)
        values[:6] = [0.0, -0.0, 3.4028235e38, -1e-45, 1.1754944e-38, np.inf]
        return values.view(np.uint8).reshape(1, -1)
    if name in ("F16", "BF16"):
        bits = generator.integers(0, 1 << 16, 256, dtype=np.uint16)
        bits[:9] = EXTREMES
        bits[9:12] = [0x7C00, 0xFC00, 0x7F80]
        return bits.view(np.uint8).reshape(1, -1)
    count = 4 if name.endswith("_K") else 10
    blocks = generator.integers(0, 256, (count, block_bytes), dtype=np.uint8)
    for index, offset in enumerate(HALF_FIELDS[name]):
        # A different walk through the extremes for each field, so that large meets small.
        picks = [EXTREMES[(block * (index + 1) + 2 * index) % len(EXTREMES)] for block in range(count)]
        blocks[:, offset:offset + 2] = np.array(picks, dtype=np.uint16).view(np.uint8).reshape(count, 2)
    return blocks


def main():
    generator = np.random.default_rng(20261122)
    goldens = {}
    for name in HALF_FIELDS:
        kind = gguf.GGMLQuantizationType[name]
        _, block_bytes = gguf.GGML_QUANT_SIZES[kind]
        blocks = random_blocks(generator, name, block_bytes)
        with np.errstate(over="ignore", invalid="ignore"):
            values = gguf.dequantize(blocks, kind).astype("<f4")
        goldens[name] = {"blocks": blocks.tobytes().hex(), "values": values.tobytes().hex()}
    path = pathlib.Path(__file__).parents[2] / "Tests/NuthatchTensorsTests/Goldens/dequantization.json"
    path.write_text(json.dumps(goldens, indent=1) + "\n")


if __name__ == "__main__":
    main()
