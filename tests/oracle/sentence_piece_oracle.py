"""Holds Tare's ids for SentencePiece models to those of the `sentencepiece` library.

    python tests/oracle/sentence_piece_oracle.py --tare build/release/bin/tare [--random 20000]

Models of both kinds are trained here, with and without byte fallback and the space before a text, and read by Tare
from a folder with tokenizer.model. Unigram splits may differ where their sums are equal but for the library's
rounding. Where a model has all bytes, decoding must give the text back. Needs `sentencepiece`
(scripts/keras_python.sh prints a Python that has it).
"""

import argparse
import io
import itertools
import pathlib
import random
import sys
import tempfile

import sentencepiece

from tokenizer_corpus import CORPUS, SPECIAL_TEXTS, TRAINING_TEXT, random_text
from tokenizer_run import run_tare


def is_tie(reference, got, expected):
    """Whether two splits differ by no more than the library rounds: it adds the scores in single precision."""
    sums = [sum(reference.get_score(token) for token in ids) for ids in (got, expected)]
    return abs(sums[0] - sums[1]) <= 2 * len(expected) * 2**-24 * abs(sums[1])


def train(model_type, byte_fallback, prefix):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TRAINING_TEXT * 4),
        model_writer=model,
        vocab_size=900,
        model_type=model_type,
        byte_fallback=byte_fallback,
        add_dummy_prefix=prefix,
        normalization_rule_name="identity",
        remove_extra_whitespaces=not byte_fallback,
        user_defined_symbols=["<tab>", "=>", "\n"],
        control_symbols=["<|im_start|>"],
        character_coverage=0.99,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return model.getvalue()


def compare(tare, options, texts):
    """Returns the number of texts whose ids or decoded text differ."""
    model = train(*options)
    reference = sentencepiece.SentencePieceProcessor(model_proto=model)
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "tokenizer.model").write_bytes(model)
        got = run_tare(tare, folder, [], texts)
        back = run_tare(tare, folder, ["--decode"], got)
    expected = [reference.encode(text) for text in texts]
    different = [i for i in range(len(texts)) if got[i] != expected[i]]
    ties = [i for i in different if options[0] == "unigram" and is_tie(reference, got[i], expected[i])]
    wrong = [i for i in different if i not in ties]
    lost = [i for i in range(len(texts)) if options[1] and back[i] != texts[i]]
    for i in (wrong + lost)[:5]:
        print(f"  {texts[i][:200]!r}\n    tare      {got[i][:40]}\n    reference {expected[i][:40]}")
    print(f"{options}: {len(texts)} texts, {len(wrong)} differ, {len(ties)} are ties in single precision, "
          f"{len(lost)} are not decoded to themselves")
    return len(wrong) + len(lost)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tare", required=True, help="the tare program")
    parser.add_argument("--random", type=int, default=5000, help="random texts a model")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    texts = CORPUS + SPECIAL_TEXTS + [random_text(rng) for _ in range(args.random)]
    texts = [text for text in texts if "\0" not in text]  # the library's texts end at one
    options = itertools.product(("bpe", "unigram"), (True, False), (True, False))
    wrong = sum(compare(args.tare, each, texts) for each in options)
    print("identical" if wrong == 0 else f"{wrong} texts differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
