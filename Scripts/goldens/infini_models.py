# requirements: numpy==2.4.6 safetensors==0.8.0
"""Tiny Llamas with Infini-attention (arXiv:2404.07143) and what the paper's equations make of them, in double.

    python Scripts/goldens/infini_models.py Tests/NuthatchModelsTests/Goldens

Files as models.py writes them. There is no published checkpoint with such layers; the gates are named and shaped as
the re-implementations do it, self_attn.gate [1, heads, 1, 1], and config.json says `segment_size` and `memory_update`.
"""

import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from infini_attention import retrieved, sigma

PROMPT, GREEDY, MARGIN = 48, 16, 0.02
MODELS = {
    "infini-delta": dict(hidden_size=72, intermediate_size=88, num_attention_heads=6, num_key_value_heads=2,
                         num_hidden_layers=3, segment_size=20, memory_update="delta"),
    "infini-linear": dict(hidden_size=60, intermediate_size=64, num_attention_heads=5, num_key_value_heads=5,
                          num_hidden_layers=2, segment_size=7, memory_update="linear"),
}
SHARED = dict(architectures=["LlamaForCausalLM"], model_type="llama", vocab_size=128, max_position_embeddings=256,
              hidden_act="silu", rms_norm_eps=1e-5, rope_theta=10000.0, tie_word_embeddings=False)


def make_weights(config, seed):
    generator = np.random.default_rng(seed)
    hidden, inner = config["hidden_size"], config["intermediate_size"]
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    width = hidden // heads

    def matrix(outputs, inputs, gain=1.2):
        return (gain * generator.standard_normal((outputs, inputs)) / np.sqrt(inputs)).astype(np.float32)

    def norm():
        return (1 + 0.25 * generator.standard_normal(hidden)).astype(np.float32)

    weights = {"model.embed_tokens.weight": matrix(config["vocab_size"], hidden, np.sqrt(hidden)),
               "model.norm.weight": norm(), "lm_head.weight": matrix(config["vocab_size"], hidden)}
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        weights |= {
            prefix + "input_layernorm.weight": norm(), prefix + "post_attention_layernorm.weight": norm(),
            prefix + "self_attn.q_proj.weight": matrix(heads * width, hidden, 1.6),
            prefix + "self_attn.k_proj.weight": matrix(kv_heads * width, hidden, 1.6),
            prefix + "self_attn.v_proj.weight": matrix(kv_heads * width, hidden),
            prefix + "self_attn.o_proj.weight": matrix(hidden, heads * width),
            prefix + "self_attn.gate": generator.standard_normal((1, heads, 1, 1)).astype(np.float32),
            prefix + "mlp.gate_proj.weight": matrix(inner, hidden), prefix + "mlp.up_proj.weight": matrix(inner, hidden),
            prefix + "mlp.down_proj.weight": matrix(hidden, inner),
        }
    return weights


def normed(x, weight, epsilon):
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + epsilon) * weight


def turned(rows, base):
    """Rotary positions of [token, dimension]: pairs lie half of it apart."""
    half = rows.shape[1] // 2
    angles = np.arange(len(rows))[:, None] * base ** (-np.arange(half) / half)
    first, second = rows[:, :half], rows[:, half:]
    return np.concatenate([first * np.cos(angles) - second * np.sin(angles),
                           second * np.cos(angles) + first * np.sin(angles)], axis=1)


def softmax_rows(scores):
    scores = np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def attention(x, weights, prefix, config):
    heads, kv_heads = config["num_attention_heads"], config["num_key_value_heads"]
    width, length = config["hidden_size"] // heads, config["segment_size"]
    q, k, v = (x @ weights[f"{prefix}self_attn.{part}_proj.weight"].T for part in "qkv")
    gates = 1 / (1 + np.exp(-weights[prefix + "self_attn.gate"].reshape(-1)))
    result = np.zeros((len(x), heads * width))
    for head in range(heads):
        kv_head = head // (heads // kv_heads)
        own, shared = slice(head * width, (head + 1) * width), slice(kv_head * width, (kv_head + 1) * width)
        queries, keys, values = q[:, own], k[:, shared], v[:, shared]
        near_queries, near_keys = turned(queries, config["rope_theta"]), turned(keys, config["rope_theta"])
        memory, normalizer = np.zeros((width, width)), np.zeros(width)
        for start in range(0, len(x), length):
            segment = slice(start, min(start + length, len(x)))
            scores = near_queries[segment] @ near_keys[segment].T / np.sqrt(width)
            local = softmax_rows(scores) @ values[segment]
            recalled = retrieved(queries[segment], memory, normalizer)
            result[segment, own] = gates[head] * recalled + (1 - gates[head]) * local
            news = values[segment]
            if config["memory_update"] == "delta":
                news = news - retrieved(keys[segment], memory, normalizer)
            memory = memory + sigma(keys[segment]).T @ news
            normalizer = normalizer + sigma(keys[segment]).sum(axis=0)
    return result @ weights[prefix + "self_attn.o_proj.weight"].T


def logits(tokens, weights, config):
    epsilon = config["rms_norm_eps"]
    x = weights["model.embed_tokens.weight"][tokens]
    for layer in range(config["num_hidden_layers"]):
        prefix = f"model.layers.{layer}."
        x = x + attention(normed(x, weights[prefix + "input_layernorm.weight"], epsilon), weights, prefix, config)
        inner = normed(x, weights[prefix + "post_attention_layernorm.weight"], epsilon)
        gate = inner @ weights[prefix + "mlp.gate_proj.weight"].T
        up = inner @ weights[prefix + "mlp.up_proj.weight"].T
        x = x + (gate / (1 + np.exp(-gate)) * up) @ weights[prefix + "mlp.down_proj.weight"].T
    return normed(x, weights["model.norm.weight"], epsilon) @ weights["lm_head.weight"].T


def greedy(prompt, weights, config):
    tokens, lead = list(prompt), np.inf
    for _ in range(GREEDY):
        last = logits(tokens, weights, config)[-1]
        best = np.sort(last)[-2:]
        lead = min(lead, (best[1] - best[0]) / last.std())
        tokens.append(int(last.argmax()))
    return tokens[len(prompt):], lead


def main():
    out = Path(sys.argv[1])
    for name, fields in MODELS.items():
        config = SHARED | fields
        for seed in range(1000):
            stored = make_weights(config, seed)
            weights = {key: value.astype(np.float64) for key, value in stored.items()}
            prompt = np.random.default_rng(seed).integers(3, config["vocab_size"], PROMPT).tolist()
            continuation, lead = greedy(prompt, weights, config)
            if lead > MARGIN and len(set(continuation)) > 4:
                break
        folder = out / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
        save_file(stored, folder / "model.safetensors", metadata=dict(format="pt"))
        logits(prompt, weights, config).astype("<f4").tofile(folder / "logits.f32")
        golden = dict(prompt=prompt, greedy=continuation, contextLength=256, seed=seed, numpy=np.__version__)
        (folder / "golden.json").write_text(json.dumps(golden) + "\n")
        print(f"{name}: seed {seed}, lead {lead:.3f}, {continuation}")


main()
