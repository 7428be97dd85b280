# requirements: torch==2.13.0+cpu transformers==5.23.0 tokenizers==0.23.3
"""What transformers answers, text to text, with the tiny encoder-decoders of encoder_decoder_models.py.

    python Scripts/goldens/answers.py Tests/NuthatchModelsTests/Goldens Tests/NuthatchGenerationTests/Goldens

Each folder has what a checkpoint of NuthatchModelsTests lacks to read and write text (tokenizer.json, tokenizer_config.json,
generation_config.json) and golden.json: some texts, their ids, and the greedy answers, ids and text.

The end of an answer and, for Marian, a word that never comes are chosen so that both happen.
"""

import json
import math
import sys
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoModelForSeq2SeqLM

TEXTS = ["the nuthatch hides its seeds in the bark", "a cache", "it is at the end of it and on to the next one"]
LENGTH = 24
# name -> ids before and behind a source, and the first id that the answer is given, if any
MODELS = {
    "t5-gated": dict(prefix=[], suffix=[1]),
    "bart-scaled": dict(prefix=[0], suffix=[2], forced=7),
    "marian-shared": dict(prefix=[], suffix=[0], bars=True),
}


def make_tokenizer(spec):
    pieces = ["<0>", "<1>", "<2>", "▁"] + [chr(letter) for letter in range(ord("!"), ord("~") + 1)]
    pieces += [f"▁{word}" for word in "the a of to in is it and on at".split()]
    pieces += [f"<{index}>" for index in range(len(pieces), 128)]
    scores = [0.0 if piece[0] == "<" and len(piece) > 1 else -float(len(piece) % 5 + index / 99)
              for index, piece in enumerate(pieces)]
    tokenizer = Tokenizer(models.Unigram(list(zip(pieces, scores)), unk_id=2, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always", split=True)
    ends = [pieces[id] for id in spec["prefix"] + spec["suffix"]]
    tokenizer.add_special_tokens([AddedToken(piece, special=True, normalized=False) for piece in pieces[:3]])
    tokenizer.post_processor = processors.TemplateProcessing(
        single=[pieces[id] for id in spec["prefix"]] + ["$A"] + [pieces[id] for id in spec["suffix"]],
        special_tokens=[(piece, pieces.index(piece)) for piece in ends])
    return tokenizer


def answers(model, sources, start, **options):
    """Ids, and the smallest lead of one over the next that may come."""
    found, lead = [], math.inf
    bars = [word[0] for word in options.get("bad_words_ids", [])]
    for source in sources:
        output = model.generate(
            torch.tensor([source]), decoder_start_token_id=start, max_new_tokens=LENGTH, num_beams=1, do_sample=False,
            return_dict_in_generate=True, output_logits=True, **options)
        found.append(output.sequences[0].tolist()[1:])
        for logits in output.logits[1 if options["forced_bos_token_id"] else 0:]:
            logits[0, bars] = -math.inf
            best = torch.topk(logits[0], 2).values
            lead = min(lead, float(best[0] - best[1]))
    return found, lead


def build(name, spec, checkpoints, out):
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    config = json.loads((checkpoints / name / "config.json").read_text())
    start = config["decoder_start_token_id"]
    model = AutoModelForSeq2SeqLM.from_pretrained(checkpoints / name, dtype=torch.float32).eval()
    tokenizer = make_tokenizer(spec)
    sources = [tokenizer.encode(text).ids for text in TEXTS]
    never = 1000  # out of the vocabulary: no end
    options = dict(pad_token_id=config["pad_token_id"], forced_bos_token_id=spec.get("forced"), forced_eos_token_id=None)
    free, _ = answers(model, sources, start, eos_token_id=never, **options)
    bars = [free[0][3]] if spec.get("bars") else []
    if bars:
        options["bad_words_ids"] = [bars]
    barred, _ = answers(model, sources, start, eos_token_id=never, **options)
    # One that the first answer has late, and not before.
    end = next(token for place, token in enumerate(barred[0]) if place > 8 and token not in barred[0][:place])
    found, lead = answers(model, sources, start, eos_token_id=end, **options)
    generation = dict(decoder_start_token_id=start, eos_token_id=end, pad_token_id=config["pad_token_id"])
    if bars:
        generation["bad_words_ids"] = [bars]
    if "forced" in spec:
        generation["forced_bos_token_id"] = spec["forced"]
    (folder / "generation_config.json").write_text(json.dumps(generation) + "\n")
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "tokenizer_config.json").write_text(json.dumps(dict(unk_token="<2>")) + "\n")
    # What ends an answer is no part of it.
    texts = [tokenizer.decode([id for id in answer if id != end], skip_special_tokens=True) for answer in found]
    golden = dict(texts=TEXTS, sources=sources, answers=found, answerTexts=texts, free=free, end=end)
    (folder / "golden.json").write_text(json.dumps(golden, ensure_ascii=False) + "\n")
    print(name, "lead", lead, "end", end, "bars", bars, [len(answer) for answer in found], texts)


def main():
    checkpoints, out = Path(sys.argv[1]), Path(sys.argv[2])
    for name, spec in MODELS.items():
        build(name, spec, checkpoints, out)


main()
