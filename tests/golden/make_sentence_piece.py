"""Writes tests/golden/sentence_piece.json: small vocabularies and the ids that the `sentencepiece` library gives.

    python tests/golden/make_sentence_piece.py > tests/golden/sentence_piece.json

Needs `sentencepiece`. Each model is trained here on the texts of tests/oracle/tokenizer_corpus.py.
"""

import io
import json
import pathlib
import sys

import sentencepiece

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
from tokenizer_corpus import CODE, CONTRACTIONS, CORPUS, SCRIPTS, SPACES, SPECIAL_TEXTS  # noqa: E402

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
# The model's type, byte_fallback, add_dummy_prefix.
OPTIONS = [
    ("bpe", True, True),
    ("bpe", True, False),
    ("bpe", False, True),
    ("unigram", True, True),
    ("unigram", False, False),
]
USER_SYMBOLS = ["<tab>", "=>", "\n"]


def train(model_type, byte_fallback, prefix):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SCRIPTS[:3] + CODE + CONTRACTIONS + ["the other thing then there"] * 3),
        model_writer=model,
        vocab_size=520 if byte_fallback else 260,
        model_type=model_type,
        byte_fallback=byte_fallback,
        add_dummy_prefix=prefix,
        normalization_rule_name="identity",
        remove_extra_whitespaces=not byte_fallback,
        user_defined_symbols=USER_SYMBOLS,
        control_symbols=["<|im_start|>"],
        character_coverage=0.99,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def type_of(processor, i):
    if processor.is_unknown(i):
        return UNKNOWN
    if processor.is_control(i):
        return CONTROL
    if processor.is_byte(i):
        return BYTE
    return USER_DEFINED if processor.id_to_piece(i) in USER_SYMBOLS else NORMAL


def describe(model_type, byte_fallback, prefix):
    model = train(model_type, byte_fallback, prefix)
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    count = processor.get_piece_size()
    texts = [text for text in CORPUS + SPECIAL_TEXTS + SPACES if len(text) < 80 and "\0" not in text]
    return {
        "model_type": model_type,
        "byte_fallback": byte_fallback,
        "add_dummy_prefix": prefix,
        "remove_extra_whitespaces": not byte_fallback,
        "pieces": [[processor.id_to_piece(i), processor.get_score(i), type_of(processor, i)] for i in range(count)],
        "model": model.hex(),
        "cases": [{"text": text, "ids": processor.encode(text)} for text in texts],
    }


def main():
    models = [describe(*options) for options in OPTIONS]
    print(json.dumps({"models": models}, ensure_ascii=True, separators=(",", ":")).replace('},{"', '},\n{"'))


if __name__ == "__main__":
    main()
