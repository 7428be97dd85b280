"""What the scripts that hold Nuthatch against llama.cpp share: texts, runs of either engine, divergences."""

import json
import os
import pathlib
import subprocess
import tempfile

import numpy as np

ROOT = pathlib.Path(__file__).parents[2]


def repository_text():
    """This repository's own pages: the same for everybody at a commit."""
    pages = [ROOT / "README.md", ROOT / "DESIGN.md", *sorted((ROOT / "Sources").rglob("*.md"))]
    return "\n\n".join(page.read_text(encoding="utf-8") for page in pages)


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


def perplexity(logits, tokens):
    losses = [-log_softmax(logits[i : i + 1])[0, tokens[i + 1]] for i in range(len(tokens) - 1)]
    return float(np.exp(np.mean(losses)))


class LlamaCpp:
    """llama.cpp on a file: logits of all positions."""

    def __init__(self, path, context=2048):
        from llama_cpp import Llama

        self.model = Llama(
            str(path), n_ctx=context, n_threads=os.cpu_count(), logits_all=True, verbose=False)

    def tokenize(self, text, special=False):
        return self.model.tokenize(text.encode(), special=special)

    def logits(self, tokens):
        self.model.reset()
        self.model.eval(tokens)
        return np.array(self.model.scores[: len(tokens)], dtype=np.float32)

    def continuation(self, tokens, count):
        self.model.reset()
        self.model.eval(tokens)
        generated = []
        for _ in range(count):
            token = int(np.argmax(self.model.scores[self.model.n_tokens - 1]))
            generated.append(token)
            self.model.eval([token])
        return generated


class Nuthatch:
    """The built command."""

    def __init__(self, binary):
        self.binary = str(binary)

    def _json(self, *arguments):
        answer = subprocess.run([self.binary, *map(str, arguments), "--json"], capture_output=True, text=True)
        if answer.returncode:
            raise RuntimeError(answer.stderr.strip())
        return json.loads(answer.stdout)

    def path(self, model):
        """Where the files of an alias lie."""
        return pathlib.Path(self._json("info", model)["model"]["path"])

    def quantize(self, source, target, kind, *options):
        return self._json("quantize", source, target, "--type", kind, *options)

    def logits(self, model, tokens, *options):
        with tempfile.TemporaryDirectory() as folder:
            ids, output = pathlib.Path(folder, "tokens.json"), pathlib.Path(folder, "logits.f32")
            ids.write_text(json.dumps(list(map(int, tokens))))
            # Half floats, as llama.cpp has them, where options don't say otherwise.
            command = [
                self.binary, "logits", str(model), str(ids), "--output", str(output), "--cache", "dynamic", *options]
            subprocess.run(command, check=True)
            return np.fromfile(output, dtype="<f4").reshape(len(tokens), -1)

    def continuation(self, model, prompt, count):
        answer = self._json(
            "run", "--model", model, "--cache", "dynamic", "--raw", "--temperature", "0", "--max-new-tokens", count,
            "--ignore-end", prompt)
        return answer["token_ids"]


def equal_prefix(ours, theirs):
    """How many tokens two continuations begin with alike."""
    return next((i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]), min(len(ours), len(theirs)))
