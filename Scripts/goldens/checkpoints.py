# requirements: gguf==0.19.0 numpy==2.4.6 safetensors==0.8.0
"""A tiny GGUF file and a tiny sharded safetensors directory, written by the reference packages.

Writes Tests/NuthatchCheckpointsTests/Goldens/: tiny.gguf, tiny-directory/, and expected.json with the tensors'
shapes and values as little-endian float32 in hexadecimal.
"""

import json
import pathlib
import shutil

import gguf
import numpy as np
from safetensors.numpy import save_file

GOLDENS = pathlib.Path(__file__).parents[2] / "Tests/NuthatchCheckpointsTests/Goldens"


def write_gguf(tensors):
    writer = gguf.GGUFWriter(GOLDENS / "tiny.gguf", "llama")
    writer.add_uint8("test.uint8", 255)
    writer.add_int8("test.int8", -128)
    writer.add_uint16("test.uint16", 65535)
    writer.add_int16("test.int16", -32768)
    writer.add_uint32("test.uint32", 4294967295)
    writer.add_int32("test.int32", -2147483648)
    writer.add_float32("test.float32", 0.1)
    writer.add_uint64("test.uint64", 18446744073709551615)
    writer.add_int64("test.int64", -9223372036854775808)
    writer.add_float64("test.float64", 0.1)
    writer.add_bool("test.bool", True)
    writer.add_string("test.string", "中华人民 -> 共和国")
    writer.add_array("test.strings", ["a", "", "é", "e\u0301", "共和国"])
    writer.add_array("test.integers", [1, -2, 3])
    writer.add_array("test.floats", [0.5, -1.5])
    writer.add_array("test.bools", [True, False])
    writer.add_block_count(2)
    expected = {}
    for name, (values, kind) in tensors.items():
        stored = gguf.quantize(values, kind)
        writer.add_tensor(name, stored, raw_dtype=kind)
        decoded = gguf.dequantize(stored, kind).astype("<f4").reshape(values.shape)
        expected[name] = {"format": kind.name, "shape": list(values.shape), "values": decoded.tobytes().hex()}
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return expected


def write_directory(generator):
    directory = GOLDENS / "tiny-directory"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    shards = {
        "model-00001-of-00002.safetensors": {
            "embed.weight": generator.standard_normal((4, 8)).astype(np.float32),
            "norm.weight": generator.standard_normal(8).astype(np.float16),
        },
        "model-00002-of-00002.safetensors": {
            "head.weight": generator.standard_normal((3, 8)).astype(np.float16),
            "steps": np.array(7, dtype=np.int64),
        },
    }
    expected, weight_map = {}, {}
    for shard, tensors in shards.items():
        save_file(tensors, directory / shard, metadata={"format": "pt"})
        for name, values in tensors.items():
            weight_map[name] = shard
            expected[name] = {
                "format": {"float32": "F32", "float16": "F16", "int64": "I64"}[values.dtype.name],
                "shape": list(values.shape),
                "values": values.astype("<f4").tobytes().hex(),
            }
    index = {"metadata": {"total_size": 0}, "weight_map": weight_map}
    (directory / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
    config = {"architectures": ["LlamaForCausalLM"], "hidden_size": 8, "rope_theta": 1e4, "rope_scaling": None,
              "tie_word_embeddings": False, "eos_token_id": [1, 2], "pad_token_id": 10**30}
    (directory / "config.json").write_text(json.dumps(config, indent=2))
    return expected


def main():
    generator = np.random.default_rng(20261122)
    kinds = gguf.GGMLQuantizationType
    tensors = {
        "token_embd.weight": (generator.standard_normal((6, 64)).astype(np.float32), kinds.Q4_1),
        "blk.0.attn_q.weight": (generator.standard_normal((3, 32)).astype(np.float32), kinds.Q8_0),
        "blk.0.attn_norm.weight": (generator.standard_normal(32).astype(np.float32), kinds.F32),
        "output.weight": (generator.standard_normal((2, 16)).astype(np.float32), kinds.BF16),
    }
    expected = {"gguf": write_gguf(tensors), "directory": write_directory(generator)}
    (GOLDENS / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main()
