"""Records the ids that transformers' apply_chat_template gives conversations, turn by turn.

requirements: transformers==5.24.0 tokenizers==0.23.3 jinja2==3.1.6. Run from the repository's root.

Writes, into Tests/NuthatchTokenizersTests/Goldens,
    turns/NAME/tokenizer.json, tokenizer_config.json   tokenizers in which a turn's border depends on both of its sides
    turns.json                                         for each pair of tokenizer and template the ids of each turn

Tokenizers: those of tokenizer_vectors.py, and here
    first        Metaspace that marks the very first word of a text alone (prepend_scheme "first")
    strip        markup that takes the whitespace behind it, as Phi-3's
    normalized   markup that is looked for behind normalisation, with a normalizer that lengthens the text
    begins       a post-processor that puts <|bos|> before texts; apply_chat_template adds none
"""

import json
import os
import pathlib

os.environ["HF_HUB_OFFLINE"] = "1"

import transformers
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

ROOT = pathlib.Path(__file__).resolve().parents[2] / "Tests/NuthatchTokenizersTests/Goldens"
MARKED = (
    "{% for m in messages %}{{ '<|x|>' + m.role + '\n' + m.content + '<|eos|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|x|>assistant\n' }}{% endif %}"
)
TURNS = [
    ("hello", "Hello there."), ("  how are you?\n", ""), ("and now?", " fine, thanks\n\n"), ("naïve 中文 🐦", "e\u0301 done"),
    ("a  b\tc", "1234567 <b>x</b>"), ("last", "never shown"),
]


def alphabet():
    codes = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters, more = {code: chr(code) for code in codes}, 256
    for code in range(256):
        if code not in letters:
            letters[code], more = chr(more), more + 1
    return letters


def metaspace():
    pieces = ["<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)] + list("▁abcdefghijklmnopqrstuvwxyz?.")
    vocabulary = {piece: index for index, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace("▁", prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    return tokenizer


def bytewise():
    letters = alphabet()
    tokenizer = Tokenizer(models.BPE({letters[byte]: byte for byte in range(256)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def mark(tokenizer, names=("<|bos|>", "<|eos|>", "<|x|>"), **options):
    tokenizer.add_special_tokens([AddedToken(name, special=True, **{"normalized": False, **options}) for name in names])
    return tokenizer


def made():
    yield "first", mark(metaspace())
    yield "strip", mark(bytewise(), rstrip=True)
    normalized = bytewise()
    normalized.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace("e", "ee")])
    yield "normalized", mark(normalized, normalized=True)
    begins = mark(bytewise())
    begins.post_processor = processors.TemplateProcessing(
        single="<|bos|> $A", pair="<|bos|> $A $B", special_tokens=[("<|bos|>", begins.token_to_id("<|bos|>"))])
    yield "begins", begins


def ids(tokenizer, messages, template):
    found = tokenizer.apply_chat_template(messages, chat_template=template, add_generation_prompt=True, tokenize=True)
    return found if isinstance(found, list) else found["input_ids"]


def turns(folder, template):
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(folder)
    messages, recorded = [], []
    for question, answer in TURNS:
        messages.append({"role": "user", "content": question})
        recorded.append(ids(tokenizer, messages, template))
        messages.append({"role": "assistant", "content": answer})
    return recorded


def main():
    cases = []
    for name, tokenizer in made():
        folder = ROOT / "turns" / name
        folder.mkdir(parents=True, exist_ok=True)
        data = json.loads(tokenizer.to_str())
        (folder / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
        (folder / "tokenizer_config.json").write_text(json.dumps(
            {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|bos|>", "eos_token": "<|eos|>"}))
        cases.append(("turns/" + name, "marked", MARKED))
    for name, template in [
        ("smollm", "smollm2"), ("smollm", "chatml"), ("llama3", "chatml"), ("qwen2", "qwen2_5"), ("o200k", "chatml"), ("gemma", "gemma"),
        ("gemma", "chatml"), ("llama2", "llama2"), ("mistral", "mistral_v1"), ("metaspace", "llama2"), ("deepseek3", "chatml"),
        ("llama2", "zephyr"), ("mistral", "phi3")]:
        cases.append((name, template, (ROOT / f"ChatTemplates/Templates/{template}.jinja").read_text(encoding="utf-8")))
    lines = []
    for name, template, source in cases:
        recorded = turns(ROOT / name, source)
        case = {"tokenizer": name, "template": template, "ids": [" ".join(map(str, turn)) for turn in recorded]}
        if template == "marked":
            case["source"] = source
        lines.append(json.dumps(case, ensure_ascii=False))
        print(name, template, [len(turn) for turn in recorded])
    text = json.dumps(TURNS, ensure_ascii=False)
    (ROOT / "turns.json").write_text('{"turns": ' + text + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8")


main()
