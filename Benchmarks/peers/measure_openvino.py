"""OpenVINO GenAI, measured: python measure_openvino.py '{"kind": "speed", ...}' prints one JSON object.

requirements: requirements/openvino.txt

Kinds: speed, versions. A model is a GGUF file that OpenVINO GenAI reads itself, or a folder in OpenVINO's format.
"""

import json
import statistics
import sys


def measure_speed(work):
    """Prefill of `prompt` tokens and decode of `generate` after them; medians after a warm-up of the same shape.

    OpenVINO compiles code for the shapes it meets, so the warm-up has the length of the real thing. It also shares
    prefixes between prompts, so every prompt is another one from its first token on.
    """
    import numpy
    import openvino
    import openvino_genai

    pipeline = openvino_genai.LLMPipeline(work["model"], "CPU", INFERENCE_NUM_THREADS=work["threads"],
                                          PERFORMANCE_HINT="LATENCY", **work.get("properties", {}))
    config = openvino_genai.GenerationConfig()
    config.max_new_tokens = work["generate"] + 1  # the first one belongs to the prefill
    config.ignore_eos = True
    config.do_sample = False
    generator = numpy.random.default_rng(1)
    prefill, decode = [], []
    for repetition in range(work["repetitions"] + 1):
        tokens = generator.integers(1000, 40000, size=(1, work["prompt"]), dtype=numpy.int64)
        inputs = openvino_genai.TokenizedInputs(openvino.Tensor(tokens), openvino.Tensor(numpy.ones_like(tokens)))
        metrics = pipeline.generate(inputs, config).perf_metrics
        if metrics.get_num_generated_tokens() != work["generate"] + 1:
            sys.exit(f"OpenVINO GenAI ended after {metrics.get_num_generated_tokens()} tokens.")
        if repetition > 0:
            prefill.append(work["prompt"] / (metrics.get_ttft().mean / 1000))
            decode.append(1000 / metrics.get_tpot().mean)
    return {
        "prefill_tokens_per_second": statistics.median(prefill),
        "decode_tokens_per_second": statistics.median(decode),
    }


def versions():
    import importlib.metadata

    import openvino

    core = openvino.Core()
    settings = {name: core.get_property("CPU", name)
                for name in ("INFERENCE_PRECISION_HINT", "KV_CACHE_PRECISION", "DYNAMIC_QUANTIZATION_GROUP_SIZE")}
    return {
        "version": f"openvino-genai {importlib.metadata.version('openvino-genai')}",
        "features": ", ".join(f"{name}={getattr(value, 'get_type_name', lambda: value)()}"
                              for name, value in settings.items()),
    }


def main():
    work = json.loads(sys.argv[1])
    kinds = {"speed": lambda: measure_speed(work), "versions": versions}
    print(json.dumps(kinds[work["kind"]]()))


if __name__ == "__main__":
    main()
