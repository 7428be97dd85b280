# requirements: gguf==0.19.0 numpy==2.4.6 llama-cpp-python==0.3.36
"""Values and what the gguf package and llama.cpp encode them as, for NuthatchTensorsTests.

Writes Tests/NuthatchTensorsTests/Goldens/encoding.json:

    rows    name -> little-endian float32 in hexadecimal, a multiple of 256 each
    blocks  format -> name -> the gguf package's bytes, for formats it writes
    errors  format -> name -> root mean square of what llama.cpp's own encoder misses, for the K formats,
            whose scales are the encoder's choice
"""

import ctypes
import json
import pathlib

import gguf
import llama_cpp
import numpy as np

EXACT = ["F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q8_0"]
SEARCHED = ["Q4_K", "Q6_K"]


def rows():
    rng = np.random.default_rng(20261122)
    one = np.zeros(256)
    one[77] = -3.5
    halves = rng.integers(-20, 21, 1024) / 2.0
    return {
        "normal": rng.standard_normal(1024) * 0.03,
        "heavy": rng.standard_t(3, 1024) * 0.02,
        "uniform": rng.uniform(-1, 1, 1024),
        "shifted": rng.standard_normal(1024) * 0.1 + 0.25,
        "positive": np.abs(rng.standard_normal(1024)) + 0.5,
        "outliers": rng.standard_normal(1024) * np.where(rng.random(1024) < 0.02, 30, 1),
        "scaled": np.repeat(10.0 ** rng.uniform(-4, 2, 32), 32) * rng.standard_normal(1024),
        # Ties, and codes that land between two.
        "halves": halves,
        "zeros": np.zeros(256),
        "constant": np.full(256, 0.7),
        "one": one,
        "small": rng.standard_normal(256) * 1e-9,
    }


def llama_encoder():
    folder = pathlib.Path(llama_cpp.__file__).parent / "lib"
    library = ctypes.CDLL(str(next(folder.glob("libggml-base.*"))))
    encode = library.ggml_quantize_chunk
    encode.restype = ctypes.c_size_t
    encode.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p] + [ctypes.c_int64] * 3 + [ctypes.c_void_p]
    return encode


def main():
    golden = {"rows": {}, "blocks": {name: {} for name in EXACT}, "errors": {name: {} for name in SEARCHED}}
    encode = llama_encoder()
    for name, values in rows().items():
        values = np.ascontiguousarray(values, np.float32).reshape(-1, 256)
        golden["rows"][name] = values.astype("<f4").tobytes().hex()
        for form in EXACT:
            kind = gguf.GGMLQuantizationType[form]
            encoded = gguf.quants.quantize(values, kind)
            golden["blocks"][form][name] = encoded.tobytes().hex()
        for form in SEARCHED:
            kind = gguf.GGMLQuantizationType[form]
            blocks = np.zeros((len(values), gguf.GGML_QUANT_SIZES[kind][1]), np.uint8)
            encode(kind, values.ctypes.data, blocks.ctypes.data, 0, len(values), 256, None)
            missed = gguf.quants.dequantize(blocks, kind).astype(np.float64) - values
            golden["errors"][form][name] = float(np.sqrt((missed**2).mean()))
    path = pathlib.Path(__file__).parents[2] / "Tests/NuthatchTensorsTests/Goldens/encoding.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
