"""llama.cpp, measured through its C interface: python measure_llama.py '{"kind": "speed", ...}' prints one JSON object.

requirements: requirements/llama.txt

Kinds: speed, first-token, resident, sizes, quantize, versions. See README.md for what each does.
"""

import ctypes
import importlib.util
import json
import os
import statistics
import sys
import time

LIBRARY_FOLDER = os.path.join(importlib.util.find_spec("llama_cpp").submodule_search_locations[0], "lib")
QUANTISER_TYPES = {"F16": 1, "Q4_0": 2, "Q4_1": 3, "Q8_0": 7, "Q4_K_M": 15, "BF16": 32}
# ggml's types of a cache; a quantised one needs flash attention, which "auto" turns on for all of them.
CACHE_TYPES = {"f16": 1, "q4": 2, "q8": 8}
FLASH_ATTENTION = {"auto": -1, "off": 0, "on": 1}


def load_library():
    """The binding; returns it and the seconds that a C program would have needed to load the library."""
    start = time.perf_counter()
    suffix = "dylib" if sys.platform == "darwin" else "so"
    ctypes.CDLL(os.path.join(LIBRARY_FOLDER, f"libllama.{suffix}"))
    seconds = time.perf_counter() - start

    import llama_cpp

    # An attribute of the module, for it must outlive the library's use of it.
    llama_cpp.silence = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(llama_cpp.silence, ctypes.c_void_p(0))
    return llama_cpp, seconds


class Engine:
    """A model and a context for `sequences` sequences of `length` tokens each."""

    def __init__(self, lib, work, length, sequences=1):
        self.lib = lib
        lib.llama_backend_init()
        self.model = lib.llama_model_load_from_file(work["model"].encode(), lib.llama_model_default_params())
        if not self.model:
            sys.exit(f"llama.cpp can't load {work['model']}. Remedy: delete it; it is made anew.")
        self.vocabulary = lib.llama_model_get_vocab(self.model)
        self.token_count = lib.llama_vocab_n_tokens(self.vocabulary)
        parameters = lib.llama_context_default_params()
        parameters.n_ctx = length * sequences
        parameters.n_batch = max(512, length)
        parameters.n_seq_max = sequences
        parameters.n_threads = parameters.n_threads_batch = work["threads"]
        parameters.type_k = parameters.type_v = CACHE_TYPES[work.get("kv", "f16")]
        parameters.flash_attn_type = FLASH_ATTENTION[work.get("flash_attention", "auto")]
        parameters.kv_unified = work.get("kv_unified", False)
        self.context = lib.llama_init_from_model(self.model, parameters)
        if not self.context:
            sys.exit("llama.cpp can't make this context. Remedy: read the settings in README.md.")
        self.memory = lib.llama_get_memory(self.context)

    def clear(self):
        self.lib.llama_memory_clear(self.memory, True)

    def append(self, tokens):
        array = (self.lib.llama_token * len(tokens))(*tokens)
        self.check(self.lib.llama_decode(self.context, self.lib.llama_batch_get_one(array, len(tokens))))

    def append_entries(self, batch, entries):
        """One batch of (token, position, sequence, whether its logits are wanted)."""
        batch.n_tokens = len(entries)
        for index, (token, position, sequence, wants_logits) in enumerate(entries):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = sequence
            batch.logits[index] = wants_logits
        self.check(self.lib.llama_decode(self.context, batch))

    def check(self, code):
        if code != 0:
            sys.exit(f"llama_decode returned {code}.")

    def prompt(self, count, seed):
        """Tokens that mean nothing, others for every seed: the arithmetic is the same as for real ones."""
        return [(index * 7919 + seed * 104729 + 17) % self.token_count for index in range(count)]


def measure_speed(lib, work):
    """Prefill of `prompt`, then `generate` tokens one by one for all sequences; medians after a warm-up."""
    sequences, prompt, generate = work["sequences"], work["prompt"], work["generate"]
    engine = Engine(lib, work, prompt + generate + 8, sequences)
    batch = lib.llama_batch_init(max(prompt, sequences), 0, 1)

    def fill(length, seed):
        if sequences == 1:
            engine.append(engine.prompt(length, seed))
            return
        for sequence in range(sequences):
            tokens = engine.prompt(length, seed * sequences + sequence)
            engine.append_entries(batch, [(token, position, sequence, position == length - 1)
                                          for position, token in enumerate(tokens)])

    def step(tokens, position):
        if sequences == 1:
            engine.append(tokens)
            return
        engine.append_entries(batch, [(token, position, sequence, True) for sequence, token in enumerate(tokens)])

    def repeat(length, count, seed):
        """Seconds of a prompt of `length` and of `count` tokens after it, for every sequence."""
        engine.clear()
        following = engine.prompt(count * sequences, seed + 1)
        start = time.perf_counter()
        fill(length, seed)
        middle = time.perf_counter()
        for index in range(count):
            step(following[index * sequences:(index + 1) * sequences], length + index)
        return middle - start, time.perf_counter() - middle

    # Weights are in memory and threads awake after one short prompt; a long one would warm nothing more.
    repeat(min(prompt, 512), min(generate, 8), seed=0)
    times = [repeat(prompt, generate, seed=repetition + 1) for repetition in range(work["repetitions"])]
    return {
        "prefill_tokens_per_second": statistics.median(prompt * sequences / fill for fill, _ in times),
        "decode_tokens_per_second": statistics.median(generate * sequences / decode for _, decode in times),
    }


def measure_first_token(lib, library_seconds, work):
    """From nothing to the text of one greedy token, without what Python needs to start and to import the binding."""
    import numpy  # the binding has imported it already

    imported = time.perf_counter()
    engine = Engine(lib, work, 64)
    text = work["text"].encode()
    tokens = (lib.llama_token * 64)()
    count = lib.llama_tokenize(engine.vocabulary, text, len(text), tokens, 64, True, True)
    engine.append(list(tokens[:count]))
    logits = lib.llama_get_logits_ith(engine.context, -1)
    best = int(numpy.ctypeslib.as_array(logits, (engine.token_count,)).argmax())
    piece = ctypes.create_string_buffer(64)
    length = lib.llama_token_to_piece(engine.vocabulary, best, piece, 64, 0, True)
    finished = time.perf_counter()
    os.write(1, piece.raw[:max(0, length)] + b"\n")
    return {"prompt": count, "first_token_seconds": library_seconds + finished - imported}


def measure_resident(lib, work):
    """Bytes that the library added to the peak of this process, with a context of `prompt + generate` tokens."""
    before = status_bytes("VmRSS")
    engine = Engine(lib, work, work["prompt"] + work["generate"])
    engine.append(engine.prompt(work["prompt"], 0))
    for token in engine.prompt(work["generate"], 1):
        engine.append([token])
    return {"peak_resident_bytes": status_bytes("VmHWM") - before}


def status_bytes(field):
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(field + ":"))


def sizes(lib, work):
    """Bytes of the file's weights, and those plus the keys and values of all tokens in half floats, by its header."""
    lib.llama_backend_init()
    model = lib.llama_model_load_from_file(work["model"].encode(), lib.llama_model_default_params())
    # Holds where the heads share the hidden size among them, as SmolLM2's do.
    heads = lib.llama_model_n_head_kv(model) / lib.llama_model_n_head(model)
    kv_bytes_per_token = round(2 * 2 * lib.llama_model_n_layer(model) * lib.llama_model_n_embd(model) * heads)
    weights = lib.llama_model_size(model)
    return {"weight_bytes": weights,
            "weight_and_kv_bytes": weights + kv_bytes_per_token * (work["prompt"] + work["generate"])}


def quantize(lib, work):
    """Writes `model` in another format as `output`; k-quants fall back by llama.cpp's own rules."""
    lib.llama_backend_init()
    parameters = lib.llama_model_quantize_default_params()
    parameters.ftype = QUANTISER_TYPES[work["format"]]
    parameters.allow_requantize = True
    parameters.nthread = work["threads"]
    code = lib.llama_model_quantize(work["model"].encode(), work["output"].encode(), parameters)
    if code != 0:
        sys.exit(f"llama.cpp's quantiser can't write {work['output']} (code {code}). Remedy: free disk space.")
    return {}


def versions(lib):
    import importlib.metadata

    features = [part.strip() for part in lib.llama_print_system_info().decode().split("|")]
    return {
        "version": f"llama-cpp-python {importlib.metadata.version('llama-cpp-python')}",
        "features": ", ".join(f.removeprefix("CPU : ").split(" = ")[0] for f in features if f.endswith("= 1")),
    }


def main():
    work = json.loads(sys.argv[1])
    lib, library_seconds = load_library()
    kinds = {
        "speed": lambda: measure_speed(lib, work),
        "first-token": lambda: measure_first_token(lib, library_seconds, work),
        "resident": lambda: measure_resident(lib, work),
        "sizes": lambda: sizes(lib, work),
        "quantize": lambda: quantize(lib, work),
        "versions": lambda: versions(lib),
    }
    print(json.dumps(kinds[work["kind"]]()))


if __name__ == "__main__":
    main()
