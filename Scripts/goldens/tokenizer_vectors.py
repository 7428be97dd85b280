"""Trains small tokenizers and writes what the `tokenizers` library makes of a nasty corpus.

requirements: tokenizers==0.23.3. Run from the repository's root; writes Tests/NuthatchTokenizersTests/Goldens.

Each folder gets tokenizer.json, tokenizer_config.json and vectors.json: for each text of corpus.json the ids with special
tokens added and markup parsed ("ids"), with neither ("plain"), and what the plain ids decode to where that is not the
text itself ("decodedPlain"), likewise for the first with markup left out ("decodedSkipping").
"""

import json
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

OUT = Path("Tests/NuthatchTokenizersTests/Goldens")

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+{SUFFIX}|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*{SUFFIX}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
# Steps of DeepSeek-V3's tokenizer.json, and of V2's.
DEEPSEEK3 = [
    r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+",
]
CASED = (
    "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373"
    "\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f"
    "\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77"
    "\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d"
    "\u1f5f-\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb"
    "\u1fe0-\u1fec\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128"
    "\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4"
    "\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf"
    "\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3"
    "\U000104d8-\U000104fb\U00010c80-\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943"
)
DEEPSEEK2 = [
    "[\r\n]", rf"\s?[{CASED}]+", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$", "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+",
]

TRAINING = [
    "The nuthatch hides its seeds in the bark of trees and finds every one of them again in winter.",
    "A cache keeps what was computed, so that it is not computed again; what is kept must be exactly the same.",
    "It's what they've said: we're sure you'll see that I'm right, aren't you? He'd say so.",
    "for (int i = 0; i < 1024; ++i) {\n    sum += values[i] * weights[i];\n}\n\nreturn sum;\n",
    "    def attend(self, query, keys, values):\n        scores = query @ keys.T / 8.0\n        return scores\n",
    "2024-01-31 12:34:56.789 1000000 3.14159 0x7fff 42 007 99% $12.50",
    "中华人民共和国成立于一九四九年。中华人民共和国的首都是北京。我想在苹果公司工作。",
    "日本語のテキストです。東京は日本の首都です。한국어 텍스트입니다. 서울은 한국의 수도입니다.",
    "нещо на Български език и още нещо. Привет, мир! Как дела?",
    "مرحبا بالعالم كيف حالك اليوم שלום עולם מה שלומך",
    "Cửa Việt là một cửa biển. Äpfel, Öl und Übermut; déjà vu, naïve café, señor, façade.",
    "!!!!!! ?????? ...... ------ ====== ```` \"quoted\" 'single' <tag attr=\"x\"/> https://example.org/a?b=c&d=e#f",
]

CORPUS = [
    "", " ", "  ", "   ", "\t", "\n", "\n\n", "\r\n", "\r\n\r\n \r", "\t\n", " \n  \n\t x", "a", " a", "a ", "Hello world",
    " Hello world", "Hello  world  ", "Hello, y'all! How are you?", "I'm, you'RE, we'Ve, HE'LL, it'S 'tis 'Twas 'ſo",
    "' era", "''s''t'", "\n =", "ied 4 ½ months", "3", "33", "333", "3333", "33333333 3.3 3..3 1,000,000 ٣٤٥ ⅧⅨ ²³",
    "w048 7tuijk dsdfhu", "Äpfel", "Cửa Việt", "Cửa Việt", "é vs é, Å vs Å vs Å, ñ ñ",
    "中华人民共和国", "中华人民共和国万岁！我想在apple工作1314151天～", "日本語 カタカナ ﾊﾝｶｸ がぎぐ がぎ", "한국어 한국어 각",
    "مرحبا بالعالم ١٢٣", "שָׁלוֹם עוֹלָם", "नमस्ते दुनिया क्षत्रिय", "ภาษาไทยง่ายนิดเดียว", "កាន់តែពិសេសអាចខលចេញ",
    "🚀 (normal) 😶‍🌫️ (multiple emojis concatenated) ✅ (only emoji that has its own token)",
    "👩‍👩‍👧‍👦👩🏽‍💻🏳️‍🌈🇩🇪🇯🇵", "e\u0301\u0323\u0302o\u0335\u0327\u0308 Z̷̢̛̗a̵͉͐l̸̪̈́g̶̣̈o̴̮͝", "a\u0000b\u0000\u0000c", "\u0000", "\u0001\u0002\u007f\u0080\u009f",
    "\ufeffBOM \u200bzero\u200cwidth\u200d \u00a0nbsp\u2003em\u3000wide\u2028line\u2029para\u0085nel\u180e",
    "ﬁ ﬂ ① ㍿ ｆｕｌｌ ｗｉｄｔｈ ℌ 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 K Å İSTANBUL ΣΑΣ ßẞ ǅ",
    "\ufffd \ufffe \uffff \U0010ffff \ue000 \U000e0001 𠜎𠜱𡿺 \U0001f9ff",
    "for (int i = 0; i < n; ++i) {\n\tif (x[i] != y[i]) { return -1; }\n}\n\n\n", "    indented\n        more\n\t\ttabs\n",
    "https://example.org/path?query=1&other=%20#frag_ment-42", "snake_case camelCase PascalCase SCREAMING_CASE kebab-case XMLHttpRequest2",
    "<|im_start|>user\nhi<|im_end|>\n", "a<|im_end|>b <|im_end|> c  <|im_end|>", "<s>hi</s> <unk> <s", "<pad>x<pad>",
    "[left] x  [left]  y[left]", "[right]  x [right]y", "[word] x[word] [word]x ([word])", "[norm] [NORM] x[Norm]", "▁ ▁▁ a▁b", "<0x0A><0xff>",
    "''''''```````\"\"\"\"......!!!!!!?????? I've been 'told he's there, 'RE you sure? 'M not sure", "----====----",
    "/* comment */ //path/\n\n/x/\r\n", "x" * 70 + " " * 70 + "y" * 3 + "\n" * 5 + "z",
    ("a", 100_000), (" ", 100_000), ("ab", 50_000), ("中", 3_000), ("\n", 10_000), ("🚀", 3_000), ("1", 10_000), ("!", 10_000), ("a ", 10_000),
    (" \n", 5_000), ("é", 3_000), ("'s", 5_000), ("<|im_end|>", 500),
]

BYTE_SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def expanded(entry):
    return entry if isinstance(entry, str) else entry[0] * entry[1]


def runs(ids):
    """Blocks of up to eight ids, each as often as it repeats at that place: `1,2*300 7*5 9`."""
    words, place = [], 0
    while place < len(ids):
        best, period = 1, 1
        for length in range(1, 9):
            block, count = ids[place:place + length], 1
            while ids[place + count * length:place + (count + 1) * length] == block:
                count += 1
            if count > 1 and count * length > best * period:
                best, period = count, length
        block = ",".join(map(str, ids[place:place + period]))
        words.append(f"{block}*{best}" if best > 1 else block)
        place += best * period
    return " ".join(words)


def difference(decoded, text):
    """None for the text itself; False, not compared, for a long text that decodes to another."""
    return None if decoded == text else decoded if len(text) < 1000 else False


def write(name, tokenizer, configuration, plain_tokenizer=None):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    data = json.loads(tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    (folder / "tokenizer_config.json").write_text(json.dumps(configuration))
    ids, plain, decoded, skipping = [], [], [], []
    for text in map(expanded, CORPUS):
        tokenizer.encode_special_tokens = False
        full = tokenizer.encode(text, add_special_tokens=True).ids
        reader = plain_tokenizer or tokenizer
        reader.encode_special_tokens = True
        bare = reader.encode(text, add_special_tokens=False).ids
        ids.append(runs(full))
        plain.append(runs(bare))
        # An added token that is matched after normalisation decodes to its normalised spelling in the library;
        # Nuthatch gives the spelling of the file.
        spelling = ("[norm]", "[NORM]") if tokenizer.token_to_id("[NORM]") else ("", "")
        decoded.append(difference(tokenizer.decode(bare, skip_special_tokens=False).replace(*spelling), text))
        skipping.append(difference(tokenizer.decode(full, skip_special_tokens=True).replace(*spelling), text))
    vectors = {"ids": ids, "plain": plain, "decodedPlain": decoded, "decodedSkipping": skipping}
    (folder / "vectors.json").write_text(json.dumps(vectors, ensure_ascii=False, indent=0))


def train_bytes(pre_tokenizer, normalizer=None, vocabulary=700, alphabet=None, **options):
    tokenizer = Tokenizer(models.BPE(**options))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, special_tokens=BYTE_SPECIALS, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet() if alphabet is None else alphabet,
    )
    tokenizer.train_from_iterator(TRAINING * 3, trainer)
    return tokenizer


def isolated(pattern):
    return pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False)


def bytes_only():
    return pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)


def byte_level():
    configuration = {"bos_token": "<|im_start|>", "eos_token": "<|im_end|>", "unk_token": None}

    tokenizer = train_bytes(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True))
    write("gpt2", tokenizer, {"bos_token": "<|endoftext|>", "eos_token": {"content": "<|endoftext|>"}})

    # SmolLM's vocabulary lacks the bytes its training text lacked; those are dropped.
    tokenizer = train_bytes(
        pre_tokenizers.Sequence([
            pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]),
        alphabet=[c for c in pre_tokenizers.ByteLevel.alphabet() if c not in "ĀāõöÀÁ¨ġĂ"],
    )
    write("smollm", tokenizer, configuration)

    tokenizer = train_bytes(pre_tokenizers.Sequence([isolated(LLAMA3), bytes_only()]), ignore_merges=True)
    tokenizer.post_processor = processors.Sequence([
        processors.ByteLevel(trim_offsets=False),
        processors.TemplateProcessing(
            single="<|im_start|> $A", special_tokens=[("<|im_start|>", tokenizer.token_to_id("<|im_start|>"))]),
    ])
    write("llama3", tokenizer, configuration)

    tokenizer = train_bytes(pre_tokenizers.Sequence([isolated(QWEN2), bytes_only()]), normalizer=normalizers.NFC())
    write("qwen2", tokenizer, configuration)

    tokenizer = train_bytes(pre_tokenizers.Sequence([isolated(O200K), bytes_only()]), ignore_merges=True)
    write("o200k", tokenizer, configuration)

    tokenizer = train_bytes(pre_tokenizers.Sequence([*map(isolated, DEEPSEEK3), bytes_only()]))
    write("deepseek3", tokenizer, configuration)

    tokenizer = train_bytes(pre_tokenizers.Sequence([
        *map(isolated, DEEPSEEK2), pre_tokenizers.Digits(individual_digits=True), bytes_only(),
    ]))
    write("deepseek2", tokenizer, configuration)

    # ByteLevel in the middle: later steps see the spelling of bytes.
    tokenizer = train_bytes(
        pre_tokenizers.Sequence([
            pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=True),
            pre_tokenizers.Digits(individual_digits=False), isolated("[0-9][0-9][0-9]"),
        ]))
    tokenizer.add_tokens([
        AddedToken("[left]", lstrip=True), AddedToken("[right]", rstrip=True), AddedToken("[word]", single_word=True),
        AddedToken("<pad>", special=True),
    ])
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|im_end|>", tokenizer.token_to_id("<|im_end|>")), ("<|im_start|>", tokenizer.token_to_id("<|im_start|>")))
    write("falcon", tokenizer, configuration)


def sentence_piece_model(vocabulary=900, byte_fallback=True, **options):
    """SentencePiece's layout: markup, bytes, pieces; each piece merged from every pair that makes it, best first."""
    trainer_tokenizer = Tokenizer(models.BPE())
    trainer_tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    common = sorted({c for line in TRAINING for c in line if line.count(c) > 1 and c != " "} | {"▁"})
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, show_progress=False, initial_alphabet=common, limit_alphabet=len(common))
    trainer_tokenizer.train_from_iterator(TRAINING * 3, trainer)
    trained = json.loads(trainer_tokenizer.to_str())["model"]
    order = [left + right for left, right in (m if isinstance(m, list) else m.split(" ") for m in trained["merges"])]
    singles = [piece for piece in trained["vocab"] if len(piece) == 1]
    pieces = ["<unk>", "<s>", "</s>"] + ([f"<0x{b:02X}>" for b in range(256)] if byte_fallback else [])
    pieces += list(dict.fromkeys(order)) + singles
    known = set(order) | set(singles)
    merges = []
    for piece in dict.fromkeys(order):
        splits = [(piece[:i], piece[i:]) for i in range(1, len(piece))]
        merges += [(left, right) for left, right in splits if left in known and right in known]
    return models.BPE(
        vocab={piece: index for index, piece in enumerate(pieces)}, merges=merges, unk_token="<unk>",
        byte_fallback=byte_fallback, **options)


def add_specials(tokenizer, names):
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False) for name in names])


def sentence_piece():
    configuration = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    bos = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    llama = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]

    tokenizer = Tokenizer(sentence_piece_model(fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(llama + [decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = bos
    add_specials(tokenizer, ["<unk>", "<s>", "</s>"])
    write("llama2", tokenizer, configuration)

    tokenizer = Tokenizer(sentence_piece_model(fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Sequence(llama + [decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = bos
    add_specials(tokenizer, ["<unk>", "<s>", "</s>"])
    write("mistral", tokenizer, configuration)

    tokenizer = Tokenizer(sentence_piece_model(fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence(llama)
    tokenizer.post_processor = bos
    add_specials(tokenizer, ["<unk>", "<s>", "</s>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken("\n\n", normalized=False), AddedToken("▁▁", normalized=True)])
    write("gemma", tokenizer, configuration)

    tokenizer = Tokenizer(sentence_piece_model(byte_fallback=False, fuse_unk=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always", split=True)
    add_specials(tokenizer, ["<unk>", "<s>", "</s>"])
    write("metaspace", tokenizer, configuration)


def characters():
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.NFKC(), normalizers.Lowercase(), normalizers.NFD(), normalizers.StripAccents(),
        normalizers.Strip(), normalizers.Replace(Regex(r"`{2,}"), "'"),
    ])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_next"),
        pre_tokenizers.CharDelimiterSplit("_"),
    ])
    tokenizer.decoder = decoders.Fuse()
    trainer = trainers.BpeTrainer(vocab_size=500, special_tokens=["<unk>"], show_progress=False, limit_alphabet=120)
    tokenizer.train_from_iterator(TRAINING * 3, trainer)
    tokenizer.add_tokens([
        AddedToken("[left]", lstrip=True, normalized=True), AddedToken("[right]", rstrip=True, normalized=True),
        AddedToken("[word]", single_word=True, normalized=False), AddedToken("[NORM]", normalized=True),
        AddedToken("<pad>", special=True, lstrip=True, rstrip=True, normalized=False),
    ])
    write("characters", tokenizer, {"unk_token": "<unk>", "pad_token": "<pad>"})


def splits():
    """What single pre-tokenizers make of the corpus: the general pattern search against Oniguruma."""
    behaviors = ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]
    steps = [
        (pre_tokenizers.Split(Regex(pattern), behavior, invert=invert))
        for pattern, behavior, invert in [(r"\s+", b, i) for b in behaviors for i in (False, True)]
        + [(pattern, "isolated", False) for pattern in [
            GPT2, LLAMA3, QWEN2, O200K, r"[0-9][0-9][0-9]", r"\p{N}{1,3}", r"[一-龥぀-ゟ゠-ヿ]+",
            r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            r"(?i:hello|k|é)", r"a{2,3}|b{2}|cc{,2}|d{1,}", r"a{2,3}?", r"\w+|[^\w\s]+", r"^.|.$", r"(?:ab|a)(?=b)", r"[^\S\n]+",
            r"\d+\D", r"[\P{L}\p{Lu}]+", r"\x41-?\u0062|\x{1F680}", r"[\p{P}\$\+<=>\^~\|`]+", r"(a|b)+c?|[]a-]", r" ?[^(\s|.,!?…。，、।۔،)]+",
        ]]
    ]
    texts = [text for text in CORPUS if isinstance(text, str) and text] + ["aaaaaaabbbccccdddd abab aab", "straße STRASSE HELLO K", "A-b 🚀 Ab"]
    entries = []
    for step in steps:
        words = [[word for word, _ in step.pre_tokenize_str(text)] for text in texts]
        entries.append({"pre_tokenizer": json.loads(step.__getstate__()), "words": words})
    forms = []
    for name in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents"]:
        normalizer = getattr(normalizers, name)()
        forms.append({"normalizer": {"type": name}, "texts": [normalizer.normalize_str(text) for text in texts]})
    (OUT / "splits.json").write_text(
        json.dumps({"texts": texts, "splits": entries, "normalizations": forms}, ensure_ascii=False, separators=(",", ":")))


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    corpus = [entry if isinstance(entry, str) else {"unit": entry[0], "count": entry[1]} for entry in CORPUS]
    (OUT / "corpus.json").write_text(json.dumps(corpus, ensure_ascii=False, indent=0))
    byte_level()
    sentence_piece()
    characters()
    splits()


if __name__ == "__main__":
    main()
