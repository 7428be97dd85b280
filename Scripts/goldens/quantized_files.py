"""Writes GGUF files with `nuthatch quantize` and runs them in llama.cpp.

requirements: llama-cpp-python==0.3.36 numpy

    python Scripts/goldens/quantized_files.py --nuthatch .build/release/nuthatch [--real MODEL.gguf] [--output FILE]

Tiny models: the checkpoints of Tests/NuthatchModelsTests/Goldens, given a tokenizer of single bytes, written as f32 and
loaded by llama.cpp: 16 greedy tokens after the golden's prompt, or as many as fit a window that llama.cpp ignores, and the mean KL divergence of all positions between the
engines. Those that llama.cpp has no words for are listed with the reason that `nuthatch quantize` gives.

--real: a GGUF file of 16 bits, written in every type by Nuthatch and by llama.cpp's own quantiser. Both are run by
Nuthatch in float32 arithmetic, so that what is compared is the files: mean KL divergence from the source and perplexity
over 2,000 tokens of this repository's pages. Nuthatch's is also run by llama.cpp, for 32 greedy tokens of a prompt.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile


from engines import ROOT, LlamaCpp, Nuthatch, divergence, equal_prefix, perplexity, repository_text

GOLDENS = ROOT / "Tests/NuthatchModelsTests/Goldens"
GREEDY = 16
TYPES = ["bf16", "q8_0", "q6_k", "q4_k", "q4_1", "q4_0"]
PROMPT = "The nuthatch is a small bird that"
TEXT_TOKENS = 2000


def byte_tokenizer(count, names=()):
    """tokenizer.json of `count` pieces: single bytes, in GPT-2's spelling, and at the end the names."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    spelled = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
    step = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    pieces = [spelled[byte] for byte in range(count - len(names))] + list(names)
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    return dict(version="1.0", added_tokens=[], normalizer=None, pre_tokenizer=step, post_processor=step,
                decoder=step, model=dict(type="BPE", vocab=vocabulary, merges=[]))


def tiny_models(nuthatch, folder):
    lines = ["| checkpoint | tokens of prompt | equal greedy tokens | mean KL divergence |", "|---|---|---|---|"]
    refused = ["", "| checkpoint | why it is not written |", "|---|---|"]
    for golden in sorted(path.parent for path in GOLDENS.glob("*/model.safetensors")):
        source, target = folder / golden.name, folder / f"{golden.name}.gguf"
        shutil.copytree(golden, source)
        config = json.loads((golden / "config.json").read_text())
        # llama.cpp looks for these in whatever calls itself phi3.
        names = ["<unk>", "<s>", "</s>", "<|endoftext|>"] if config["model_type"] == "phi3" else []
        (source / "tokenizer.json").write_text(json.dumps(byte_tokenizer(128, names)))
        (source / "tokenizer_config.json").write_text(json.dumps(dict(bos_token=chr(257), eos_token=chr(258))))
        try:
            nuthatch.quantize(source, target, "f32")
        except RuntimeError as error:
            reason = str(error).split("GGUF: ")[-1].split(". Families")[0]
            refused.append(f"| {golden.name} | {reason} |")
            continue
        prompt = json.loads((golden / "golden.json").read_text())["prompt"]
        try:
            llama = LlamaCpp(target, context=256)
        except ValueError as error:
            lines.append(f"| {golden.name} | llama.cpp: {error} | | |")
            continue
        # Only in Gemma does llama.cpp keep to a window: elsewhere no sequence is longer than it.
        window = config.get("sliding_window") or len(prompt) + GREEDY
        if config["model_type"].startswith("gemma"):
            window = len(prompt) + GREEDY
        prompt = prompt[: max(window - GREEDY, window // 2)]
        sequence = prompt + llama.continuation(prompt, min(GREEDY, window - len(prompt)))
        ours = nuthatch.logits(target, sequence, "--weights", "f32", "--kv-keys", "f32", "--kv-values", "f32")
        greedy = ours[len(prompt) - 1 : -1].argmax(-1)
        kl, _ = divergence(llama.logits(sequence), ours)
        expected = sequence[len(prompt) :]
        equal = equal_prefix(list(greedy), expected)
        lines.append(f"| {golden.name} | {len(prompt)} | {equal} of {len(expected)} | {kl:.1e} |")
    return lines + refused


def llama_quantized(source, target, kind):
    import llama_cpp

    names = dict(bf16="BF16", q8_0="Q8_0", q6_k="Q6_K", q4_k="Q4_K_M", q4_1="Q4_1", q4_0="Q4_0")
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{names[kind]}")
    code = llama_cpp.llama_model_quantize(str(source).encode(), str(target).encode(), parameters)
    if code:
        raise RuntimeError(f"llama.cpp failed to write {kind}")


def real_model(nuthatch, source, folder):
    text = repository_text()
    tokens = LlamaCpp(source).tokenize(text)[:TEXT_TOKENS]
    exact = ["--weights", "f32"]
    reference = nuthatch.logits(source, tokens, *exact)
    lines = [f"{source.name}: perplexity {perplexity(reference, tokens):.3f}", "",
             "| type | bits | KL, Nuthatch's file | KL, llama.cpp's file | perplexity | perplexity, llama.cpp's | "
             "equal greedy tokens of 32 |", "|---|---|---|---|---|---|---|"]
    for kind in TYPES:
        ours, theirs = folder / f"nuthatch.{kind}.gguf", folder / f"llama.{kind}.gguf"
        report = nuthatch.quantize(source, ours, kind)
        llama_quantized(source, theirs, kind)
        results = []
        for path in (ours, theirs):
            logits = nuthatch.logits(path, tokens, *exact)
            results.append((divergence(reference, logits)[0], perplexity(logits, tokens)))
        llama = LlamaCpp(ours)
        expected = llama.continuation(llama.tokenize(PROMPT), 32)
        found = nuthatch.continuation(ours, PROMPT, 32)
        lines.append(
            f"| {kind} | {report['bits_per_parameter']:.2f} | {results[0][0]:.6f} | {results[1][0]:.6f} | "
            f"{results[0][1]:.3f} | {results[1][1]:.3f} | {equal_prefix(found, expected)} |")
        # A type takes minutes: what is known is said at once.
        print(lines[-1], file=sys.stderr, flush=True)
        ours.unlink(), theirs.unlink()
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nuthatch", default=".build/release/nuthatch")
    parser.add_argument("--real", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()
    nuthatch = Nuthatch(options.nuthatch)
    with tempfile.TemporaryDirectory() as folder:
        if options.real:
            lines = real_model(nuthatch, options.real, pathlib.Path(folder))
        else:
            lines = tiny_models(nuthatch, pathlib.Path(folder))
    page = "\n".join(lines) + "\n"
    print(page)
    if options.output:
        options.output.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
