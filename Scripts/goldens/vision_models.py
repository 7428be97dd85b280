# requirements: torch==2.13.0+cpu gguf==0.19.0 torchvision==0.28.0 pillow==12.0.0 transformers==5.23.0 safetensors==0.8.0 numpy==2.4.6
"""Pictures as Qwen2-VL's processors prepare them, and tiny random Qwen2-VLs and what transformers computes from them.

    python Scripts/goldens/vision_models.py Tests/NuthatchVisionTests/Goldens Tests/NuthatchModelsTests/Goldens [NAME...]

For NuthatchVisionTests, preprocessing.json lists cases: a picture of a size, drawn by `picture`, which the tests draw
again; what the processor is told; the grid; and of its patches (float32, in NAME.f32) some rows.

For NuthatchModelsTests, each folder holds a checkpoint (config.json + model.safetensors) and

    golden.json    turns: for each its tokens (all of the conversation so far), and its images' grids, in patches
    patches.f32    patches of all images, one behind the other
    features.f32   the tower's vectors of all images
    logits.f32     logits of every position of the last turn, computed at once, without a cache
    model.gguf     where a GGUF file is tested: the decoder alone, as llama.cpp's converter leaves it
    film.f32       patches of a film of 2 x 4 x 6 patches, then the tower's vectors of it

Weights as in models.py.
"""

import json
import math
import sys
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from PIL import Image, ImageOps
from safetensors.torch import save_file
from transformers import (AutoConfig, Qwen2_5_VLForConditionalGeneration, Qwen2VLForConditionalGeneration,
                          Qwen2VLImageProcessor)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from gguf_models import gguf_name, write_header

torch.set_num_threads(1)

# --- preprocessing


def picture(width, height, seed):
    """Waves, edges and noise, from integers alone, so that any language draws the same."""
    state = np.uint64(seed)
    pixels = np.zeros((height, width, 3), dtype=np.uint8)
    with np.errstate(over="ignore"):
        for row in range(height):
            for column in range(width):
                for channel in range(3):
                    state = state * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
                    noise = int(state >> np.uint64(58))
                    wave = (row * (3 + channel) + column * (5 - channel)) % 160
                    edge = 60 if (row // 17 + column // 23 + channel) % 2 else 0
                    pixels[row, column, channel] = min(wave + edge + noise, 255)
    return pixels


# name -> width, height, processor, what it is told, rows kept
CASES = {
    "odd-torch": (157, 101, Qwen2VLImageProcessor, {}),
    "odd-pillow": (157, 101, Qwen2VLImageProcessorPil, {}),
    "small": (19, 33, Qwen2VLImageProcessor, {}),
    "small-pillow": (19, 33, Qwen2VLImageProcessorPil, {}),
    "shrunk": (211, 307, Qwen2VLImageProcessor, dict(max_pixels=9408)),
    "shrunk-pillow": (211, 307, Qwen2VLImageProcessorPil, dict(max_pixels=9408)),
    "narrow": (7, 400, Qwen2VLImageProcessor, {}),
    "whole": (112, 84, Qwen2VLImageProcessor, {}),
    "other-patches": (90, 61, Qwen2VLImageProcessor,
                      dict(patch_size=6, merge_size=3, temporal_patch_size=3, min_pixels=400, max_pixels=6000,
                           image_mean=[0.5, 0.4, 0.3], image_std=[0.2, 0.3, 0.4])),
}

SIZES = [(1, 1), (1, 200), (200, 1), (27, 29), (14, 14), (42, 42), (70, 42), (4000, 3000), (3000, 4000), (10000, 60),
         (1920, 1080), (28, 5600), (1003, 1001), (6000, 6000), (98, 98)]


def write_preprocessing(out):
    out.mkdir(parents=True, exist_ok=True)
    cases = []
    for seed, (name, (width, height, kind, told)) in enumerate(CASES.items(), start=1):
        processor = kind(**told)
        image = picture(width, height, seed)
        given = processor(images=[torch.from_numpy(image).permute(2, 0, 1)] if kind is Qwen2VLImageProcessor else [image],
                          return_tensors="pt")
        patches, grid = given["pixel_values"].numpy(), given["image_grid_thw"].tolist()[0]
        rows = sorted({0, 1, 2, len(patches) // 2, len(patches) // 3, len(patches) - 1})
        patches[rows].astype("<f4").tofile(out / f"{name}.f32")
        cases.append(dict(name=name, width=width, height=height, seed=seed, told=dict(told, image_processor_type=kind.__name__),
                          grid=grid, rows=rows, sum=float(np.abs(patches.astype(np.float64)).sum()),
                          checksum=int(image.astype(np.int64).sum())))
    from transformers.models.qwen2_vl.image_processing_qwen2_vl import smart_resize
    sizes = [dict(width=width, height=height, resized=list(reversed(smart_resize(height, width, 28, 3136, 1003520))))
             for width, height in SIZES]
    (out / "preprocessing.json").write_text(json.dumps(dict(cases=cases, sizes=sizes), indent=1) + "\n")


def write_files(out):
    """Pictures in files, and what Pillow makes of them (RGB, upright)."""
    image = Image.fromarray(picture(23, 17, 5))
    levels = image.convert("L")
    clear = image.convert("RGBA")
    clear.putalpha(levels)
    exif = Image.Exif()
    exif[0x0112] = 6
    files = {
        "rgb.png": (image, {}), "palette.png": (image.quantize(16), {}), "gray.png": (levels, {}),
        "clear.png": (clear, {}), "bits.png": (levels.convert("1"), {}),
        "color.jpg": (image, dict(quality=90)), "gray.jpg": (levels, dict(quality=80)),
        "progressive.jpg": (image, dict(quality=85, progressive=True)),
        "held.jpg": (image, dict(quality=90, exif=exif)), "ink.jpg": (image.convert("CMYK"), {}),
    }
    sizes = {}
    for name, (content, options) in files.items():
        content.save(out / name, **options)
        shown = ImageOps.exif_transpose(Image.open(out / name)).convert("RGB")
        sizes[name] = list(shown.size)
        (out / f"{name}.rgb").write_bytes(shown.tobytes())
    (out / "ink.jpg.rgb").unlink()
    (out / "files.json").write_text(json.dumps(sizes) + "\n")


# --- models

VOCABULARY = 128
IMAGE, START, END = 120, 121, 122


def text(**fields):
    return dict(vocab_size=VOCABULARY, num_hidden_layers=2, max_position_embeddings=512, bos_token_id=1, eos_token_id=2,
                pad_token_id=0, **fields)


MODELS = {
    # As published: one level of fields, tensors of "visual." and "model.".
    "qwen2vl-tied": dict(
        type="qwen2_vl", dtype="F32", published=True, gguf=True, images=[(1, 4, 6), (1, 8, 4), (1, 2, 2)],
        text=text(hidden_size=72, intermediate_size=104, num_attention_heads=6, num_key_value_heads=3,
                  tie_word_embeddings=True,
                  rope_parameters=dict(rope_type="default", rope_theta=1000.0, mrope_section=[2, 1, 3])),
        vision=dict(depth=2, embed_dim=40, num_heads=5, mlp_ratio=2, patch_size=4, hidden_size=72)),
    "qwen2vl-wide": dict(
        type="qwen2_vl", dtype="F16", images=[(1, 6, 6), (1, 3, 9)],
        text=text(hidden_size=100, intermediate_size=120, num_attention_heads=5, num_key_value_heads=1,
                  tie_word_embeddings=False,
                  rope_parameters=dict(rope_type="default", rope_theta=10000.0, mrope_section=[3, 4, 3])),
        vision=dict(depth=3, embed_dim=48, num_heads=3, mlp_ratio=4, patch_size=3, spatial_merge_size=3,
                    temporal_patch_size=3, hidden_size=100)),
    # Windows of 3 x 3 tokens over images of 5 x 4, 3 x 7 and 1 x 2; a feed-forward of no multiple of 16.
    "qwen25vl-windows": dict(
        type="qwen2_5_vl", dtype="BF16", images=[(1, 10, 8), (1, 6, 14), (1, 2, 4)],
        text=text(hidden_size=72, intermediate_size=104, num_attention_heads=6, num_key_value_heads=2,
                  tie_word_embeddings=False,
                  rope_parameters=dict(rope_type="default", rope_theta=1000.0, mrope_section=[1, 3, 2])),
        vision=dict(depth=4, hidden_size=40, num_heads=5, intermediate_size=52, patch_size=4, window_size=24,
                    fullatt_block_indexes=[1, 3], out_hidden_size=72)),
    "qwen25vl-published": dict(
        type="qwen2_5_vl", dtype="F16", published=True, images=[(1, 18, 22), (1, 4, 4)],
        text=text(hidden_size=64, intermediate_size=96, num_attention_heads=4, num_key_value_heads=4,
                  tie_word_embeddings=True,
                  rope_parameters=dict(rope_type="default", rope_theta=1000.0, mrope_section=[2, 3, 3])),
        vision=dict(depth=3, hidden_size=48, num_heads=4, intermediate_size=80, patch_size=4, window_size=32,
                    fullatt_block_indexes=[2], out_hidden_size=64)),
}
GREEDY, MARGIN = 16, 0.02


def randomise(model, seed):
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in model.named_parameters():
        noise = torch.randn(parameter.shape, generator=generator)
        if "norm" in name or "ln_q" in name:
            values = (1.0 if name.endswith("weight") else 0.0) + 0.3 * noise
        elif name.endswith("bias"):
            values = 0.3 * noise
        elif "embed_tokens" in name:
            values = noise * (0.3 if model.config.tie_word_embeddings else 1.0)
        else:
            fan = math.prod(parameter.shape[1:])
            values = (1.6 if any(part in name for part in ("q_proj", "k_proj", "qkv")) else 1.2) * noise / math.sqrt(fan)
        values = values.to(torch.bfloat16).float()
        values[values.abs() < 2.0**-14] = 0.0
        with torch.no_grad():
            parameter.copy_(values)


def compute(model, tokens, patches, grids):
    ids = torch.tensor([tokens])
    with torch.no_grad():
        return model(input_ids=ids, pixel_values=patches, image_grid_thw=torch.tensor(grids),
                     mm_token_type_ids=(ids == IMAGE).int(), use_cache=False).logits[0].float()


def greedy(model, tokens, patches, grids):
    tokens, count, lead = list(tokens), len(tokens), math.inf
    for _ in range(GREEDY):
        logits = compute(model, tokens, patches, grids)[-1]
        # Generated images would have no patches.
        logits[IMAGE:END + 1] = -math.inf
        best = torch.topk(logits, 2).values
        lead = min(lead, float(best[0] - best[1]) / float(logits[:IMAGE].std()))
        if lead < MARGIN:
            break
        tokens.append(int(logits.argmax()))
    return tokens[count:], lead


def write_model(folder, model, spec):
    config = json.loads(model.config.to_json_string(use_diff=False))
    vision = {key: value for key, value in config["vision_config"].items()
              if key in set(spec["vision"]) | {"spatial_merge_size", "temporal_patch_size", "hidden_act", "rope_parameters"}}
    words = {key: value for key, value in config["text_config"].items()
             if key in set(spec["text"]) | {"hidden_act", "rms_norm_eps", "layer_types"}}
    whole = dict(architectures=[type(model).__name__], model_type=spec["type"], image_token_id=IMAGE,
                 vision_start_token_id=START, vision_end_token_id=END)
    if spec.get("published"):
        words.pop("layer_types", None)
        rope = words.pop("rope_parameters")
        vision.pop("rope_parameters", None)
        vision["in_chans"] = 3
        words["rope_theta"] = rope["rope_theta"]
        words["rope_scaling"] = dict(type="mrope", mrope_section=rope["mrope_section"])
        whole |= words | dict(vision_config=vision)
    else:
        whole |= dict(text_config=words, vision_config=vision, tie_word_embeddings=spec["text"]["tie_word_embeddings"])
    (folder / "config.json").write_text(json.dumps(whole, indent=1, sort_keys=True) + "\n")
    dtype = dict(F32=torch.float32, F16=torch.float16, BF16=torch.bfloat16)[spec["dtype"]]
    tensors = {}
    for name, value in model.named_parameters():
        if spec.get("published"):
            name = name.replace("model.visual.", "visual.").replace("model.language_model.", "model.")
        tensors[name] = value.detach().to(dtype).contiguous()
    save_file(tensors, folder / "model.safetensors", metadata=dict(format="pt"))


def write_gguf(path, model):
    config = model.config.text_config
    writer = gguf.GGUFWriter(path, "qwen2vl")
    write_header(writer, config, "qwen2vl")
    writer.add_rope_dimension_sections(config.rope_parameters["mrope_section"] + [0])
    for name, value in model.named_parameters():
        if name.startswith("model.language_model."):
            values = value.detach().numpy()
            writer.add_tensor(gguf_name(name.replace("model.language_model.", "model."), "qwen2vl"),
                              values.astype(np.float16) if values.ndim > 1 else values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def conversation(spec, random, merge):
    """Two turns: one image fewer in the first than in both."""
    tokens, turns = random.integers(3, IMAGE, 5).tolist(), []
    grids = spec["images"]
    for index, (_, rows, columns) in enumerate(grids):
        if index == len(grids) - 1:
            tokens += random.integers(3, IMAGE, 7).tolist()
            turns.append(dict(tokens=list(tokens), imageCount=index))
        tokens += random.integers(3, IMAGE, 2).tolist() + [START] + [IMAGE] * (rows * columns // merge**2) + [END]
    tokens += random.integers(3, IMAGE, 9).tolist()
    turns.append(dict(tokens=list(tokens), imageCount=len(grids)))
    return turns


def build(name, spec, out):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    kind = dict(qwen2_vl=Qwen2VLForConditionalGeneration, qwen2_5_vl=Qwen2_5_VLForConditionalGeneration)[spec["type"]]
    for seed in range(1000):
        config = AutoConfig.for_model(
            spec["type"], text_config=json.loads(json.dumps(spec["text"])), vision_config=dict(spec["vision"]),
            image_token_id=IMAGE, vision_start_token_id=START, vision_end_token_id=END, video_token_id=123,
            tie_word_embeddings=spec["text"]["tie_word_embeddings"])
        config._attn_implementation = "eager"
        model = kind._from_config(config, dtype=torch.float32).eval()
        model.config.tie_word_embeddings = spec["text"]["tie_word_embeddings"]
        randomise(model, seed)
        random = np.random.default_rng(seed)
        vision = model.config.vision_config
        width = 3 * vision.temporal_patch_size * vision.patch_size**2
        count = sum(math.prod(grid) for grid in spec["images"])
        patches = torch.from_numpy(random.standard_normal((count, width)).astype(np.float32))
        turns = conversation(spec, random, vision.spatial_merge_size)
        last = turns[-1]["tokens"]
        logits = compute(model, last, patches, spec["images"])
        continuation, lead = greedy(model, last, patches, spec["images"])
        if lead > MARGIN and len(set(continuation)) > 4:
            break
    with torch.no_grad():
        features = torch.cat(list(model.model.get_image_features(
            patches, torch.tensor(spec["images"]), return_dict=True).pooler_output))
        merge = vision.spatial_merge_size
        film = torch.from_numpy(random.standard_normal((2 * 6 * merge**2, width)).astype(np.float32))
        shown = torch.cat(list(model.model.get_video_features(
            film, torch.tensor([[2, 2 * merge, 3 * merge]]), return_dict=True).pooler_output))
    write_model(folder, model, spec)
    if spec.get("gguf"):
        write_gguf(folder / "model.gguf", model)
    patches.numpy().astype("<f4").tofile(folder / "patches.f32")
    features.numpy().astype("<f4").tofile(folder / "features.f32")
    logits.numpy().astype("<f4").tofile(folder / "logits.f32")
    np.concatenate([film.numpy().ravel(), shown.numpy().ravel()]).astype("<f4").tofile(folder / "film.f32")
    golden = dict(turns=turns, grids=spec["images"], film=[2, 2 * merge, 3 * merge], greedy=continuation, seed=seed,
                  torch=torch.__version__, transformers=transformers.__version__)
    (folder / "golden.json").write_text(json.dumps(golden) + "\n")
    print(f"{name}: seed {seed}, lead {lead:.3f}, logit deviation {float(logits.std()):.2f}, "
          f"feature deviation {float(features.std()):.2f}, {continuation}")


def main():
    pictures, models = Path(sys.argv[1]), Path(sys.argv[2])
    wanted = sys.argv[3:]
    if not wanted or "preprocessing" in wanted:
        write_preprocessing(pictures)
        write_files(pictures)
    for name, spec in MODELS.items():
        if not wanted or name in wanted:
            build(name, spec, models)


main()
