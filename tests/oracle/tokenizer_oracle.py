"""Holds Tare's token ids to those of the Hugging Face `tokenizers` library.

    python tests/oracle/tokenizer_oracle.py --tare build/release/src/cli/tare --model MODEL.gguf
    python tests/oracle/tokenizer_oracle.py --write-golden tests/golden --model MODEL.gguf

The reference is built from the same vocabulary, merges and pattern. Each vocabulary (the model's,
and a small one trained here that has all 256 bytes and user-defined tokens) is tried with each
pre-tokeniser, through GGUF files written for the purpose. Texts: tests/oracle/tokenizer_corpus.py,
random mixtures, and with --all-code-points every code point in three contexts. Ids, and the text
that they decode to, must be equal. Needs `tokenizers`, `gguf`, `jinja2` and numpy.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import gguf
import jinja2
import tokenizers
from tokenizers import decoders, models, pre_tokenizers, trainers

from tokenizer_corpus import CHATS, CORPUS, SPECIAL_TEXTS, TRAINING_TEXT, random_text

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4


def split_with(pre):
    pattern = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if pre == "gpt-2":
        return pattern
    return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pattern])


class Vocabulary:
    def __init__(self, name, tokens, merges, types):
        self.name, self.tokens, self.merges, self.types = name, tokens, merges, types

    def reference(self, pre, parse_special):
        vocabulary = {token: i for i, token in enumerate(self.tokens)}
        merges = [tuple(merge.split(" ")) for merge in self.merges]
        reference = tokenizers.Tokenizer(models.BPE(vocabulary, merges))
        reference.pre_tokenizer = split_with(pre)
        reference.decoder = decoders.ByteLevel()
        for token, kind in zip(self.tokens, self.types):
            if kind == CONTROL and parse_special:
                reference.add_special_tokens([tokenizers.AddedToken(token, special=True, normalized=False)])
            if kind == USER_DEFINED:
                reference.add_tokens([tokenizers.AddedToken(token, special=False, normalized=True)])
        return reference

    def write_gguf(self, path, pre):
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(pre)
        writer.add_token_list(self.tokens)
        writer.add_token_types(self.types)
        writer.add_token_merges(self.merges)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()


def model_vocabulary(path):
    fields = gguf.GGUFReader(path).fields
    return Vocabulary(
        "model",
        fields["tokenizer.ggml.tokens"].contents(),
        fields["tokenizer.ggml.merges"].contents(),
        [int(t) for t in fields["tokenizer.ggml.token_type"].contents()],
    )


def tiny_vocabulary():
    """All bytes, two hundred merges, control tokens of which one begins another, and user-defined ones."""
    trained = tokenizers.Tokenizer(models.BPE())
    trained.pre_tokenizer = split_with("gpt-2")
    trainer = trainers.BpeTrainer(
        vocab_size=456, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    trained.train_from_iterator(TRAINING_TEXT, trainer)
    model = json.loads(trained.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    merges = [" ".join(merge) for merge in model["merges"]]
    types = [NORMAL] * len(tokens)
    control = ["<|im_start|>", "<|im_end|>", "<|im|>", "<|im|>x", "<s>"]
    user = ["<tab>", "  \n", "=>", "<s>>"]
    return Vocabulary("tiny", tokens + control + user, merges, types + [CONTROL] * 5 + [USER_DEFINED] * 4)


def run_tare(tare, model, flags, values):
    lines = "".join(json.dumps(value) + "\n" for value in values)
    command = [tare, "tokenize", "-m", model, "--jsonl", *flags]
    done = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def compare(tare, vocabulary, pre, texts, parse_special, label):
    """Returns the number of texts whose ids or decoded text differ."""
    reference = vocabulary.reference(pre, parse_special)
    with tempfile.TemporaryDirectory() as folder:
        path = str(pathlib.Path(folder) / "vocabulary.gguf")
        vocabulary.write_gguf(path, pre)
        got = run_tare(tare, path, ["--special"] if parse_special else [], texts)
        back = run_tare(tare, path, ["--decode"], got)
    all_bytes = vocabulary.name == "tiny"
    wrong = 0
    for begin in range(0, len(texts), 10000):
        expected = reference.encode_batch(texts[begin : begin + 10000], add_special_tokens=False)
        for i, encoding in enumerate(expected, begin):
            decoded = texts[i] if all_bytes else reference.decode(encoding.ids, skip_special_tokens=False)
            if got[i] == encoding.ids and back[i] == decoded:
                continue
            wrong += 1
            if wrong <= 5:
                print(f"  {texts[i][:200]!r}\n    tare      {got[i][:40]}\n    reference {encoding.ids[:40]}")
                print(f"    decoded   {back[i][:200]!r}")
    kind = "special tokens parsed" if parse_special else "plain"
    print(f"{vocabulary.name:6} {pre:7} {label:16} {kind:22} {len(texts):9} texts, {wrong} differ")
    return wrong


def code_point_texts():
    for code_point in range(0x110000):
        if not 0xD800 <= code_point <= 0xDFFF:
            c = chr(code_point)
            yield from (f"a{c}b", f" {c}", f"{c}{c}1")


def write_golden(folder, model):
    """Expected ids, for tests that run without Python."""

    def cases(vocabulary, pre):
        return [
            {"text": text, "parse_special": special, "ids": vocabulary.reference(pre, special).encode(text).ids}
            for special, texts in ((False, CORPUS + SPECIAL_TEXTS), (True, SPECIAL_TEXTS))
            for text in texts
            if len(text) < 400
        ]

    tiny, real = tiny_vocabulary(), model_vocabulary(model)
    golden = {"tokens": tiny.tokens, "merges": tiny.merges, "token_types": tiny.types}
    golden |= {"cases": {pre: cases(tiny, pre) for pre in ("gpt-2", "smollm")}}
    write_json(folder / "tokenizer_tiny.json", golden)

    source = gguf.GGUFReader(model).fields["tokenizer.chat_template"].contents()
    template = jinja2.Environment(trim_blocks=True, lstrip_blocks=True).from_string(source)
    reference = real.reference("smollm", True)
    chats = []
    for messages in CHATS:
        for prompt in (True, False):
            text = template.render(messages=messages, add_generation_prompt=prompt)
            ids = reference.encode(text).ids
            chats.append({"messages": messages, "add_generation_prompt": prompt, "text": text, "ids": ids})
    write_json(folder / "tokenizer_smollm2.json", {"cases": cases(real, "smollm"), "chats": chats})


def write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace('},{"', '},\n{"') + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tare", help="the tare program")
    parser.add_argument("--model", required=True, help="a GGUF file with a byte-level BPE vocabulary")
    parser.add_argument("--random", type=int, default=20000, help="random texts a combination")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all-code-points", action="store_true")
    parser.add_argument("--write-golden", type=pathlib.Path, metavar="FOLDER")
    args = parser.parse_args()
    if args.write_golden:
        write_golden(args.write_golden, args.model)
        return 0

    rng = random.Random(args.seed)
    noise = [random_text(rng) for _ in range(args.random)]
    wrong = 0
    for vocabulary in (model_vocabulary(args.model), tiny_vocabulary()):
        for pre in ("gpt-2", "smollm"):
            for special in (False, True):
                texts = CORPUS + SPECIAL_TEXTS
                wrong += compare(args.tare, vocabulary, pre, texts, special, "corpus")
                wrong += compare(args.tare, vocabulary, pre, noise, special, "random")
            if args.all_code_points:
                texts = list(code_point_texts())
                wrong += compare(args.tare, vocabulary, pre, texts, False, "all code points")
    print("identical" if wrong == 0 else f"{wrong} texts differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
