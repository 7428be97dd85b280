"""Writes what the `tokenizers` library and transformers make of added tokens.

requirements: tokenizers==0.23.3 transformers==5.24.0. Run from the repository's root; writes
Tests/NuthatchTokenizersTests/Goldens/added:

tokenizer.json       256 bytes and four tokens of markup.
scalars.json         for each flag and side, the scalars (as ranges, of those assigned in Unicode 14 and not surrogates)
                     beside which a token is passed over as no single word, or which go with it.
texts.json           ids of texts with those scalars around a token, under all flags.
configurations.json  files beside tokenizer.json, and the ids of texts and of named tokens with them.
"""

import itertools
import json
import os
import random
import tempfile
import unicodedata
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import transformers
from tokenizers import Tokenizer

OUT = Path("Tests/NuthatchTokenizersTests/Goldens/added")
MARKUP = ["<|bos|>", "<|eos|>", "<|x|>", "<|y|>"]


def byte_alphabet():
    bytes_ = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    spelling = {b: chr(b) for b in bytes_}
    for b in range(256):
        if b not in spelling:
            spelling[b] = chr(256 + len(spelling) - len(bytes_))
    return spelling


def added(id_, content, **flags):
    return dict(id=id_, content=content, **{**dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True), **flags})


def document(**flags):
    alphabet = byte_alphabet()
    vocabulary = {alphabet[b]: b for b in range(256)}
    return dict(
        version="1.0", truncation=None, padding=None,
        added_tokens=[added(256 + i, s, **(flags if s == "<|x|>" else {})) for i, s in enumerate(MARKUP)],
        normalizer=None,
        pre_tokenizer=dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=False),
        post_processor=None,
        decoder=dict(type="ByteLevel", add_prefix_space=True, trim_offsets=True, use_regex=True),
        model=dict(
            type="BPE", dropout=None, unk_token=None, continuing_subword_prefix=None, end_of_word_suffix=None,
            fuse_unk=False, byte_fallback=False, ignore_merges=False, vocab=vocabulary, merges=[]))


def tokenizer(**flags):
    return Tokenizer.from_str(json.dumps(document(**flags)))


def scalars():
    """Assigned ones; what later versions of Unicode add, programs of different ages see differently."""
    return [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000 and unicodedata.category(chr(c)) != "Cn"]


def ranges(characters, of):
    """Runs of `of` that are in `characters`, as [first, last], unassigned ones between them included."""
    runs, wanted, last = [], set(characters), False
    for c in of:
        if c in wanted:
            if last:
                runs[-1][1] = ord(c)
            else:
                runs.append([ord(c), ord(c)])
        last = c in wanted
    return runs


def ids_of(t, texts):
    return [e.ids for e in t.encode_batch(texts, add_special_tokens=False)]


def write_scalars():
    every = scalars()
    result = {"assigned": ranges(every, [chr(c) for c in range(0x110000)])}
    single, left, right = tokenizer(single_word=True), tokenizer(lstrip=True), tokenizer(rstrip=True)
    for name, t, place, hit in (
        ("passedOverBehind", single, "{}<|x|>", lambda c, ids: 258 not in ids),
        ("passedOverBefore", single, "<|x|>{}", lambda c, ids: 258 not in ids),
        ("takenBefore", left, "{}<|x|>", lambda c, ids: ids == [258]),
        ("takenBehind", right, "<|x|>{}", lambda c, ids: ids == [258]),
    ):
        found = ids_of(t, [place.format(c) for c in every])
        result[name] = ranges([c for c, ids in zip(every, found) if hit(c, ids)], every)
    (OUT / "scalars.json").write_text(json.dumps(result) + "\n")


def write_texts():
    random.seed(7)
    beside = list("a_9. \t\n") + [
        "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085", "\u200b", "\u200d", "\u00e9", "e\u0301", "\u0301", "天", "я",
        "٣", "²", "ª", "🌰", "👩\u200d💻", "\ufffd", "𝒜", "\U000e0100", "  ", " \u3000", "\u3000 ", "é ", "天\u2003\n"]
    texts = ["%s<|x|>%s" % pair for pair in itertools.product(beside, ["", ".", "é", " ", "\u3000"])]
    texts += ["%s<|x|>%s" % pair for pair in itertools.product(["", ".", "é", " ", "\u3000"], beside)]
    texts += ["".join(random.choice(beside + ["<|x|>", "<|x|>", "<|y|>"]) for _ in range(12)) for _ in range(60)]
    texts = list(dict.fromkeys(texts))
    cases = []
    for lstrip, rstrip, single in itertools.product([False, True], repeat=3):
        t = tokenizer(lstrip=lstrip, rstrip=rstrip, single_word=single)
        cases.append(dict(lstrip=lstrip, rstrip=rstrip, single_word=single,
                          ids=[" ".join(map(str, ids)) for ids in ids_of(t, texts)]))
    (OUT / "texts.json").write_text(json.dumps(dict(texts=texts, cases=cases), indent=0) + "\n")


def configurations():
    token = dict(lstrip=False, rstrip=False, single_word=False, normalized=False, special=False)
    object_ = lambda content, **flags: dict(__type="AddedToken", **{**token, **flags, "content": content})
    base = dict(bos_token="<|bos|>", eos_token="<|eos|>")
    yield "nothing more", dict(tokenizer_config=base)
    yield "a decoder's token", dict(tokenizer_config=dict(base, added_tokens_decoder={"260": dict(token, content="<tool>")}))
    yield "a decoder's order and other ids", dict(tokenizer_config=dict(base, added_tokens_decoder={
        "900": dict(token, content="<new3>"), "261": dict(token, content="<new1>", special=True),
        "300": dict(token, content="<new2>", lstrip=True, rstrip=True)}))
    yield "a decoder that repeats tokenizer.json", dict(tokenizer_config=dict(base, added_tokens_decoder={
        str(256 + i): dict(token, content=c, special=True) for i, c in enumerate(MARKUP)}))
    yield "a decoder with other flags", dict(tokenizer_config=dict(base, added_tokens_decoder={
        "258": dict(token, content="<|x|>", special=True, lstrip=True), "259": dict(token, content="<|y|>", special=False)}))
    yield "a decoder that says little", dict(tokenizer_config=dict(base, added_tokens_decoder={"260": dict(content="<tool>")}))
    yield "a decoder's token that is a piece", dict(tokenizer_config=dict(base, added_tokens_decoder={"97": dict(token, content="a", lstrip=True)}))
    yield "additional", dict(tokenizer_config=dict(base, additional_special_tokens=["<|new|>", "<|x|>", "<tool>"]))
    yield "additional objects", dict(tokenizer_config=dict(base, additional_special_tokens=[object_("<|new|>", special=True, rstrip=True), "<tool>"]))
    yield "extra list", dict(tokenizer_config=dict(base, extra_special_tokens=["<|new|>", "<tool>"]))
    yield "extra and additional", dict(tokenizer_config=dict(base, extra_special_tokens=["<|new|>"], additional_special_tokens=["<tool>"]))
    yield "empty extra and additional", dict(tokenizer_config=dict(base, extra_special_tokens=[], additional_special_tokens=["<tool>"]))
    yield "extra with names", dict(tokenizer_config=dict(base, extra_special_tokens=dict(image_token="<new1>", tool="<tool>")))
    yield "extra with names and additional", dict(tokenizer_config=dict(
        base, extra_special_tokens=dict(image_token="<new1>"), additional_special_tokens=["<tool>"]))
    yield "new names", dict(tokenizer_config=dict(bos_token="<s>", eos_token="</s>", pad_token="<pad>", unk_token="<unk>"))
    yield "new names as objects", dict(tokenizer_config=dict(bos_token=object_("<s>"), eos_token=object_("</s>", lstrip=True), mask_token=object_("<mask>", lstrip=True, special=True)))
    yield "all seven and their order", dict(tokenizer_config=dict(
        mask_token="<mask>", cls_token="<cls>", pad_token="<pad>", sep_token="<sep>", unk_token="<unk>", eos_token="</s>", bos_token="<s>"))
    yield "one for two", dict(tokenizer_config=dict(bos_token="</s>", eos_token="</s>", pad_token="</s>"))
    yield "other names", dict(tokenizer_config=dict(base, image_token="<new1>", add_bos_token=False, video_token=object_("<new2>", special=True)))
    yield "a name that is a piece", dict(tokenizer_config=dict(base, pad_token="!"))
    yield "names, decoder and extra at once", dict(tokenizer_config=dict(
        bos_token="<s>", eos_token="<tool>", added_tokens_decoder={"260": dict(token, content="<tool>"), "262": dict(token, content="<new1>")},
        extra_special_tokens=["<new2>", "<tool>"]))
    yield "the map beside a decoder is not read", dict(
        tokenizer_config=dict(base, added_tokens_decoder={"260": dict(token, content="<tool>")}),
        special_tokens_map=dict(eos_token="</s>", additional_special_tokens=["<new1>"]))
    yield "the map alone", dict(special_tokens_map=dict(bos_token="<s>", eos_token=dict(content="</s>", lstrip=True, rstrip=False, single_word=False, normalized=False)))
    yield "the map before the configuration", dict(
        tokenizer_config=base, special_tokens_map=dict(eos_token="</s>", additional_special_tokens=["<new1>"], image_token="<new2>"))
    yield "the map and extra", dict(
        tokenizer_config=dict(base, extra_special_tokens=["<tool>"]),
        special_tokens_map=dict(extra_special_tokens=["<new1>", "<tool>"]))
    yield "the map's additional beside extra", dict(
        tokenizer_config=dict(base, extra_special_tokens=["<tool>"]), special_tokens_map=dict(additional_special_tokens=["<new1>"]))
    yield "a list of added tokens", dict(
        tokenizer_config=dict(base, extra_special_tokens=["<new2>"]), added_tokens={"<new2>": 262, "<tool>": 261, "<|x|>": 258})
    yield "a list of added tokens beside a decoder is not read", dict(
        tokenizer_config=dict(base, added_tokens_decoder={"260": dict(token, content="<tool>")}), added_tokens={"<new2>": 261})
    yield "model-specific", dict(tokenizer_config=dict(base, model_specific_special_tokens=dict(image_token="<new1>", tool="<tool>")))
    yield "model-specific beside objects", dict(tokenizer_config=dict(
        base, video_token=object_("<new2>", special=True), model_specific_special_tokens=dict(image_token="<new1>")))
    yield "model-specific beside strings is not read", dict(tokenizer_config=dict(
        base, video_token="<new2>", model_specific_special_tokens=dict(image_token="<new1>")))
    yield "model-specific beside named extra is not read", dict(tokenizer_config=dict(
        base, extra_special_tokens=dict(video_token="<new2>"), model_specific_special_tokens=dict(image_token="<new1>")))
    yield "model-specific and the map's extra", dict(
        tokenizer_config=dict(base, model_specific_special_tokens=dict(image_token="<new1>")),
        special_tokens_map=dict(extra_special_tokens=["<new2>"], video_token="<tool>"))
    yield "special tokens that are split", dict(tokenizer_config=dict(
        base, split_special_tokens=True, pad_token="<pad>", added_tokens_decoder={
            "260": dict(token, content="<tool>"), "261": dict(token, content="<new1>", special=True)}))
    yield "null", dict(tokenizer_config=dict(base, pad_token=None, extra_special_tokens=None, additional_special_tokens=None))


def write_configurations():
    texts = ["a<tool>b", "a</s> <s>b", "x <new1> <new2>  <new3> y", "<|new|>  <|x|> <|y|>z", "<pad><unk><sep><cls> <mask>!",
             "<|bos|>a <|eos|>", "é<tool>　</s>天"]
    names = ["bos_token", "eos_token", "unk_token", "pad_token"]
    cases = []
    for name, files in configurations():
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "tokenizer.json").write_text(json.dumps(document()))
            (folder / "config.json").write_text(json.dumps(dict(model_type="llama")))
            # Which class reads it makes no difference to the tokens of one that has a tokenizer.json.
            files = dict(files)
            files["tokenizer_config"] = dict(files.get("tokenizer_config", {}), tokenizer_class="PreTrainedTokenizerFast")
            files = {file: json.dumps(content) for file, content in files.items()}
            for file, content in files.items():
                (folder / f"{file}.json").write_text(content)
            t = transformers.AutoTokenizer.from_pretrained(folder)
            case = dict(name=name, files=files)
            case["ids"] = [" ".join(map(str, t(s, add_special_tokens=False)["input_ids"])) for s in texts]
            case["named"] = {n: getattr(t, n + "_id") for n in names if getattr(t, n) is not None}
            case["special"] = sorted(i for i, a in t.added_tokens_decoder.items() if a.special)
            cases.append(case)
    (OUT / "configurations.json").write_text(
        json.dumps(dict(texts=texts, cases=cases), indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "tokenizer.json").write_text(json.dumps(document(), ensure_ascii=False) + "\n")
    write_scalars()
    write_texts()
    write_configurations()
