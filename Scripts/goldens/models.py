# requirements: torch==2.13.0+cpu transformers==5.23.0 safetensors==0.8.0 gguf==0.19.0 numpy==2.4.6
"""Tiny random models and what transformers computes from them, for NuthatchModelsTests.

    python Scripts/goldens/models.py Tests/NuthatchModelsTests/Goldens

Each folder holds a checkpoint (config.json + model.safetensors, model.gguf, or both) and

    golden.json   prompt, the greedy continuation, the context length the model was run for
    logits.f32    float32 little-endian logits of every prompt position, [prompt, vocabulary]

Every weight is rounded to a bfloat16 that float16 holds exactly, so one set of logits serves F32, F16, BF16
and GGUF files. Seeds move on until every greedy choice is won by a margin that rounding cannot overturn.
rope.json holds inverse frequencies and attention factors straight from ROPE_INIT_FUNCTIONS.
"""

import json
import math
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

VOCABULARY, PROMPT, GREEDY = 128, 48, 16
MARGIN = 0.02
torch.set_num_threads(1)

LLAMA3 = dict(rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)
YARN = dict(rope_type="yarn", rope_theta=1000.0, factor=4.0, original_max_position_embeddings=32)


def common(layers=2, **fields):
    return dict(vocab_size=VOCABULARY, num_hidden_layers=layers, max_position_embeddings=256,
                bos_token_id=1, eos_token_id=2, pad_token_id=0, **fields)


# name -> model type, config fields, and what to write.
# `old`: rewrite config.json to the spelling before transformers 5. `warm`: length the tables are grown for.
MODELS = {
    "llama-tied": dict(
        type="llama", dtype="F16", gguf="F16", old=True,
        config=common(layers=3, hidden_size=72, intermediate_size=136, num_attention_heads=6, num_key_value_heads=2,
                      tie_word_embeddings=True, rms_norm_eps=1e-5, rope_theta=10000.0)),
    "llama3-biased": dict(
        type="llama", dtype="F32", gguf="F32",
        config=common(hidden_size=64, intermediate_size=96, num_attention_heads=4, num_key_value_heads=1,
                      head_dim=24, attention_bias=True, mlp_bias=True, rope_parameters=LLAMA3)),
    "llama-yarn": dict(
        type="llama", dtype="BF16", gguf="BF16",
        config=common(hidden_size=100, intermediate_size=120, num_attention_heads=5, num_key_value_heads=5,
                      rope_parameters=YARN)),
    "llama-linear": dict(
        type="llama", dtype="F16", old=True,
        config=common(hidden_size=48, intermediate_size=100, num_attention_heads=4, num_key_value_heads=2,
                      rope_parameters=dict(rope_type="linear", rope_theta=100.0, factor=4.0))),
    "llama-longrope": dict(
        type="llama", dtype="F16",
        config=common(hidden_size=48, intermediate_size=64, num_attention_heads=3, num_key_value_heads=3,
                      rope_parameters=dict(rope_type="longrope", rope_theta=100.0, factor=8.0,
                                           original_max_position_embeddings=32,
                                           short_factor=[1.0 + 0.1 * i for i in range(8)],
                                           long_factor=[1.0 + 0.7 * i for i in range(8)]))),
    "llama-dynamic": dict(
        type="llama", dtype="F16", warm=64, context=64,
        config=common(hidden_size=48, intermediate_size=64, num_attention_heads=3, num_key_value_heads=1,
                      rope_parameters=dict(rope_type="dynamic", rope_theta=100.0, factor=2.0))
        | dict(max_position_embeddings=32)),
    "mistral-window": dict(
        type="mistral", dtype="BF16", old=True,
        config=common(hidden_size=64, intermediate_size=112, num_attention_heads=4, num_key_value_heads=2,
                      head_dim=32, sliding_window=16, rope_theta=1000.0)),
    "mistral-full": dict(
        type="mistral", dtype="F32", gguf="F16",
        config=common(hidden_size=60, intermediate_size=104, num_attention_heads=3, num_key_value_heads=1,
                      sliding_window=None, rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "qwen2-tied": dict(
        type="qwen2", dtype="BF16", gguf="F16", old=True,
        config=common(hidden_size=72, intermediate_size=104, num_attention_heads=6, num_key_value_heads=3,
                      tie_word_embeddings=True, rope_theta=1000.0)),
    "qwen2-window": dict(
        type="qwen2", dtype="F16",
        config=common(layers=3, hidden_size=60, intermediate_size=100, num_attention_heads=5, num_key_value_heads=1,
                      use_sliding_window=True, sliding_window=20, max_window_layers=1, rope_parameters=YARN)),
    "qwen3-untied": dict(
        type="qwen3", dtype="F16", gguf="F16", old=True,
        config=common(hidden_size=48, intermediate_size=100, num_attention_heads=3, num_key_value_heads=1,
                      head_dim=32, tie_word_embeddings=False, rope_theta=1000.0)),
    "qwen3-window": dict(
        type="qwen3", dtype="BF16",
        config=common(layers=3, hidden_size=64, intermediate_size=72, num_attention_heads=4, num_key_value_heads=4,
                      head_dim=20, attention_bias=True, tie_word_embeddings=True, use_sliding_window=True,
                      sliding_window=12, layer_types=["sliding_attention", "full_attention", "sliding_attention"],
                      rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "gemma3-pattern": dict(
        type="gemma3_text", dtype="F16", gguf="F16", old=True,
        config=common(layers=7, hidden_size=60, intermediate_size=48, num_attention_heads=3,
                      num_key_value_heads=1, head_dim=20, query_pre_attn_scalar=20, sliding_window=16,
                      rope_parameters=dict(full_attention=dict(rope_type="default", rope_theta=1000000.0),
                                           sliding_attention=dict(rope_type="default", rope_theta=10000.0)))),
    "gemma3-scaled": dict(
        type="gemma3_text", dtype="BF16",
        config=common(layers=4, hidden_size=68, intermediate_size=72, num_attention_heads=4,
                      num_key_value_heads=2, head_dim=24, query_pre_attn_scalar=30, sliding_window=10,
                      final_logit_softcapping=8.0,
                      layer_types=["sliding_attention", "full_attention", "full_attention", "sliding_attention"],
                      rope_parameters=dict(
                          full_attention=dict(rope_type="linear", rope_theta=5000.0, factor=8.0),
                          sliding_attention=dict(rope_type="default", rope_theta=100.0)))),
    # The block formats of the published 4-bit Gemma 3 files, in one file; K blocks need inner sizes of 256.
    "gemma3-mixed": dict(
        type="gemma3_text", gguf="mixed",
        config=common(layers=2, hidden_size=256, intermediate_size=256, num_attention_heads=2,
                      num_key_value_heads=1, head_dim=64, query_pre_attn_scalar=64, sliding_window=16,
                      layer_types=["sliding_attention", "sliding_attention"],
                      rope_parameters=dict(full_attention=dict(rope_type="default", rope_theta=1000000.0),
                                           sliding_attention=dict(rope_type="default", rope_theta=10000.0)))),
}


def randomise(model, gemma, seed):
    """Weights wide enough that attention is peaked and logits differ; each exactly a float16 and a bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    tied = model.config.tie_word_embeddings
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if "norm" in name:
            values = 0.25 * noise + (0.0 if gemma else 1.0)
        elif name.endswith("bias"):
            values = 0.3 * noise
        elif "embed_tokens" in name:
            # Where the output is tied, a token would predict itself; a quiet embedding lets the layers speak.
            values = noise * (0.3 if tied else 1.0) / (math.sqrt(parameter.shape[1]) if gemma else 1.0)
        else:
            gain = 1.6 if ("q_proj" in name or "k_proj" in name) else 1.2
            values = gain * noise / math.sqrt(parameter.shape[1])
        values = values.to(torch.bfloat16).float()
        values[values.abs() < 2.0**-14] = 0.0
        with torch.no_grad():
            parameter.copy_(values)


# --- GGUF

SUFFIXES = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def gguf_name(name, gemma):
    outer = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
    stem, kind = name.rsplit(".", 1)
    if stem in outer:
        return f"{outer[stem]}.{kind}"
    _, _, layer, inner = stem.split(".", 3)
    post = {"post_attention_layernorm": "post_attention_norm" if gemma else "ffn_norm",
            "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm"}
    return f"blk.{layer}.{(SUFFIXES | post)[inner]}.{kind}"


def neighbours(array, heads):
    """Rows of one head from [first halves, second halves] to alternating, as GGUF's llama wants them."""
    return array.reshape(heads, 2, array.shape[0] // heads // 2, *array.shape[1:]).swapaxes(1, 2).reshape(array.shape)


def mixed_blocks(rng, shape, kind):
    """Random blocks of a format the gguf package reads but cannot write; scales keep weights near unit norm."""
    blocks = shape[0] * shape[1] // 256
    if kind == gguf.GGMLQuantizationType.Q4_K:
        data = rng.integers(0, 256, (blocks, 144), dtype=np.uint8)
        scales = np.full((blocks, 1), 1.2 / (math.sqrt(shape[1]) * 32 * 4.6), np.float16)
        minima = np.full((blocks, 1), 1.2 * 7.5 / (math.sqrt(shape[1]) * 32 * 4.6), np.float16)
        data[:, 0:2], data[:, 2:4] = scales.view(np.uint8), minima.view(np.uint8)
    else:
        data = rng.integers(0, 256, (blocks, 210), dtype=np.uint8)
        scales = np.full((blocks, 1), 1.2 / (math.sqrt(shape[1]) * 64 * 18.5), np.float16)
        data[:, 208:210] = scales.view(np.uint8)
    return data.reshape(shape[0], -1)


def mixed_format(name):
    types = gguf.GGMLQuantizationType
    if "token_embd" in name:
        return types.Q8_0
    if "attn_q." in name or "ffn_gate" in name or "ffn_up" in name:
        return types.Q4_K if "blk.0" in name else types.Q5_0
    if "attn_v" in name or "ffn_down" in name:
        return types.Q6_K
    return types.Q5_0


def write_gguf(path, model, spec, seed):
    """Writes the model as GGUF; for `mixed`, replaces the model's weights by what the blocks decode to."""
    config, gemma = model.config, spec["type"].startswith("gemma3")
    architecture = {"mistral": "llama", "gemma3_text": "gemma3"}.get(spec["type"], spec["type"])
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer = gguf.GGUFWriter(path, architecture)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
    if spec["type"] != "qwen2":
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    rope = config.rope_parameters
    if gemma:
        writer.add_sliding_window(config.sliding_window)
        rope = rope["full_attention"]
    else:
        writer.add_rope_dimension_count(head_dim)
    writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope["factor"])
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_divisors(rope, head_dim))

    rng = np.random.default_rng(seed)
    plain = dict(F32=np.float32, F16=np.float16)
    for name, parameter in model.named_parameters():
        target, array = gguf_name(name, gemma), parameter.detach().numpy().copy()
        if gemma and "norm" in name:
            array = array + np.float32(1)
        if architecture == "llama" and "q_proj" in name:
            array = neighbours(array, config.num_attention_heads)
        if architecture == "llama" and "k_proj" in name:
            array = neighbours(array, config.num_key_value_heads)
        if array.ndim == 1:
            writer.add_tensor(target, array)
        elif spec["gguf"] in plain:
            writer.add_tensor(target, array.astype(plain[spec["gguf"]]))
        elif spec["gguf"] == "BF16":
            kind = gguf.GGMLQuantizationType.BF16
            writer.add_tensor(target, gguf.quants.quantize(array, kind), raw_dtype=kind)
        else:
            kind = mixed_format(target)
            if kind in (gguf.GGMLQuantizationType.Q4_K, gguf.GGMLQuantizationType.Q6_K):
                blocks = mixed_blocks(rng, array.shape, kind)
            else:
                blocks = gguf.quants.quantize(array, kind)
            writer.add_tensor(target, blocks, raw_dtype=kind)
            with torch.no_grad():
                parameter.copy_(torch.from_numpy(gguf.quants.dequantize(blocks, kind).reshape(array.shape)))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def llama3_divisors(rope, head_dim):
    """What rope_freqs.weight holds: each inverse frequency is divided by its entry."""
    divisors = []
    for index in range(0, head_dim, 2):
        wavelength = 2 * math.pi * rope["rope_theta"] ** (index / head_dim)
        length, factor = rope["original_max_position_embeddings"], rope["factor"]
        low, high = rope["low_freq_factor"], rope["high_freq_factor"]
        if wavelength < length / high:
            divisors.append(1.0)
        elif wavelength > length / low:
            divisors.append(factor)
        else:
            smooth = (length / wavelength - low) / (high - low)
            divisors.append(1 / ((1 - smooth) / factor + smooth))
    return np.array(divisors, np.float32)


# --- Hugging Face directories


def old_spelling(config):
    """config.json as written before transformers 5: rope_theta and rope_scaling, no layer_types."""
    rope = config.pop("rope_parameters")
    config.pop("layer_types", None)
    if "full_attention" in rope:
        config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
        config["sliding_window_pattern"] = 6
        rope = rope["full_attention"]
    config["rope_theta"] = rope.pop("rope_theta")
    kind = rope.pop("rope_type", "default")
    config["rope_scaling"] = None if kind == "default" else dict(type=kind, **rope)
    config["torch_dtype"] = config.pop("dtype", "float32")
    return config


def write_directory(folder, model, spec):
    config = json.loads(model.config.to_json_string(use_diff=False))
    keep = set(spec["config"]) | {"model_type", "hidden_act", "hidden_activation", "rms_norm_eps", "head_dim",
                                  "rope_parameters", "layer_types", "tie_word_embeddings"}
    config = {key: value for key, value in config.items() if key in keep}
    config["architectures"] = [type(model).__name__]
    if spec.get("old"):
        config = old_spelling(config)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    (folder / "generation_config.json").write_text(
        json.dumps(dict(bos_token_id=1, eos_token_id=2, pad_token_id=0), indent=1) + "\n")
    dtype = dict(F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16)[spec["dtype"]]
    tensors = {name: value.detach().to(dtype).contiguous() for name, value in model.named_parameters()}
    save_file(tensors, folder / "model.safetensors", metadata=dict(format="pt"))


# --- running


def greedy(model, prompt):
    """The continuation by whole recomputation, and the smallest lead of a winner over its runner-up."""
    tokens, lead = list(prompt), math.inf
    for _ in range(GREEDY):
        with torch.no_grad():
            logits = model(torch.tensor([tokens]), use_cache=False).logits[0, -1].float()
        best = torch.topk(logits, 2).values
        lead = min(lead, float(best[0] - best[1]) / float(logits.std()))
        if lead < MARGIN:
            break
        tokens.append(int(logits.argmax()))
    return tokens[len(prompt):], lead


def build(name, spec, out):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    gemma = spec["type"].startswith("gemma3")
    for seed in range(1000):
        config = AutoConfig.for_model(spec["type"], **json.loads(json.dumps(spec["config"])))
        config._attn_implementation = "eager"
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
        randomise(model, gemma, seed)
        if spec.get("gguf") == "mixed":
            write_gguf(folder / "model.gguf", model, spec, seed)
        if gemma and spec.get("dtype") == "BF16":
            # transformers rounds the embedding scale to the weights' type; they are bfloat16 in this file.
            scale = model.model.embed_tokens.embed_scale
            scale.copy_(scale.to(torch.bfloat16).float())
        prompt = np.random.default_rng(seed).integers(3, VOCABULARY, PROMPT).tolist()
        if spec.get("warm"):
            model(torch.tensor([[5] * spec["warm"]]), use_cache=False)
        with torch.no_grad():
            logits = model(torch.tensor([prompt]), use_cache=False).logits[0].float()
        continuation, lead = greedy(model, prompt)
        if lead > MARGIN and len(set(continuation)) > 4:
            break
    if spec.get("gguf", "mixed") != "mixed":
        write_gguf(folder / "model.gguf", model, spec, seed)
    if spec.get("dtype"):
        write_directory(folder, model, spec)
    logits.numpy().astype("<f4").tofile(folder / "logits.f32")
    golden = dict(prompt=prompt, greedy=continuation, contextLength=spec.get("context", 256), seed=seed,
                  torch=torch.__version__, transformers=transformers.__version__)
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    print(f"{name}: seed {seed}, lead {lead:.3f}, logit deviation {float(logits.std()):.2f}, {continuation}")


# --- rotary tables


def rope_cases():
    default = dict(rope_type="default", rope_theta=10000.0)
    yarn = dict(YARN, rope_theta=10000.0, factor=16.0, original_max_position_embeddings=4096)
    long = dict(rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=4096,
                short_factor=[1 + 0.01 * i for i in range(32)], long_factor=[1 + 1.5 * i for i in range(32)])
    llama3 = dict(LLAMA3, rope_theta=500000.0, original_max_position_embeddings=8192)
    yield "default", default, None
    yield "default-partial", dict(default, partial_rotary_factor=0.25), None
    yield "linear", dict(default, rope_type="linear", factor=8.0), None
    yield "dynamic-short", dict(default, rope_type="dynamic", factor=4.0), 1000
    yield "dynamic-long", dict(default, rope_type="dynamic", factor=4.0), 100000
    yield "yarn", yarn, None
    yield "yarn-partial", dict(yarn, partial_rotary_factor=0.5), None
    yield "yarn-mscale", dict(yarn, factor=40.0, mscale=1.0, mscale_all_dim=0.707), None
    yield "yarn-attention-factor", dict(yarn, attention_factor=1.25, beta_fast=24.0, beta_slow=2.0), None
    yield "yarn-untruncated", dict(yarn, truncate=False), None
    yield "longrope-short", long, 4096
    yield "longrope-long", long, 4097
    yield "longrope-factor", dict(long, factor=32.0, attention_factor=1.19), 8000
    yield "llama3", llama3, None
    yield "llama3-partial", dict(llama3, factor=32.0, partial_rotary_factor=0.5), None


def write_rope(out):
    cases = []
    for name, parameters, length in rope_cases():
        config = AutoConfig.for_model(
            "llama", hidden_size=256, num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=65536,
            rope_parameters=json.loads(json.dumps(parameters)))
        kind = parameters["rope_type"]
        if kind == "default":
            # "default" left ROPE_INIT_FUNCTIONS in transformers 5; linear by 1 is the same formula.
            config.rope_parameters["factor"] = 1.0
            kind = "linear"
        frequencies, factor = ROPE_INIT_FUNCTIONS[kind](config, "cpu", seq_len=length)
        positions = torch.tensor([0, 1, 100, 5000, 65535])
        angles = positions[:, None].float() * frequencies[None, :]
        cases.append(dict(
            name=name, parameters=parameters, headDimension=64, maxPositions=65536, length=length or 65536,
            inverseFrequencies=frequencies.tolist(), attentionFactor=float(factor), positions=positions.tolist(),
            cosines=(angles.cos() * factor).tolist(), sines=(angles.sin() * factor).tolist()))
    (out / "rope.json").write_text(json.dumps(dict(cases=cases)) + "\n")


def main():
    out = Path(sys.argv[1])
    wanted = sys.argv[2:]
    write_rope(out) if not wanted or "rope" in wanted else None
    for name, spec in MODELS.items():
        if not wanted or name in wanted:
            build(name, spec, out)


main()
