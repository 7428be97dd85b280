# requirements: torch==2.13.0+cpu transformers==5.23.0 safetensors==0.8.0 numpy==2.4.6 gguf==0.19.0
"""Tiny random encoder-decoders and what transformers computes from them, for NuthatchModelsTests.

    python Scripts/goldens/encoder_decoder_models.py Tests/NuthatchModelsTests/Goldens [NAME ...]

Each folder holds a checkpoint (config.json + model.safetensors) and

    golden.json   sources of several lengths; for each a given target and the greedy answer
    states.f32    float32 little-endian states of the encoder, [source, token, hidden]
    logits.f32    logits of every position of the targets, [source, token, vocabulary]
    model.gguf    of T5, the same weights as llama.cpp's converter names them

Every weight is rounded to a bfloat16 that float16 holds exactly, so one set of numbers serves F32, F16 and BF16.
Seeds move on until every greedy choice is won by a margin that rounding cannot overturn.
relative_positions.json holds buckets straight from T5Attention.
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
from transformers import AutoConfig, AutoModelForSeq2SeqLM
from transformers.models.t5.modeling_t5 import T5Attention

VOCABULARY, TARGET, GREEDY = 128, 20, 12
# Beyond T5's largest distance, 128; within a page, a vector; and one token alone.
SOURCE_LENGTHS = [37, 1, 150, 16]
MARGIN = 0.01
torch.set_num_threads(1)


def t5(**fields):
    return dict(vocab_size=VOCABULARY, decoder_start_token_id=0, pad_token_id=0, eos_token_id=1, **fields)


def bart(**fields):
    return dict(vocab_size=VOCABULARY, max_position_embeddings=160, decoder_start_token_id=2, pad_token_id=1,
                bos_token_id=0, eos_token_id=2, **fields)


# name -> model type, config fields, and what to write.
# `untied`: an output matrix of its own. `old`: what config.json said before transformers 5.
# `extra`: what it says besides. `saves`: tensors beside those that transformers saves. `drops`: those left out.
# `claims`: the output matrix is its own although config.json ties it; transformers then reads both from the folder.
# `gguf`: whether a GGUF file can say what it is. `gain`: how wide query and key weights are; T5 does not scale scores.
MODELS = {
    "t5-tied": dict(
        type="t5", dtype="F32", gain=1.0, gguf=True,
        config=t5(d_model=56, d_kv=20, d_ff=72, num_layers=2, num_heads=3)),
    "t5-gated": dict(
        type="t5", dtype="F16", gain=1.0, untied=True, old=True, gguf=True,
        config=t5(d_model=48, d_kv=12, d_ff=88, num_layers=3, num_decoder_layers=2, num_heads=5,
                  feed_forward_proj="gated-gelu", relative_attention_num_buckets=32)),
    "t5-near": dict(
        type="t5", dtype="BF16", gain=1.0, untied=True,
        config=t5(d_model=40, d_kv=16, d_ff=64, num_layers=1, num_decoder_layers=3, num_heads=4,
                  feed_forward_proj="gated-silu", relative_attention_num_buckets=20,
                  relative_attention_max_distance=25)),
    "t5-ownhead": dict(
        type="t5", dtype="F32", gain=1.0, claims=True,
        config=t5(d_model=40, d_kv=16, d_ff=56, num_layers=1, num_decoder_layers=2, num_heads=3)),
    "bart-plain": dict(
        type="bart", dtype="F32", gain=2.5,
        # The count that old files give for both halves is the encoder's.
        extra=dict(num_hidden_layers=2),
        config=bart(d_model=60, encoder_layers=2, decoder_layers=1, encoder_attention_heads=5,
                    decoder_attention_heads=3, encoder_ffn_dim=88, decoder_ffn_dim=72)),
    "bart-scaled": dict(
        type="bart", dtype="F16", gain=2.5, drops=["final_logits_bias"],
        config=bart(d_model=48, encoder_layers=1, decoder_layers=2, encoder_attention_heads=3,
                    decoder_attention_heads=3, encoder_ffn_dim=64, decoder_ffn_dim=64, scale_embedding=True,
                    activation_function="gelu_new", forced_bos_token_id=7)),
    "bart-ownhead": dict(
        type="bart", dtype="BF16", gain=2.5, claims=True,
        config=bart(d_model=48, encoder_layers=1, decoder_layers=2, encoder_attention_heads=3,
                    decoder_attention_heads=3, encoder_ffn_dim=56, decoder_ffn_dim=72)),
    "marian-shared": dict(
        type="marian", dtype="F16", gain=2.5, saves=["embed_positions"],
        config=bart(d_model=48, encoder_layers=2, decoder_layers=2, encoder_attention_heads=3,
                    decoder_attention_heads=3, encoder_ffn_dim=64, decoder_ffn_dim=64, scale_embedding=True,
                    activation_function="swish")
        | dict(decoder_start_token_id=127, pad_token_id=127, eos_token_id=0)),
    "marian-separate": dict(
        type="marian", dtype="F32", gain=2.5,
        config=bart(d_model=60, encoder_layers=1, decoder_layers=2, encoder_attention_heads=5,
                    decoder_attention_heads=5, encoder_ffn_dim=56, decoder_ffn_dim=88, activation_function="relu",
                    share_encoder_decoder_embeddings=False, decoder_vocab_size=96)
        | dict(decoder_start_token_id=95, pad_token_id=95, eos_token_id=0)),
    "marian-ownhead": dict(
        type="marian", dtype="F16", gain=2.5, claims=True,
        config=bart(d_model=48, encoder_layers=2, decoder_layers=1, encoder_attention_heads=4,
                    decoder_attention_heads=4, encoder_ffn_dim=64, decoder_ffn_dim=64, scale_embedding=True,
                    activation_function="swish")
        | dict(decoder_start_token_id=127, pad_token_id=127, eos_token_id=0)),
}


def randomise(model, spec, seed):
    """Weights wide enough that attention is peaked and logits differ; each exactly a float16 and a bfloat16."""
    generator = torch.Generator().manual_seed(seed)
    config = model.config
    # As loud as what positions add; in T5, whose sums no norm holds down, quiet enough that a tied output does not
    # predict its own input.
    loudness = 0.3 if spec["type"] == "t5" else 0.6
    loudness /= math.sqrt(config.d_model) if getattr(config, "scale_embedding", False) else 1
    tensors = list(model.named_parameters()) + [(n, b) for n, b in model.named_buffers() if "logits_bias" in n]
    for name, tensor in tensors:
        if not tensor.requires_grad and "embed_positions" in name:
            continue  # Marian's sines
        noise = torch.randn(tensor.shape, generator=generator)
        if "norm" in name and not name.endswith("bias"):
            values = 1 + 0.25 * noise
        elif "relative_attention_bias" in name:
            values = noise
        elif name.endswith("bias") or "embed_positions" in name:
            values = (0.1 if name.endswith("bias") else 0.3) * noise
        elif "shared" in name or "embed_tokens" in name:
            values = loudness * noise
        else:
            makes_scores = any(part in name for part in ("q_proj", "k_proj", "Attention.q", "Attention.k"))
            # Loud sublayers: what norms of sums leave of the last token would else answer for itself.
            values = (spec["gain"] if makes_scores else 1.8) * noise / math.sqrt(tensor.shape[1])
        values = values.to(torch.bfloat16).float()
        values[values.abs() < 2.0**-14] = 0.0
        with torch.no_grad():
            tensor.copy_(values)


def make(spec, seed):
    config = AutoConfig.for_model(
        spec["type"], **spec["config"], **(dict(tie_word_embeddings=False) if spec.get("untied") else {}))
    config._attn_implementation = "eager"
    model = AutoModelForSeq2SeqLM.from_config(config, dtype=torch.float32).eval()
    if spec.get("untied") or spec.get("claims"):
        model.lm_head.weight = torch.nn.Parameter(torch.zeros_like(model.lm_head.weight))
    randomise(model, spec, seed)
    return model


def write_directory(folder, model, spec):
    config = json.loads(model.config.to_json_string(use_diff=False))
    keep = set(spec["config"]) | {"model_type", "is_encoder_decoder", "tie_word_embeddings", "scale_embedding",
                                  "scale_decoder_outputs", "activation_function", "feed_forward_proj",
                                  "relative_attention_num_buckets", "share_encoder_decoder_embeddings"}
    config = {key: value for key, value in config.items() if key in keep} | spec.get("extra", {})
    config["architectures"] = [type(model).__name__]
    # What transformers 5 moves to generation_config.json.
    config |= {key: spec["config"][key] for key in ("forced_bos_token_id",) if key in spec["config"]}
    if spec.get("old"):
        config.pop("scale_decoder_outputs")
        config["tie_word_embeddings"] = False
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    dtype = dict(F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16)[spec["dtype"]]
    tensors = dict(model.named_parameters())
    tensors |= {name: buffer for name, buffer in model.named_buffers() if "logits_bias" in name}
    tensors = {name: value.detach().to(dtype).contiguous() for name, value in tensors.items()
               if name not in spec.get("drops", [])
               and ("embed_positions" not in name or value.requires_grad or "embed_positions" in spec.get("saves", []))}
    save_file(tensors, folder / "model.safetensors", metadata=dict(format="pt"))


def write_gguf(folder, model, spec):
    """Keys and names as conversion/t5.py of llama.cpp; matrices in the checkpoint's type, vectors in F32."""
    config = model.config
    writer = gguf.GGUFWriter(folder / "model.gguf", "t5")
    writer.add_context_length(512)
    writer.add_embedding_length(config.d_model)
    writer.add_feed_forward_length(config.d_ff)
    writer.add_block_count(config.num_layers)
    writer.add_decoder_block_count(config.num_decoder_layers)
    writer.add_head_count(config.num_heads)
    writer.add_key_length(config.d_kv)
    writer.add_value_length(config.d_kv)
    writer.add_layer_norm_eps(config.layer_norm_epsilon)
    writer.add_relative_attn_buckets_count(config.relative_attention_num_buckets)
    writer.add_layer_norm_rms_eps(config.layer_norm_epsilon)
    writer.add_decoder_start_token_id(config.decoder_start_token_id)
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.T5, max(config.num_layers, config.num_decoder_layers))
    for name, value in model.named_parameters():
        array = value.detach().numpy()
        if spec["dtype"] == "F16" and array.ndim > 1 and "relative" not in name:
            array = array.astype(np.float16)
        writer.add_tensor(names.get_name(name, try_suffixes=(".weight",)), array)
    write_pieces(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def write_pieces(writer):
    """A unigram model of as many pieces as the vocabulary, for what reads text."""
    pieces = ["<pad>", "</s>", "<unk>", "▁"] + [chr(letter) for letter in range(ord("!"), ord("~") + 1)]
    pieces += [f"▁{word}" for word in "the a of to in is it and on at".split()]
    pieces += [f"<extra_id_{index}>" for index in range(VOCABULARY - len(pieces))]
    writer.add_tokenizer_model("t5")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0 if piece[0] == "<" and len(piece) > 1 else -float(len(piece) % 5 + index / 99)
                             for index, piece in enumerate(pieces)])
    kinds = {"<pad>": 3, "</s>": 3, "<unk>": 2}
    writer.add_token_types([kinds.get(piece, 4 if piece.startswith("<extra") else 1) for piece in pieces])
    writer.add_add_space_prefix(True)
    writer.add_remove_extra_whitespaces(True)
    writer.add_eos_token_id(1)
    writer.add_unk_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(True)


def greedy(model, source, start, forced):
    """The answer by whole recomputation, and the smallest lead of a winner over its runner-up."""
    tokens, lead = [start], math.inf
    if forced is not None:
        tokens.append(forced)
    states = model.get_encoder()(input_ids=torch.tensor([source]))
    while len(tokens) <= GREEDY:
        with torch.no_grad():
            logits = model(encoder_outputs=states, decoder_input_ids=torch.tensor([tokens]),
                           use_cache=False).logits[0, -1]
        best = torch.topk(logits, 2).values
        lead = min(lead, float(best[0] - best[1]) / float(logits.std()))
        if lead < MARGIN:
            break
        tokens.append(int(logits.argmax()))
    return tokens[1:], lead


def build(name, spec, out):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    start, forced = spec["config"]["decoder_start_token_id"], spec["config"].get("forced_bos_token_id")
    size = spec["config"].get("decoder_vocab_size", VOCABULARY)
    for seed in range(400):
        model = make(spec, seed)
        if "drops" in spec:
            model.final_logits_bias.zero_()
        if spec.get("claims"):
            write_directory(folder, model, spec)
            model = AutoModelForSeq2SeqLM.from_pretrained(
                folder, attn_implementation="eager", dtype=torch.float32).eval()
            assert model.config.tie_word_embeddings
            assert not torch.equal(model.lm_head.weight, model.get_input_embeddings().weight)
        random = np.random.default_rng(seed)
        sources = [random.integers(3, VOCABULARY, length).tolist() for length in SOURCE_LENGTHS]
        answers = []
        for source in sources:
            answers.append(greedy(model, source, start, forced))
            if answers[-1][1] < MARGIN:
                break
        lead = min(answer[1] for answer in answers)
        if lead >= MARGIN and len({token for answer in answers for token in answer[0]}) > 6:
            break
    targets = [[start] + random.integers(3, size, TARGET - 1).tolist() for _ in sources]
    states, logits = [], []
    with torch.no_grad():
        for source, target in zip(sources, targets):
            output = model(input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([target]), use_cache=False)
            states.append(output.encoder_last_hidden_state[0].numpy())
            logits.append(output.logits[0].numpy())
    if not spec.get("claims"):
        write_directory(folder, model, spec)
    if spec.get("gguf"):
        write_gguf(folder, model, spec)
    np.concatenate(states).astype("<f4").tofile(folder / "states.f32")
    np.concatenate(logits).astype("<f4").tofile(folder / "logits.f32")
    golden = dict(sources=sources, targets=targets, greedy=[answer[0] for answer in answers], seed=seed,
                  torch=torch.__version__, transformers=transformers.__version__)
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    print(f"{name}: seed {seed}, lead {lead:.3f}, logit deviation {np.concatenate(logits).std():.2f}, "
          f"state deviation {np.concatenate(states).std():.2f}, {answers[0][0]}")


def write_relative_positions(out):
    distances = torch.arange(-300, 301)
    cases = []
    for buckets, furthest in [(32, 128), (20, 25), (32, 20), (8, 300), (64, 256), (7, 50), (4, 128)]:
        for is_bidirectional in (True, False):
            found = T5Attention._relative_position_bucket(distances, is_bidirectional, buckets, furthest)
            cases.append(dict(bucketCount=buckets, maximumDistance=furthest, isBidirectional=is_bidirectional,
                              distances=distances.tolist(), buckets=found.tolist()))
    (out / "relative_positions.json").write_text(json.dumps(dict(cases=cases)) + "\n")


def main():
    out = Path(sys.argv[1])
    wanted = sys.argv[2:]
    if not wanted or "relative_positions" in wanted:
        write_relative_positions(out)
    for name, spec in MODELS.items():
        if not wanted or name in wanted:
            build(name, spec, out)


main()
