"""Hugging Face transformers, measured: python measure_transformers.py '{"kind": "speed", ...}' prints one JSON object.

requirements: requirements/transformers.txt

Kinds: speed, versions; and, in the environment of requirements/export.txt, export: a GGUF file as a folder of
OpenVINO's with 4-bit weights, for families whose GGUF OpenVINO GenAI does not read.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time


def load(path):
    """The model of a GGUF file, its weights decoded to float32."""
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    folder, file = os.path.split(path)
    return transformers.AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()


def measure_speed(work):
    """Prefill, then single tokens with the default DynamicCache; a bare loop, faster than generate() around it."""
    import torch

    torch.set_num_threads(work["threads"])
    model = load(work["model"])
    prefill, decode = [], []
    generator = torch.Generator().manual_seed(1)

    def tokens(count):
        return torch.randint(1000, 40000, (1, count), generator=generator)

    with torch.inference_mode():
        for repetition in range(work["repetitions"] + 1):
            prompt, following = tokens(work["prompt"]), tokens(work["generate"])
            start = time.perf_counter()
            cache = model(prompt, use_cache=True, logits_to_keep=1).past_key_values
            middle = time.perf_counter()
            for step in range(work["generate"]):
                model(following[:, step:step + 1], past_key_values=cache, use_cache=True, logits_to_keep=1)
            end = time.perf_counter()
            if repetition > 0:
                prefill.append(work["prompt"] / (middle - start))
                decode.append(work["generate"] / (end - middle))
    return {
        "prefill_tokens_per_second": statistics.median(prefill),
        "decode_tokens_per_second": statistics.median(decode),
    }


def export(work):
    """Writes the folder `output`: weights decoded to float32, then coded to 4 bits by OpenVINO's own tools."""
    import transformers

    folder, file = os.path.split(work["model"])
    with tempfile.TemporaryDirectory() as checkpoint:
        load(work["model"]).save_pretrained(checkpoint)
        transformers.AutoTokenizer.from_pretrained(folder, gguf_file=file).save_pretrained(checkpoint)
        tool = pathlib.Path(sys.executable).parent / "optimum-cli"
        subprocess.run(
            [tool, "export", "openvino", "--model", checkpoint, "--task", "text-generation-with-past",
             "--weight-format", "int4", "--sym", "--group-size", "64", "--ratio", "1.0", work["output"]],
            check=True, stdout=subprocess.DEVNULL)
    return {}


def versions():
    import torch
    import transformers

    return {"version": f"transformers {transformers.__version__}, torch {torch.__version__}",
            "features": torch.backends.cpu.get_cpu_capability()}


def main():
    work = json.loads(sys.argv[1])
    kinds = {"speed": lambda: measure_speed(work), "export": lambda: export(work), "versions": versions}
    print(json.dumps(kinds[work["kind"]]()))


if __name__ == "__main__":
    main()
