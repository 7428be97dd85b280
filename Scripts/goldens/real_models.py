"""Compares Nuthatch with llama.cpp and a float32 run of the dequantised weights on a real GGUF file.

requirements: torch==2.13.0 transformers==5.23.0 gguf llama-cpp-python==0.3.36 numpy

    python Scripts/goldens/real_models.py MODEL.gguf --nuthatch .build/release/nuthatch [--output FILE.md]

Two measurements, printed as a Markdown table:
- greedy continuations: 64 tokens after each of five raw prompts; how many leading tokens equal llama.cpp's;
- mean KL divergence of the next-token distributions over 2,000 tokens of the Python language manual
  (pydoc_data of the running Python), against the float32 run, for Nuthatch and for llama.cpp.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np

PROMPTS = [
    "The nuthatch is a small bird that",
    "def fibonacci(n):\n",
    "In the year 1849, gold was found in",
    "Water boils at a lower temperature on a mountain because",
    "Dear Ms. Alvarez,\n\nThank you for",
]
NEW_TOKENS = 64
TEXT_TOKENS = 2000


def manual_text():
    from pydoc_data.topics import topics

    return "\n\n".join(topics[name] for name in sorted(topics))


def log_softmax(logits):
    logits = logits.astype(np.float64)
    logits -= logits.max(axis=-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))


def divergence(reference, other):
    """Mean KL(reference || other) and the share of positions with the same most probable token."""
    total, same, step = 0.0, 0, 100
    for start in range(0, len(reference), step):
        p = log_softmax(reference[start : start + step])
        q = log_softmax(other[start : start + step])
        total += float((np.exp(p) * (p - q)).sum())
        same += int((p.argmax(-1) == q.argmax(-1)).sum())
    return total / len(reference), same / len(reference)


def llama_run(path):
    from llama_cpp import Llama

    model = Llama(str(path), n_ctx=2048, n_threads=os.cpu_count(), logits_all=True, verbose=False)
    text = model.tokenize(manual_text()[: TEXT_TOKENS * 8].encode(), special=False)[:TEXT_TOKENS]
    continuations = []
    for prompt in PROMPTS:
        tokens = model.tokenize(prompt.encode(), special=False)
        model.reset()
        model.eval(tokens)
        generated = []
        for _ in range(NEW_TOKENS):
            token = int(np.argmax(model.scores[model.n_tokens - 1]))
            generated.append(token)
            model.eval([token])
        continuations.append(generated)
    model.reset()
    model.eval(text)
    return text, continuations, np.array(model.scores[: len(text)], dtype=np.float32)


def float_run(path, text):
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(
        str(path.parent), gguf_file=path.name, dtype=torch.float32, attn_implementation="eager"
    )
    with torch.no_grad():
        return model(torch.tensor([text])).logits[0].numpy()


def nuthatch_logits(binary, path, text, vocabulary, extra):
    with tempfile.TemporaryDirectory() as folder:
        tokens = pathlib.Path(folder, "tokens.json")
        output = pathlib.Path(folder, "logits.f32")
        tokens.write_text(json.dumps(list(map(int, text))))
        subprocess.run(
            [binary, "logits", str(path), str(tokens), "--output", str(output), *extra], check=True
        )
        return np.fromfile(output, dtype="<f4").reshape(len(text), vocabulary)


def nuthatch_continuation(binary, path, prompt):
    command = [binary, "run", "--model", str(path), "--raw", "--json", "--temperature", "0"]
    command += ["--max-new-tokens", str(NEW_TOKENS), "--ignore-end", prompt]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(answer)["token_ids"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--nuthatch", default=".build/release/nuthatch")
    parser.add_argument("--output", type=pathlib.Path)
    options = parser.parse_args()

    text, continuations, llama = llama_run(options.model)
    reference = float_run(options.model, text)
    rows = [("llama.cpp (llama-cpp-python 0.3.36)", *divergence(reference, llama))]
    for name, extra in (("Nuthatch", []), ("Nuthatch --weights f32", ["--weights", "f32"])):
        ours = nuthatch_logits(options.nuthatch, options.model, text, reference.shape[1], extra)
        rows.append((name, *divergence(reference, ours)))

    lines = [f"### {options.model.name}", "", "| run | mean KL divergence | equal top tokens |", "|---|---|---|"]
    lines += [f"| {name} | {kl:.6f} | {100 * same:.1f} % |" for name, kl, same in rows]
    lines += ["", "| prompt | equal leading tokens of 64 |", "|---|---|"]
    for prompt, theirs in zip(PROMPTS, continuations):
        ours = nuthatch_continuation(options.nuthatch, options.model, prompt)
        equal = next((i for i, (a, b) in enumerate(zip(ours, theirs)) if a != b), min(len(ours), len(theirs)))
        lines.append(f"| {json.dumps(prompt)} | {equal} |")
    table = "\n".join(lines) + "\n"
    print(table)
    if options.output:
        options.output.write_text(table)


if __name__ == "__main__":
    main()
