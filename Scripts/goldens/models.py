# requirements: torch==2.13.0+cpu transformers==5.23.0 safetensors==0.8.0 gguf==0.19.0 numpy==2.4.6
"""Tiny random models and what transformers computes from them, for NuthatchModelsTests.

    python Scripts/goldens/models.py Tests/NuthatchModelsTests/Goldens

Each folder holds a checkpoint (config.json + model.safetensors, model.gguf, or both) and

    golden.json   prompt, the greedy continuation, the context length the model was run for
    logits.f32    float32 little-endian logits of every prompt position, [prompt, vocabulary]
    ragged.f32    where a model has it: logits behind the prompt's first RAGGED tokens, from one left-padded batch
    cold.f32      where a model has it: logits behind the prompt's first COLD tokens, each from a model that has computed
                  nothing before: positions turn as its length alone has it
    inside.f32    of the last rows: hidden states [layers + 1, rows, hidden], attentions [layers, heads, rows, prompt]

Every weight is rounded to a bfloat16 that float16 holds exactly, so one set of logits serves F32, F16, BF16
and GGUF files. Seeds move on until every greedy choice is won by a margin that rounding cannot overturn.
rope.json holds inverse frequencies and attention factors straight from ROPE_INIT_FUNCTIONS.
"""

import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

from gguf_models import named_tensors, unfused, write_gguf

VOCABULARY, PROMPT, GREEDY, INSIDE = 128, 48, 16, 3
RAGGED = (48, 31, 7, 1)
COLD = (7, 31, 32, 33, 40, 48)
MARGIN = 0.02
torch.set_num_threads(1)

LLAMA3 = dict(rope_type="llama3", rope_theta=500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)
YARN = dict(rope_type="yarn", rope_theta=1000.0, factor=4.0, original_max_position_embeddings=32)


def tiny(layers=2, **fields):
    return dict(vocab_size=VOCABULARY, num_hidden_layers=layers, max_position_embeddings=256,
                bos_token_id=1, eos_token_id=2, pad_token_id=0, **fields)


def gpt(layers=2, **fields):
    return dict(vocab_size=VOCABULARY, n_layer=layers, n_positions=256, bos_token_id=1, eos_token_id=2, **fields)


# name -> model type, config fields, and what to write.
# `old`: rewrite config.json to the spelling before transformers 5. `warm`: length the tables are grown for.
# `cold`: write cold.f32, of models whose positions turn in another way from a length on.
# `bare`: tensors named as in a model without an output matrix of its own. `gain`: how wide query and key weights are.
# `claims`: fields of config.json that say otherwise than the weights; transformers then reads both from the folder.
# `joint`: what makes keys and values of latents in one GGUF tensor, as converters had it before April 2025.
MODELS = {
    "llama-tied": dict(
        type="llama", dtype="F16", gguf="F16", old=True,
        config=tiny(layers=3, hidden_size=72, intermediate_size=136, num_attention_heads=6, num_key_value_heads=2,
                      tie_word_embeddings=True, rms_norm_eps=1e-5, rope_theta=10000.0)),
    "llama3-biased": dict(
        type="llama", dtype="F32", gguf="F32",
        config=tiny(hidden_size=64, intermediate_size=96, num_attention_heads=4, num_key_value_heads=1,
                      head_dim=24, attention_bias=True, mlp_bias=True, rope_parameters=LLAMA3)),
    "llama-yarn": dict(
        type="llama", dtype="BF16", gguf="BF16",
        config=tiny(hidden_size=100, intermediate_size=120, num_attention_heads=5, num_key_value_heads=5,
                      rope_parameters=YARN)),
    "llama-ownhead": dict(
        type="llama", dtype="F32", claims=dict(tie_word_embeddings=True),
        config=tiny(hidden_size=48, intermediate_size=80, num_attention_heads=4, num_key_value_heads=2,
                      tie_word_embeddings=False)),
    # A share of each head that Llama's default rotation doesn't look at.
    "llama-share": dict(
        type="llama", dtype="F16",
        config=tiny(hidden_size=48, intermediate_size=72, num_attention_heads=3, num_key_value_heads=1,
                      rope_parameters=dict(rope_type="default", rope_theta=500.0, partial_rotary_factor=0.5))),
    "llama-linear": dict(
        type="llama", dtype="F16", old=True,
        config=tiny(hidden_size=48, intermediate_size=100, num_attention_heads=4, num_key_value_heads=2,
                      rope_parameters=dict(rope_type="linear", rope_theta=100.0, factor=4.0))),
    "llama-longrope": dict(
        type="llama", dtype="F16", cold=True,
        config=tiny(hidden_size=48, intermediate_size=64, num_attention_heads=3, num_key_value_heads=3,
                      rope_parameters=dict(rope_type="longrope", rope_theta=100.0, factor=8.0,
                                           original_max_position_embeddings=32,
                                           short_factor=[1.0 + 0.1 * i for i in range(8)],
                                           long_factor=[1.0 + 0.7 * i for i in range(8)]))),
    "llama-dynamic": dict(
        type="llama", dtype="F16", warm=64, context=64, cold=True,
        config=tiny(hidden_size=48, intermediate_size=64, num_attention_heads=3, num_key_value_heads=1,
                      rope_parameters=dict(rope_type="dynamic", rope_theta=100.0, factor=2.0))
        | dict(max_position_embeddings=32)),
    "mistral-window": dict(
        type="mistral", dtype="BF16", old=True,
        config=tiny(hidden_size=64, intermediate_size=112, num_attention_heads=4, num_key_value_heads=2,
                      head_dim=32, sliding_window=16, rope_theta=1000.0)),
    "mistral-full": dict(
        type="mistral", dtype="F32", gguf="F16",
        config=tiny(hidden_size=60, intermediate_size=104, num_attention_heads=3, num_key_value_heads=1,
                      sliding_window=None, rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "qwen2-tied": dict(
        type="qwen2", dtype="BF16", gguf="F16", old=True,
        config=tiny(hidden_size=72, intermediate_size=104, num_attention_heads=6, num_key_value_heads=3,
                      tie_word_embeddings=True, rope_theta=1000.0)),
    "qwen2-window": dict(
        type="qwen2", dtype="F16",
        config=tiny(layers=3, hidden_size=60, intermediate_size=100, num_attention_heads=5, num_key_value_heads=1,
                      use_sliding_window=True, sliding_window=20, max_window_layers=1, rope_parameters=YARN)),
    "qwen3-untied": dict(
        type="qwen3", dtype="F16", gguf="F16", old=True,
        config=tiny(hidden_size=48, intermediate_size=100, num_attention_heads=3, num_key_value_heads=1,
                      head_dim=32, tie_word_embeddings=False, rope_theta=1000.0)),
    "qwen3-window": dict(
        type="qwen3", dtype="BF16",
        config=tiny(layers=3, hidden_size=64, intermediate_size=72, num_attention_heads=4, num_key_value_heads=4,
                      head_dim=20, attention_bias=True, tie_word_embeddings=True, use_sliding_window=True,
                      sliding_window=12, layer_types=["sliding_attention", "full_attention", "sliding_attention"],
                      rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "gemma3-pattern": dict(
        type="gemma3_text", dtype="F16", gguf="F16", old=True,
        config=tiny(layers=7, hidden_size=60, intermediate_size=48, num_attention_heads=3,
                      num_key_value_heads=1, head_dim=20, query_pre_attn_scalar=20, sliding_window=16,
                      rope_parameters=dict(full_attention=dict(rope_type="default", rope_theta=1000000.0),
                                           sliding_attention=dict(rope_type="default", rope_theta=10000.0)))),
    "gemma3-scaled": dict(
        type="gemma3_text", dtype="BF16",
        config=tiny(layers=4, hidden_size=68, intermediate_size=72, num_attention_heads=4,
                      num_key_value_heads=2, head_dim=24, query_pre_attn_scalar=30, sliding_window=10,
                      final_logit_softcapping=8.0,
                      layer_types=["sliding_attention", "full_attention", "full_attention", "sliding_attention"],
                      rope_parameters=dict(
                          full_attention=dict(rope_type="linear", rope_theta=5000.0, factor=8.0),
                          sliding_attention=dict(rope_type="default", rope_theta=100.0)))),
    # The block formats of the published 4-bit Gemma 3 files, in one file; K blocks need inner sizes of 256.
    "gemma3-mixed": dict(
        type="gemma3_text", gguf="mixed",
        config=tiny(layers=2, hidden_size=256, intermediate_size=256, num_attention_heads=2,
                      num_key_value_heads=1, head_dim=64, query_pre_attn_scalar=64, sliding_window=16,
                      layer_types=["sliding_attention", "sliding_attention"],
                      rope_parameters=dict(full_attention=dict(rope_type="default", rope_theta=1000000.0),
                                           sliding_attention=dict(rope_type="default", rope_theta=10000.0)))),
    "gemma2-softcaps": dict(
        type="gemma2", dtype="F16", gguf="F16", old=True,
        config=tiny(layers=4, hidden_size=60, intermediate_size=48, num_attention_heads=3, num_key_value_heads=1,
                    head_dim=20, query_pre_attn_scalar=20, sliding_window=16, attn_logit_softcapping=5.0,
                    final_logit_softcapping=8.0, rope_theta=1000.0)),
    "gemma2-wide": dict(
        type="gemma2", dtype="F32",
        config=tiny(layers=3, hidden_size=56, intermediate_size=72, num_attention_heads=4, num_key_value_heads=2,
                    head_dim=24, query_pre_attn_scalar=30, sliding_window=10, attention_bias=True,
                    layer_types=["full_attention", "sliding_attention", "sliding_attention"],
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "phi3-longrope": dict(
        type="phi3", dtype="BF16", gguf="F16", cold=True,
        config=tiny(hidden_size=60, intermediate_size=72, num_attention_heads=5, num_key_value_heads=5,
                    original_max_position_embeddings=32,
                    rope_parameters=dict(rope_type="longrope", rope_theta=100.0, partial_rotary_factor=1.0,
                                         short_factor=[1.0 + 0.1 * i for i in range(6)],
                                         long_factor=[1.0 + 0.7 * i for i in range(6)]))),
    "phi3-window": dict(
        type="phi3", dtype="F16", gguf="F32",
        config=tiny(hidden_size=72, intermediate_size=56, num_attention_heads=6, num_key_value_heads=2,
                    sliding_window=14, tie_word_embeddings=False,
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0, partial_rotary_factor=0.5))),
    "smollm3-interval": dict(
        type="smollm3", dtype="BF16", gguf="BF16",
        config=tiny(layers=5, hidden_size=60, intermediate_size=64, num_attention_heads=3, num_key_value_heads=1,
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "smollm3-listed": dict(
        type="smollm3", dtype="F32",
        config=tiny(layers=3, hidden_size=64, intermediate_size=72, num_attention_heads=4, num_key_value_heads=4,
                    no_rope_layers=[0, 1, 1], use_sliding_window=True, sliding_window=12, attention_bias=True,
                    tie_word_embeddings=False, rope_parameters=dict(rope_type="default", rope_theta=500.0))),
    "olmo2-grouped": dict(
        type="olmo2", dtype="F16", gguf="F16",
        config=tiny(hidden_size=60, intermediate_size=72, num_attention_heads=5, num_key_value_heads=1,
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "olmo2-yarn": dict(
        type="olmo2", dtype="F32", gguf="F32",
        config=tiny(layers=3, hidden_size=48, intermediate_size=64, num_attention_heads=4, num_key_value_heads=4,
                    tie_word_embeddings=True, rope_parameters=YARN)),
    "granite-scaled": dict(
        type="granite", dtype="BF16", gguf="BF16",
        config=tiny(hidden_size=60, intermediate_size=72, num_attention_heads=3, num_key_value_heads=1,
                    embedding_multiplier=3.0, logits_scaling=0.5, residual_multiplier=0.7,
                    attention_multiplier=0.25, tie_word_embeddings=True,
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "granite-biased": dict(
        type="granite", dtype="F32", gguf="F32",
        config=tiny(hidden_size=56, intermediate_size=40, num_attention_heads=4, num_key_value_heads=2,
                    attention_bias=True, mlp_bias=True, attention_multiplier=0.2,
                    rope_parameters=dict(rope_type="default", rope_theta=500.0))),
    "starcoder2-window": dict(
        type="starcoder2", dtype="F16", gguf="F16",
        config=tiny(hidden_size=60, intermediate_size=88, num_attention_heads=5, num_key_value_heads=1,
                    sliding_window=16, rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "starcoder2-plain": dict(
        type="starcoder2", dtype="F32",
        config=tiny(layers=3, hidden_size=56, intermediate_size=64, num_attention_heads=4, num_key_value_heads=2,
                    sliding_window=None, use_bias=False, tie_word_embeddings=False,
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "mixtral-full": dict(
        type="mixtral", dtype="F16", gguf="F16",
        config=tiny(hidden_size=72, intermediate_size=40, num_attention_heads=6, num_key_value_heads=2,
                    num_local_experts=4, num_experts_per_tok=2)),
    "mixtral-window": dict(
        type="mixtral", dtype="BF16", old=True,
        config=tiny(hidden_size=48, intermediate_size=24, num_attention_heads=3, num_key_value_heads=1, head_dim=20,
                    num_local_experts=6, num_experts_per_tok=3, sliding_window=20)),
    "qwen3moe-all": dict(
        type="qwen3_moe", dtype="BF16", gguf="BF16",
        config=tiny(hidden_size=64, intermediate_size=96, moe_intermediate_size=24, num_attention_heads=5,
                    num_key_value_heads=1, head_dim=20, num_experts=8, num_experts_per_tok=2, norm_topk_prob=True)),
    "qwen3moe-some": dict(
        type="qwen3_moe", dtype="F32", old=True,
        config=tiny(layers=4, hidden_size=40, intermediate_size=56, moe_intermediate_size=16, num_attention_heads=4,
                    num_key_value_heads=2, head_dim=24, num_experts=5, num_experts_per_tok=3, mlp_only_layers=[1],
                    decoder_sparse_step=2, attention_bias=True)),
    "deepseek2-greedy": dict(
        type="deepseek_v2", dtype="F32",
        config=tiny(hidden_size=60, intermediate_size=88, moe_intermediate_size=16, num_attention_heads=5,
                    num_key_value_heads=5, q_lora_rank=None, kv_lora_rank=24, qk_nope_head_dim=20, qk_rope_head_dim=8,
                    v_head_dim=12, n_routed_experts=6, num_experts_per_tok=2, n_shared_experts=2,
                    first_k_dense_replace=1, topk_method="greedy")),
    "deepseek2-lite": dict(
        type="deepseek_v2", dtype="F16", gguf="F16", joint=True, old=True,
        config=tiny(hidden_size=60, intermediate_size=72, moe_intermediate_size=16, num_attention_heads=3,
                    num_key_value_heads=3, q_lora_rank=None, kv_lora_rank=32, qk_nope_head_dim=20, qk_rope_head_dim=12,
                    v_head_dim=24, n_routed_experts=6, num_experts_per_tok=2, n_shared_experts=2,
                    first_k_dense_replace=1, topk_method="greedy",
                    rope_parameters=dict(YARN, mscale=0.707, mscale_all_dim=0.707))),
    "deepseek2-groups": dict(
        type="deepseek_v2", dtype="BF16", gguf="BF16",
        config=tiny(hidden_size=64, intermediate_size=72, moe_intermediate_size=24, num_attention_heads=4,
                    num_key_value_heads=4, q_lora_rank=28, kv_lora_rank=40, qk_nope_head_dim=16, qk_rope_head_dim=12,
                    v_head_dim=24, n_routed_experts=8, num_experts_per_tok=3, n_shared_experts=1, n_group=4,
                    topk_group=2, topk_method="group_limited_greedy", routed_scaling_factor=2.0)),
    "deepseek3-yarn": dict(
        type="deepseek_v3", dtype="BF16",
        config=tiny(layers=3, hidden_size=72, intermediate_size=80, moe_intermediate_size=16, num_attention_heads=3,
                    num_key_value_heads=3, q_lora_rank=32, kv_lora_rank=40, qk_nope_head_dim=16, qk_rope_head_dim=12,
                    v_head_dim=20, n_routed_experts=8, num_experts_per_tok=3, n_shared_experts=1, n_group=4,
                    topk_group=2, first_k_dense_replace=1, routed_scaling_factor=2.5, rope_interleave=True,
                    norm_topk_prob=True, rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=0.8))),
    # Rows of whole blocks, so that every type of `nuthatch quantize` has something to do.
    "deepseek3-blocks": dict(
        type="deepseek_v3", dtype="F16", gguf="F16", old=True,
        config=tiny(layers=3, hidden_size=64, intermediate_size=96, moe_intermediate_size=32, num_attention_heads=4,
                    num_key_value_heads=4, q_lora_rank=32, kv_lora_rank=64, qk_nope_head_dim=32, qk_rope_head_dim=16,
                    v_head_dim=32, n_routed_experts=8, num_experts_per_tok=3, n_shared_experts=1, n_group=4,
                    topk_group=2, first_k_dense_replace=1, routed_scaling_factor=2.5, norm_topk_prob=True,
                    rope_parameters=dict(YARN, mscale=1.0, mscale_all_dim=1.0))),
    "deepseek3-halves": dict(
        type="deepseek_v3", dtype="F16", gguf="F16",
        config=tiny(hidden_size=60, intermediate_size=64, moe_intermediate_size=20, num_attention_heads=5,
                    num_key_value_heads=5, q_lora_rank=None, kv_lora_rank=36, qk_nope_head_dim=12, qk_rope_head_dim=16,
                    v_head_dim=16, n_routed_experts=5, num_experts_per_tok=2, n_shared_experts=2, n_group=1,
                    topk_group=1, first_k_dense_replace=0, routed_scaling_factor=1.0, rope_interleave=False,
                    norm_topk_prob=False)),
    "gpt2-scaled": dict(
        type="gpt2", ragged=True, dtype="F16", gguf="F16",
        config=gpt(n_embd=60, n_head=5, n_inner=88)),
    "gpt2-reordered": dict(
        type="gpt2", ragged=True, dtype="F32",
        config=gpt(layers=3, n_embd=48, n_head=3, reorder_and_upcast_attn=True,
                   scale_attn_by_inverse_layer_idx=True)),
    "gpt2-unscaled": dict(
        type="gpt2", dtype="BF16", bare=True, gain=0.5,
        config=gpt(n_embd=40, n_head=2, scale_attn_weights=False, activation_function="relu")),
    "gptbigcode-shared": dict(
        type="gpt_bigcode", dtype="F16", gguf="F16",
        config=gpt(n_embd=60, n_head=5, n_inner=88, multi_query=True)),
    "gptbigcode-separate": dict(
        type="gpt_bigcode", dtype="F32",
        config=gpt(n_embd=48, n_head=3, multi_query=False, activation_function="gelu")),
    "gptneox-parallel": dict(
        type="gpt_neox", dtype="F16", gguf="F16",
        config=tiny(hidden_size=60, intermediate_size=88, num_attention_heads=3, hidden_act="gelu",
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0, partial_rotary_factor=0.4))),
    "gptneox-sequential": dict(
        type="gpt_neox", dtype="BF16",
        config=tiny(hidden_size=64, intermediate_size=72, num_attention_heads=4, hidden_act="gelu_new",
                    use_parallel_residual=False, attention_bias=False, tie_word_embeddings=True,
                    rope_parameters=dict(rope_type="default", rope_theta=500.0, partial_rotary_factor=1.0))),
    "opt-before": dict(
        type="opt", dtype="F16",
        config=tiny(hidden_size=60, ffn_dim=88, num_attention_heads=5, word_embed_proj_dim=60)),
    "opt-after": dict(
        type="opt", dtype="F32",
        config=tiny(hidden_size=48, ffn_dim=64, num_attention_heads=3, word_embed_proj_dim=36,
                    do_layer_norm_before=False)),
    "opt-bare": dict(
        type="opt", dtype="BF16", bare=True,
        config=tiny(hidden_size=40, ffn_dim=72, num_attention_heads=2, word_embed_proj_dim=40, enable_bias=False,
                    activation_function="gelu")),
    "falcon-shared": dict(
        type="falcon", dtype="F16", gguf="F16",
        config=tiny(hidden_size=60, ffn_hidden_size=88, num_attention_heads=5, multi_query=True,
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
    "falcon-grouped": dict(
        type="falcon", dtype="BF16", gguf="BF16",
        config=tiny(hidden_size=72, ffn_hidden_size=80, num_attention_heads=6, num_kv_heads=2,
                    new_decoder_architecture=True, bias=True, tie_word_embeddings=False,
                    rope_parameters=dict(rope_type="default", rope_theta=500.0))),
    "falcon-sequential": dict(
        type="falcon", dtype="F32",
        config=tiny(hidden_size=48, num_attention_heads=3, multi_query=False, parallel_attn=False, bias=True,
                    rope_parameters=dict(rope_type="default", rope_theta=1000.0))),
}


def randomise(model, gemma, seed, gain):
    """Weights wide enough that attention is peaked and logits differ; each exactly a float16 and a bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    tied = model.config.tie_word_embeddings
    for name, parameter in named_tensors(model):
        noise = torch.randn(parameter.shape, generator=generator)
        is_norm = "norm" in name or "ln_" in name
        if is_norm and not name.endswith("bias"):
            values = 0.25 * noise + (0.0 if gemma else 1.0)
        elif name.endswith("bias") or any(part in name for part in ("wpe", "embed_positions")):
            values = 0.3 * noise
        elif any(part in name for part in ("embed_tokens", "wte", "embed_in", "word_embeddings")):
            # Where the output is tied, a token would predict itself; a quiet embedding lets the layers speak.
            values = noise * (0.3 if tied else 1.0) / (math.sqrt(parameter.shape[1]) if gemma else 1.0)
        else:
            makes_scores = any(part in name for part in ("q_proj", "k_proj", "qkv", "query_key_value", "c_attn"))
            is_turned = model.config.model_type == "gpt2" and name != "lm_head.weight"
            values = (gain if makes_scores else 1.2) * noise / math.sqrt(parameter.shape[0 if is_turned else -1])
        values = values.to(torch.bfloat16).float()
        values[values.abs() < 2.0**-14] = 0.0
        with torch.no_grad():
            parameter.copy_(values)


# --- Hugging Face directories


def apart(name, value, kind):
    """Each expert's tensors as published checkpoints name them."""
    if kind == "mixtral":
        name = name.replace(".mlp.", ".block_sparse_moe.")
        for new, old in (("gate_proj", "w1"), ("up_proj", "w3"), ("down_proj", "w2")):
            name = name.replace(new, old)
    if ".experts." not in name:
        return [(name, value)]
    return [(name.replace(".experts.", f".experts.{index}."), part) for index, part in enumerate(value)]


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
    if config["model_type"] == "qwen3_moe":
        config["num_experts"] = config.pop("num_local_experts")
    return config


def write_directory(folder, model, spec):
    config = json.loads(model.config.to_json_string(use_diff=False))
    keep = set(spec["config"]) | {"model_type", "hidden_act", "hidden_activation", "rms_norm_eps", "head_dim",
                                  "rope_parameters", "layer_types", "tie_word_embeddings", "num_local_experts"}
    config = {key: value for key, value in config.items() if key in keep}
    config["architectures"] = [type(model).__name__]
    config |= spec.get("claims", {})
    if spec.get("old"):
        config = old_spelling(config)
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    (folder / "generation_config.json").write_text(
        json.dumps(dict(bos_token_id=1, eos_token_id=2, pad_token_id=0), indent=1) + "\n")
    dtype = dict(F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16)[spec["dtype"]]
    prefix = f"{model.base_model_prefix}." if spec.get("bare") else ""
    tensors = {}
    for name, value in unfused(named_tensors(model)):
        for stored, part in apart(name.removeprefix(prefix), value.detach(), spec["type"]):
            tensors[stored] = part.to(dtype).contiguous()
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


def inside(model, prompt):
    """Hidden states and attentions of the last rows."""
    with torch.no_grad():
        output = model(torch.tensor([prompt]), use_cache=False, output_hidden_states=True, output_attentions=True)
    states = [state[0, -INSIDE:].float().numpy() for state in output.hidden_states]
    attentions = [attention[0, :, -INSIDE:].float().numpy() for attention in output.attentions]
    return np.concatenate([part.reshape(-1) for part in states + attentions])


def cold(model, prompt):
    """The last logits of beginnings of a prompt, each from a copy whose rotary table nothing has grown or shrunk."""
    rows = []
    for length in COLD:
        fresh = AutoModelForCausalLM.from_config(model.config, dtype=torch.float32).eval()
        fresh.load_state_dict(model.state_dict())
        with torch.no_grad():
            rows.append(fresh(torch.tensor([prompt[:length]]), use_cache=False).logits[0, -1].float())
    return torch.stack(rows)


def ragged(model, prompt):
    """The last logits of prompts of several lengths, padded on the left to one."""
    tokens = torch.zeros(len(RAGGED), PROMPT, dtype=torch.long)
    mask = torch.zeros_like(tokens)
    for row, length in enumerate(RAGGED):
        tokens[row, PROMPT - length:] = torch.tensor(prompt[:length])
        mask[row, PROMPT - length:] = 1
    positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
    with torch.no_grad():
        return model(tokens, attention_mask=mask, position_ids=positions, use_cache=False).logits[:, -1].float()


def build(name, spec, out):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    gemma = spec["type"].startswith("gemma")
    for seed in range(1000):
        config = AutoConfig.for_model(spec["type"], **json.loads(json.dumps(spec["config"])))
        config._attn_implementation = "eager"
        model = AutoModelForCausalLM.from_config(config, dtype=torch.float32).eval()
        randomise(model, gemma, seed, spec.get("gain", 1.6))
        if spec.get("gguf") == "mixed":
            write_gguf(folder / "model.gguf", model, spec, seed)
        if spec.get("claims"):
            write_directory(folder, model, spec)
            model = AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
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
    if spec.get("dtype") and not spec.get("claims"):
        write_directory(folder, model, spec)
    logits.numpy().astype("<f4").tofile(folder / "logits.f32")
    inside(model, prompt).astype("<f4").tofile(folder / "inside.f32")
    if spec.get("cold"):
        cold(model, prompt).numpy().astype("<f4").tofile(folder / "cold.f32")
    if spec.get("ragged"):
        ragged(model, prompt).numpy().astype("<f4").tofile(folder / "ragged.f32")
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
