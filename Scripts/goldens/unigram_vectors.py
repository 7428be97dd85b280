"""Trains small unigram models with SentencePiece and writes what the `tokenizers` library makes of a nasty corpus.

requirements: tokenizers==0.23.3 sentencepiece==0.2.3 protobuf. Run from the repository's root, behind
tokenizer_vectors.py, whose corpus and layout these share.

    t5             T5's pipeline as transformers converts it: nmt_nfkc compiled in, Metaspace, a final </s>, 100 extra ids;
                   sentencepiece.json has SentencePiece's own ids of the corpus, normalized.json what the pipeline makes of some
                   texts before it cuts them
    unigram-bytes  pieces <0x00> to <0xFF>, Nmt, NFKC, words cut at whitespace first, as older files of XLM-R do
    unigram-first  nothing normalised, a mark before the first text only, never cut
"""

import io
import json

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from tokenizer_vectors import CORPUS, OUT, TRAINING, add_specials, expanded, runs, write


# What differs by whether clusters of characters are looked up, or characters, or the longest of either.
CLUSTERS = [
    "e\u0301 a\u030a n\u0303 E\u0323 s\u0323\u0307 s\u0307\u0323", "\r\n a\r\nb\rc\n\r", "\ufb01\u0301 \ufb01x\u0301 \u2460\u20dd",
    "\u1112\u1161\u11ab \ud55c \u3131\u314f", "\uff76\uff9e \u30ab\u3099 \u304b\u3099", "\u0928\u093c \u0915\u094d\u0937",
    "\u212b \u2126 \u00c5 A\u030a", "e\u200d\u0301 \u200de\u0301", "\U0001f468\u200d\U0001f469 \U0001f1e9\U0001f1ea 1\ufe0f\u20e3",
    "a\u0000e\u0301", "\ufdfa\u0651 \ufdfa", "\u00bd\u0301 \u00b2\u20e3", " x\u3000\u00a0y ", "\uff1c/s\uff1e",
]


def trained(vocabulary, **options):
    """The model as SentencePiece writes it."""
    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TRAINING * 3), model_writer=file, model_type="unigram", vocab_size=vocabulary,
        hard_vocab_limit=False, character_coverage=0.98, num_threads=1, minloglevel=2, **options)
    return file.getvalue()


def parsed(data):
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(data)
    return model


def without_markup(tokenizer):
    """The same with markup that no text spells.

    `tokenizers` finds pieces such as </s> in any text; SentencePiece, and Nuthatch, find markup only where it is parsed.
    """
    data = json.loads(tokenizer.to_str())
    special = {token["id"] for token in data["added_tokens"] if token["special"]}
    for id in special:
        data["model"]["vocab"][id][0] = "\U000f0000" + data["model"]["vocab"][id][0]
    data["added_tokens"] = [token for token in data["added_tokens"] if not token["special"]]
    data["post_processor"] = None
    return Tokenizer.from_str(json.dumps(data))


def t5():
    data = trained(500, normalization_rule_name="nmt_nfkc", pad_id=0, eos_id=1, unk_id=2, bos_id=-1)
    model = parsed(data)
    extra = [f"<extra_id_{index}>" for index in range(99, -1, -1)]
    pieces = [(piece.piece, piece.score) for piece in model.pieces] + [(name, 0.0) for name in extra]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap),
        normalizers.Strip(left=False, right=True), normalizers.Replace(Regex(" {2,}"), "▁"),
    ])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always", split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=["$A", "</s>"], pair=["$A", "</s>", "$B", "</s>"], special_tokens=[("</s>", 1)])
    add_specials(tokenizer, ["<pad>", "</s>", "<unk>"] + extra)
    write("t5", tokenizer, {"eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}, without_markup(tokenizer))
    normalized = [[text, tokenizer.normalizer.normalize_str(text)] for text in CLUSTERS]
    (OUT / "t5" / "normalized.json").write_text(json.dumps(normalized, indent=0))
    processor = sentencepiece.SentencePieceProcessor(model_proto=data)
    ids = [runs(processor.encode(text)) for text in map(expanded, CORPUS)]
    (OUT / "t5" / "sentencepiece.json").write_text(json.dumps(dict(ids=ids), indent=0))


def bytes_and_words():
    model = parsed(trained(700, normalization_rule_name="identity", byte_fallback=True))
    # Below any way to spell <0x41> in letters: `tokenizers` would take that text for the byte.
    pieces = [(piece.piece, -1000.0 if piece.type == piece.BYTE else piece.score) for piece in model.pieces]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always", split=True)])
    tokenizer.decoder = decoders.Sequence([
        decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    add_specials(tokenizer, ["<unk>", "<s>", "</s>"])
    tokenizer.add_tokens([AddedToken("[word]", single_word=True), AddedToken("<|im_end|>", normalized=False)])
    configuration = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    write("unigram-bytes", tokenizer, configuration, without_markup(tokenizer))


def uncut():
    model = parsed(trained(400, normalization_rule_name="identity", split_by_whitespace=False))
    pieces = [(piece.piece, piece.score) for piece in model.pieces]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0, byte_fallback=False))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first", split=False)
    add_specials(tokenizer, ["<unk>", "<s>", "</s>"])
    write("unigram-first", tokenizer, {"unk_token": "<unk>"}, without_markup(tokenizer))


if __name__ == "__main__":
    t5()
    bytes_and_words()
    uncut()
