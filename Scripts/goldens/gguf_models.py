"""Writes the tiny models of models.py as GGUF, named and ordered as llama.cpp's converter does."""

import math

import gguf
import numpy as np
import torch

# config model type -> architecture in GGUF files
ARCHITECTURES = {"mistral": "llama", "mixtral": "llama", "qwen3_moe": "qwen3moe", "gemma3_text": "gemma3", "gpt_bigcode": "starcoder", "gpt_neox": "gptneox",
                 "deepseek_v2": "deepseek2", "deepseek_v3": "deepseek2"}
# Architectures whose converter makes the elements of a rotary pair neighbours.
NEIGHBOURS = ("llama", "granite", "smollm3")
OUTER = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output",
    "transformer.wte": "token_embd", "transformer.wpe": "position_embd", "transformer.ln_f": "output_norm",
    "transformer.word_embeddings": "token_embd",
    "gpt_neox.embed_in": "token_embd", "gpt_neox.final_layer_norm": "output_norm", "embed_out": "output",
}
INNER = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "self_attn.qkv_proj": "attn_qkv",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "mlp.gate_up_proj": "ffn_up",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate": "ffn_gate_inp", "mlp.experts.gate_proj": "ffn_gate_exps", "mlp.experts.up_proj": "ffn_up_exps",
    "mlp.experts.down_proj": "ffn_down_exps",
    "mlp.shared_experts.gate_proj": "ffn_gate_shexp", "mlp.shared_experts.up_proj": "ffn_up_shexp",
    "mlp.shared_experts.down_proj": "ffn_down_shexp",
    "self_attn.q_a_proj": "attn_q_a", "self_attn.q_a_layernorm": "attn_q_a_norm", "self_attn.q_b_proj": "attn_q_b",
    "self_attn.kv_a_proj_with_mqa": "attn_kv_a_mqa", "self_attn.kv_a_layernorm": "attn_kv_a_norm",
    "self_attn.kv_b_proj": "attn_kv_b", "self_attn.k_b_proj": "attn_k_b", "self_attn.v_b_proj": "attn_v_b",
    "ln_1": "attn_norm", "ln_2": "ffn_norm", "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output",
    "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
    "attention.query_key_value": "attn_qkv", "attention.dense": "attn_output",
    "self_attention.query_key_value": "attn_qkv", "self_attention.dense": "attn_output",
    "ln_attn": "attn_norm_2", "ln_mlp": "attn_norm",
    "mlp.dense_h_to_4h": "ffn_up", "mlp.dense_4h_to_h": "ffn_down",
}
# Where norms stand on both sides of sublayers, or behind them.
AROUND = INNER | {"post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
                  "post_feedforward_layernorm": "post_ffw_norm"}


def named_tensors(model):
    """Parameters, and the buffers that checkpoints hold."""
    yield from model.named_parameters()
    for name, buffer in model.named_buffers():
        if name.endswith("e_score_correction_bias"):
            yield name, buffer


def unfused(parameters):
    """Named tensors with experts' gates and inner matrices apart, each [experts, outputs, inputs]."""
    for name, value in parameters:
        if name.endswith("experts.gate_up_proj"):
            gate, up = value.chunk(2, dim=1)
            yield name.replace("gate_up_proj", "gate_proj.weight"), gate
            yield name.replace("gate_up_proj", "up_proj.weight"), up
        elif name.endswith("experts.down_proj"):
            yield f"{name}.weight", value
        else:
            yield name, value


def halved(parameters, config, joint):
    """What makes keys and values of latents as two tensors, the keys' [heads, rank, plain] and the values'."""
    for name, value in parameters:
        if joint or not name.endswith("kv_b_proj.weight"):
            yield name, value
            continue
        heads = value.view(config.num_attention_heads, -1, value.shape[-1])
        keys, values = heads.split([config.qk_nope_head_dim, config.v_head_dim], dim=1)
        yield name.replace("kv_b_proj", "k_b_proj"), keys.transpose(1, 2).contiguous()
        yield name.replace("kv_b_proj", "v_b_proj"), values.contiguous()


def gguf_name(name, architecture):
    stem, kind = name.rsplit(".", 1)
    if kind == "e_score_correction_bias":
        return f"blk.{stem.split('.')[2]}.exp_probs_b.bias"
    if stem in OUTER:
        return f"{OUTER[stem]}.{kind}"
    inner = AROUND if architecture in ("gemma2", "gemma3", "olmo2") else INNER
    layer, part = stem.split(".", 2)[2].split(".", 1)
    return f"blk.{layer}.{inner[part]}.{kind}"


def neighbours(array, heads):
    """Rows of one head from [first halves, second halves] to alternating, as GGUF's llama wants them."""
    return array.reshape(heads, 2, array.shape[0] // heads // 2, *array.shape[1:]).swapaxes(1, 2).reshape(array.shape)


def turning_neighbours(array, heads, plain):
    """The same of the rows of a head behind its first ones, which don't turn."""
    rows = array.reshape(heads, -1, *array.shape[1:])
    turning = neighbours(rows[:, plain:].reshape(-1, *array.shape[1:]), heads)
    return np.concatenate([rows[:, :plain], turning.reshape(rows[:, plain:].shape)], axis=1).reshape(array.shape)


def by_part(array, kv_heads, group):
    """Rows [kv head][queries, key, value] to all queries, all keys, all values."""
    rows = array.reshape(kv_heads, group + 2, -1, *array.shape[1:])
    parts = rows[:, :group], rows[:, group], rows[:, group + 1]
    return np.concatenate([part.reshape(-1, *array.shape[1:]) for part in parts])


def arranged(name, array, architecture, config, heads, kv_heads):
    """A tensor as the converter of its architecture leaves it."""
    if architecture.startswith("gemma") and "norm" in name:
        return array + np.float32(1)
    if architecture in NEIGHBOURS and "q_proj" in name:
        return neighbours(array, heads)
    if architecture in NEIGHBOURS and "k_proj" in name:
        return neighbours(array, kv_heads)
    if architecture == "deepseek2" and not getattr(config, "rope_interleave", True):
        # llama.cpp's converter takes every model for interleaved; this is what its engine then needs.
        if "self_attn.q_proj" in name or "q_b_proj" in name:
            return turning_neighbours(array, heads, config.qk_nope_head_dim)
        if "kv_a_proj_with_mqa" in name:
            return turning_neighbours(array, 1, config.kv_lora_rank)
    if architecture == "gpt2" and array.ndim == 2 and ("c_attn" in name or "c_proj" in name or "c_fc" in name):
        return np.ascontiguousarray(array.T)
    if architecture in ("gptneox", "falcon") and "query_key_value" in name:
        return by_part(array, kv_heads, heads // kv_heads)
    return array


def head_counts(config, architecture):
    heads = config.num_attention_heads
    if architecture == "falcon":
        return heads, config.num_kv_heads if config.new_decoder_architecture else 1
    if architecture == "starcoder":
        return heads, 1 if config.multi_query else heads
    return heads, getattr(config, "num_key_value_heads", None) or heads


def inner_size(config):
    for key in ("intermediate_size", "n_inner", "ffn_hidden_size"):
        if getattr(config, key, None):
            return getattr(config, key)
    return 4 * config.hidden_size


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


def write_latent(writer, config, joint):
    """Latent attention and how experts are chosen; `joint` as in files of 2024, which left much out."""
    head = config.qk_nope_head_dim + config.qk_rope_head_dim
    if config.q_lora_rank is not None:
        writer.add_q_lora_rank(config.q_lora_rank)
    writer.add_kv_lora_rank(config.kv_lora_rank)
    writer.add_key_length(head if joint else config.kv_lora_rank + config.qk_rope_head_dim)
    writer.add_value_length(config.v_head_dim if joint else config.kv_lora_rank)
    writer.add_leading_dense_block_count(config.first_k_dense_replace)
    writer.add_expert_shared_count(config.n_shared_experts)
    writer.add_expert_weights_scale(config.routed_scaling_factor)
    if "mscale_all_dim" in config.rope_parameters:
        writer.add_rope_scaling_yarn_log_mul(0.1 * config.rope_parameters["mscale_all_dim"])
    if joint:
        return
    writer.add_key_length_mla(head)
    writer.add_value_length_mla(config.v_head_dim)
    if config.n_group is not None:
        writer.add_expert_group_count(config.n_group)
        writer.add_expert_group_used_count(config.topk_group)
    if config.model_type == "deepseek_v3":
        writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
        if config.norm_topk_prob:
            writer.add_expert_weights_norm(True)


def write_header(writer, config, architecture, joint=False):
    heads, kv_heads = head_counts(config, architecture)
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // heads
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(inner_size(config))
    writer.add_head_count(heads)
    if architecture not in ("gpt2", "gptneox"):
        writer.add_head_count_kv(1 if architecture == "deepseek2" and not joint else kv_heads)
    if getattr(config, "rms_norm_eps", None):
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    for key in ("layer_norm_epsilon", "layer_norm_eps", "norm_epsilon"):
        if getattr(config, key, None):
            writer.add_layer_norm_eps(getattr(config, key))
    writer.add_vocab_size(config.vocab_size)
    if architecture in ("llama", "gemma2", "gemma3", "qwen3", "qwen3moe"):
        writer.add_key_length(head_dim)
        writer.add_value_length(head_dim)
    if architecture == "deepseek2":
        write_latent(writer, config, joint)
    if architecture == "gptneox":
        writer.add_parallel_residual(config.use_parallel_residual)
    if architecture == "granite":
        writer.add_attention_scale(config.attention_multiplier)
        writer.add_embedding_scale(config.embedding_multiplier)
        writer.add_residual_scale(config.residual_multiplier)
        writer.add_logit_scale(config.logits_scaling)
    if getattr(config, "attn_logit_softcapping", None):
        writer.add_attn_logit_softcapping(config.attn_logit_softcapping)
    if getattr(config, "final_logit_softcapping", None):
        writer.add_final_logit_softcapping(config.final_logit_softcapping)
    experts = getattr(config, "num_local_experts", None) or getattr(config, "num_experts", None)
    if experts:
        writer.add_expert_count(experts)
        writer.add_expert_used_count(config.num_experts_per_tok)
        if getattr(config, "moe_intermediate_size", None):
            writer.add_expert_feed_forward_length(config.moe_intermediate_size)
    if getattr(config, "sliding_window", None):
        writer.add_sliding_window(config.sliding_window)
    if getattr(config, "rope_parameters", None):
        write_rope(writer, config, architecture, head_dim)


def write_rope(writer, config, architecture, head_dim):
    rope = config.rope_parameters
    if architecture == "gemma3":
        rope = rope["full_attention"]
    elif architecture != "gemma2":
        writer.add_rope_dimension_count(int(head_dim * rope.get("partial_rotary_factor", 1)))
    writer.add_rope_freq_base(rope["rope_theta"])
    if rope["rope_type"] == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(rope["factor"])
        writer.add_rope_scaling_orig_ctx_len(rope["original_max_position_embeddings"])
    if rope["rope_type"] == "llama3":
        writer.add_tensor("rope_freqs.weight", llama3_divisors(rope, head_dim))
    if rope["rope_type"] == "longrope":
        original = config.original_max_position_embeddings
        writer.add_rope_scaling_orig_ctx_len(original)
        stretch = config.max_position_embeddings / original
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(stretch) / math.log(original)))
        writer.add_tensor("rope_factors_long.weight", np.array(rope["long_factor"], np.float32))
        writer.add_tensor("rope_factors_short.weight", np.array(rope["short_factor"], np.float32))


def write_gguf(path, model, spec, seed):
    """Writes the model as GGUF; for `mixed`, replaces the model's weights by what the blocks decode to."""
    config = model.config
    architecture = ARCHITECTURES.get(spec["type"], spec["type"])
    heads, kv_heads = head_counts(config, architecture)
    writer = gguf.GGUFWriter(path, architecture)
    joint = spec.get("joint", False)
    write_header(writer, config, architecture, joint)
    rng = np.random.default_rng(seed)
    plain = dict(F32=np.float32, F16=np.float16)
    for name, parameter in halved(unfused(named_tensors(model)), config, joint):
        target = gguf_name(name, architecture)
        array = arranged(name, parameter.detach().numpy().copy(), architecture, config, heads, kv_heads)
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
