"""Holds Nuthatch against llama.cpp, and both against a float32 run of the same weights, on real models.

requirements: llama-cpp-python==0.3.36 torch==2.13.0 transformers==5.23.0 accelerate gguf==0.19.0 numpy

    python Scripts/goldens/real_models.py [MODEL ...] --nuthatch .build/release/nuthatch [--text FILE] [--output FILE]

A MODEL is an alias of Nuthatch (smollm2, gemma3: the default) or a GGUF file. For each:
- greedy continuations: 64 tokens after each of five raw prompts; how many leading tokens both engines give alike;
- mean KL divergence of the next-token distributions over 2,000 tokens of a text, this repository's own pages or FILE:
  between the two engines, and of each from transformers running the file's weights in float32
  (--no-reference leaves that out, and with it torch and transformers).
"""

import argparse
import json
import pathlib

from engines import LlamaCpp, Nuthatch, divergence, equal_prefix, repository_text

PROMPTS = [
    "The nuthatch is a small bird that",
    "def fibonacci(n):\n",
    "In the year 1849, gold was found in",
    "Water boils at a lower temperature on a mountain because",
    "Dear Ms. Alvarez,\n\nThank you for",
]
NEW_TOKENS = 64
TEXT_TOKENS = 2000

HEADER = """# Real models beside llama.cpp

Made by `Scripts/goldens/real_models.py` (llama-cpp-python 0.3.36): the same file in both engines, keys and values in half
floats. Divergences are means over {count} tokens of {text}; "float32" is transformers running the file's weights, decoded, in
float32. Greedy continuations of quantised models part where two tokens are nearly as likely: activations are rounded to 8
bits by both engines, in blocks that differ.
"""


def float_run(path, text):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, dtype=torch.float32, attn_implementation="eager")
    with torch.no_grad():
        return model(torch.tensor([text])).logits[0].numpy()


def measure(name, nuthatch, text, with_reference):
    path = nuthatch.path(name)
    llama = LlamaCpp(path)
    tokens = llama.tokenize(text)[:TEXT_TOKENS]
    theirs = llama.logits(tokens)
    continuations = [llama.continuation(llama.tokenize(prompt), NEW_TOKENS) for prompt in PROMPTS]
    # Logits of 2,000 tokens take gigabytes where vocabularies are large: few at a time.
    del llama
    reference = float_run(path, tokens) if with_reference else None
    lines = [f"## {name}: {path.name}", "", "| run | KL from llama.cpp | same top token | KL from float32 | same top token |",
             "|---|---|---|---|---|", row("llama.cpp", None, reference, theirs)]
    for run, extra in (("Nuthatch", []), ("Nuthatch, `--weights f32`", ["--weights", "f32"])):
        lines.append(row(run, theirs, reference, nuthatch.logits(path, tokens, *extra)))
    lines += ["", f"| prompt | equal leading tokens of {NEW_TOKENS} |", "|---|---|"]
    for prompt, expected in zip(PROMPTS, continuations):
        found = nuthatch.continuation(path, prompt, NEW_TOKENS)
        lines.append(f"| {json.dumps(prompt)} | {equal_prefix(found, expected)} |")
    return "\n".join(lines) + "\n", len(tokens)


def row(run, *logits):
    """A line of the table: how far the last logits are from each of the others."""
    results = [("", "") if other is None else cells(divergence(other, logits[-1])) for other in logits[:-1]]
    return f"| {run} | " + " | ".join(cell for pair in results for cell in pair) + " |"


def cells(result):
    return f"{result[0]:.6f}", f"{100 * result[1]:.1f} %"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=["smollm2", "gemma3"])
    parser.add_argument("--nuthatch", default=".build/release/nuthatch")
    parser.add_argument("--text", type=pathlib.Path)
    parser.add_argument("--no-reference", action="store_true")
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()

    text = options.text.read_text(encoding="utf-8") if options.text else repository_text()
    nuthatch = Nuthatch(options.nuthatch)
    sections, count = [], 0
    for name in options.models:
        section, count = measure(name, nuthatch, text, not options.no_reference)
        sections.append(section)
    source = options.text.name if options.text else "this repository's README.md and DESIGN.md"
    page = "\n".join([HEADER.format(count=f"{count:,}", text=source), *sections])
    print(page)
    if options.output:
        options.output.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
