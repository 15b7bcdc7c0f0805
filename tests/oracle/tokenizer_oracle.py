"""Compares Tare's token ids with those of the libraries that define the formats it reads.

    python tests/oracle/tokenizer_oracle.py --tare build/release/bin/tare --model MODEL.gguf
    python tests/oracle/tokenizer_oracle.py --tare … --keras --gpt2-vocabulary FOLDER
    python tests/oracle/tokenizer_oracle.py --write-golden tests/golden --model … --gpt2-vocabulary FOLDER
    python tests/oracle/tokenizer_oracle.py --write-golden tests/golden --keras --gpt2-vocabulary FOLDER

The reference is Hugging Face's `tokenizers`, or with --keras KerasHub's own tokenizer classes.
Each vocabulary (the model's, GPT-2's, and a small one trained here with all 256 bytes and
user-defined tokens) is tested with each pre-tokeniser, through GGUF files, tokenizer.json files and
presets written for this test. Texts: tests/oracle/tokenizer_corpus.py, random mixtures, and with
--all-code-points every code point in several contexts. Ids and their decoded text must be equal.
scripts/get_gpt2_vocabulary.sh prints FOLDER. Needs `tokenizers`, `gguf`, `jinja2` and numpy; with
--keras `tokenizers` and `keras_hub` (scripts/keras_python.sh prints a Python that has them).
"""

import argparse
import itertools
import json
import pathlib
import random
import sys
import tempfile

import tokenizers
from tokenizers import decoders, models, pre_tokenizers, processors, trainers

from tokenizer_corpus import CHATS, CORPUS, SPECIAL_TEXTS, TRAINING_TEXT, random_text
from tokenizer_run import run_tare

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
CONTRACTION = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
SPACES_AND_LINES = r"\s*[\r\n]+|\s+(?!\S)|\s+"
BEFORE = r"[^\r\n\p{L}\p{N}]?"
UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
LLAMA3 = rf"{CONTRACTION}|{BEFORE}\p{{L}}+|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{SPACES_AND_LINES}"
QWEN35 = rf"{CONTRACTION}|{BEFORE}[\p{{L}}\p{{M}}]+|\p{{N}}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*|{SPACES_AND_LINES}"
SIGNS = rf" ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{SPACES_AND_LINES}"
GPT4O = (
    rf"{BEFORE}{UPPER}*{LOWER}+{CONTRACTION}?|{BEFORE}{UPPER}+{LOWER}*{CONTRACTION}?|\p{{N}}{{1,3}}|{SIGNS}"
)
DEEPSEEK3 = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
    rf"| ?[\p{{P}}\p{{S}}]+[\r\n]*|{SPACES_AND_LINES}"
)
ANY_CJK = "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+"
BLOOM = " ?[^(\\s|.,!?\u2026\u3002\uff0c\u3001\u0964\u06d4\u060c)]+"
CASED_LETTERS = (  # of DeepSeek LLM
    "\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af\u0370-\u0373"
    "\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f"
    "\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77"
    "\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-"
    "\u1f7d\u1f80-\u1fb4\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec"
    "\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128\u212a-\u212d\u212f-"
    "\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3"
    "\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17"
    "\uff21-\uff3a\uff41-\uff5a\U00010400-\U0001044f\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-"
    "\U00010cb2\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943]+"
)
SIGNS_AND_QUOTES = "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+"
DIGITS = pre_tokenizers.Digits(individual_digits=True)
# What splits, in order; a byte-level step without a pattern follows.
SPLITS = {
    "gpt-2": [GPT2],
    "smollm": [DIGITS, GPT2],
    "llama-bpe": [LLAMA3],
    "smaug-bpe": [LLAMA3],
    "qwen2": [LLAMA3.replace("{1,3}", "")],
    "qwen35": [QWEN35],
    "gpt-4o": [GPT4O],
    "tekken": [GPT4O.replace(CONTRACTION + "?", "").replace("{1,3}", "")],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
    "deepseek-v3": [r"\p{N}{1,3}", "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+", DEEPSEEK3],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", ANY_CJK, DIGITS],
    "deepseek-llm": [r"[\r\n]", CASED_LETTERS, SIGNS_AND_QUOTES, r"\s+$", ANY_CJK, r"\p{N}+"],
    "falcon": [r"[\p{P}\$\+<=>\^~\|`]+", GPT2, "[0-9][0-9][0-9]"],
    "bloom": [BLOOM],
    "viking": [BLOOM, r"\p{N}"],
}
PRE_TOKENIZERS = tuple(SPLITS)
GOLDEN_PRE_TOKENIZERS = ("gpt-2", "smollm", "llama-bpe")
IGNORE_MERGES = ("llama-bpe", "tekken")


LLAMA3_SPECIAL = ["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"]


def split_with(pre):
    steps = [
        step if step is DIGITS else pre_tokenizers.Split(tokenizers.Regex(step), "isolated") for step in SPLITS[pre]
    ]
    return pre_tokenizers.Sequence([*steps, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


class Vocabulary:
    def __init__(self, name, tokens, merges, types):
        self.name, self.tokens, self.merges, self.types = name, tokens, merges, types

    def reference(self, pre, parse_special):
        vocabulary = {token: i for i, token in enumerate(self.tokens)}
        merges = [tuple(merge.split(" ")) for merge in self.merges]
        reference = tokenizers.Tokenizer(models.BPE(vocabulary, merges, ignore_merges=pre in IGNORE_MERGES))
        reference.pre_tokenizer = split_with(pre)
        reference.decoder = decoders.ByteLevel()
        for token, kind in zip(self.tokens, self.types):
            if kind == CONTROL and parse_special:
                reference.add_special_tokens([tokenizers.AddedToken(token, special=True, normalized=False)])
            if kind == USER_DEFINED:
                reference.add_tokens([tokenizers.AddedToken(token, special=False, normalized=True)])
        return reference

    def write_gguf(self, folder, pre):
        import gguf

        path = str(folder / "vocabulary.gguf")
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(pre)
        writer.add_token_list(self.tokens)
        writer.add_token_types(self.types)
        writer.add_token_merges(self.merges)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        return path

    def write_tokenizer_json(self, folder, pre):
        reference = self.reference(pre, parse_special=True)
        if pre == "llama-bpe":  # as in Llama 3; ids that it adds are not tested
            begin = [(token, i) for i, token in enumerate(self.tokens) if self.types[i] == CONTROL][:1]
            template = processors.TemplateProcessing(single=f"{begin[0][0]} $A", special_tokens=begin)
            reference.post_processor = processors.Sequence([processors.ByteLevel(), template])
        reference.save(str(folder / "tokenizer.json"), pretty=pre == "gpt-2")
        return str(folder)


def model_vocabulary(path):
    import gguf

    fields = gguf.GGUFReader(path).fields
    return Vocabulary(
        "model",
        fields["tokenizer.ggml.tokens"].contents(),
        fields["tokenizer.ggml.merges"].contents(),
        [int(t) for t in fields["tokenizer.ggml.token_type"].contents()],
    )


def tiny_vocabulary():
    """All bytes, two hundred merges, control tokens (one is a prefix of another), and user-defined tokens."""
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
    unreachable = ["quick", "Ġlazy", "ing", "1234", "Ċ#", "é"]  # no merges produce them
    control = ["<|im_start|>", "<|im_end|>", "<|im|>", "<|im|>x", "<s>"]
    user = ["<tab>", "  \n", "=>", "<s>>"]
    unreachable = [token for token in unreachable if token not in tokens]
    types += [CONTROL] * len(control) + [USER_DEFINED] * len(user) + [NORMAL] * len(unreachable)
    return Vocabulary("tiny", tokens + control + user + unreachable, merges, types)


def gpt2_vocabulary(folder):
    vocabulary = json.loads((folder / "encoder.json").read_text(encoding="utf-8"))
    merges = (folder / "vocab.bpe").read_text(encoding="utf-8").splitlines()
    tokens = sorted(vocabulary, key=vocabulary.get)
    types = [CONTROL if token == "<|endoftext|>" else NORMAL for token in tokens]
    return Vocabulary("gpt2", tokens, [merge for merge in merges if " " in merge and "#version" not in merge], types)


def compare(tare, vocabulary, pre, texts, parse_special, label, form="gguf"):
    """Returns the number of texts whose ids or decoded text differ."""
    reference = vocabulary.reference(pre, parse_special)
    with tempfile.TemporaryDirectory() as folder:
        write = vocabulary.write_gguf if form == "gguf" else vocabulary.write_tokenizer_json
        path = write(pathlib.Path(folder), pre)
        got = run_tare(tare, path, ["--special"] if parse_special else [], texts)
        back = run_tare(tare, path, ["--decode"], got)
    expected = []
    for begin in range(0, len(texts), 10000):
        batch = reference.encode_batch(texts[begin : begin + 10000], add_special_tokens=False)
        expected += [encoding.ids for encoding in batch]
    all_bytes = vocabulary.name != "model"
    decoded = texts if all_bytes else reference.decode_batch(expected, skip_special_tokens=False)
    kind = "special tokens parsed" if parse_special else "plain"
    return report(f"{vocabulary.name:6} {form:5} {pre:14} {label:16} {kind:22}", texts, got, expected, back, decoded)


def report(title, texts, got, expected, back, decoded):
    wrong = [i for i in range(len(texts)) if got[i] != expected[i] or back[i] != decoded[i]]
    for i in wrong[:5]:
        print(f"  {texts[i][:200]!r}\n    tare      {got[i][:40]}\n    reference {expected[i][:40]}")
        print(f"    decoded   {back[i][:200]!r}")
    print(f"{title} {len(texts):9} texts, {len(wrong)} differ")
    return len(wrong)


def keras_tokenizer(vocabulary, class_name):
    import keras_hub

    ids = {token: i for i, token in enumerate(vocabulary.tokens)}
    unsplittable = [token for token, kind in zip(vocabulary.tokens, vocabulary.types) if kind == CONTROL]
    return getattr(keras_hub.tokenizers, class_name)(
        vocabulary=ids, merges=vocabulary.merges, unsplittable_tokens=unsplittable or None
    )


def compare_keras(tare, vocabulary, class_name, texts, label):
    """Returns the number of texts whose ids or decoded text differ from KerasHub's tokenizer."""
    reference = keras_tokenizer(vocabulary, class_name)
    with tempfile.TemporaryDirectory() as folder:
        reference.save_to_preset(folder)
        got = run_tare(tare, folder, ["--special"], texts)
        back = run_tare(tare, folder, ["--decode"], got)
    expected = [[int(i) for i in row] for row in reference(texts)]
    decoded = list(reference.detokenize(expected))
    return report(f"{vocabulary.name:6} keras {class_name:16} {label:16}", texts, got, expected, back, decoded)


def keras_vocabulary(vocabulary, special):
    """The vocabulary without user-defined tokens, which KerasHub lacks, and with `special`."""
    kept = [(t, k) for t, k in zip(vocabulary.tokens, vocabulary.types) if k != USER_DEFINED]
    kept += [(token, CONTROL) for token in special if token not in vocabulary.tokens]
    return Vocabulary(vocabulary.name, [t for t, _ in kept], vocabulary.merges, [k for _, k in kept])


def write_keras_golden(folder, gpt2):
    """Writes the golden file for KerasHub, which always parses special tokens."""
    texts = [text for text, special in golden_texts() if not special]

    def cases(vocabulary, class_name):
        rows = keras_tokenizer(vocabulary, class_name)(texts)
        return [{"text": text, "ids": [int(i) for i in row]} for text, row in zip(texts, rows)]

    tiny = keras_vocabulary(tiny_vocabulary(), LLAMA3_SPECIAL)
    control = [token for token, kind in zip(tiny.tokens, tiny.types) if kind == CONTROL]
    golden = {"tokens": tiny.tokens, "merges": tiny.merges, "unsplittable_tokens": control}
    golden |= {"llama3_cases": cases(tiny, "Llama3Tokenizer")}
    golden |= {"gpt2_cases": cases(gpt2_vocabulary(gpt2), "GPT2Tokenizer")}
    write_json(folder / "tokenizer_keras.json", golden)


def compare_all_keras(args, noise):
    vocabularies = [tiny_vocabulary()]
    if args.gpt2_vocabulary:
        vocabularies.append(gpt2_vocabulary(args.gpt2_vocabulary))
    special = {"BytePairTokenizer": [], "GPT2Tokenizer": ["<|endoftext|>"], "Llama3Tokenizer": LLAMA3_SPECIAL}
    wrong = 0
    for vocabulary in vocabularies:
        for class_name, tokens in special.items():
            preset = keras_vocabulary(vocabulary, tokens)
            wrong += compare_keras(args.tare, preset, class_name, CORPUS + SPECIAL_TEXTS, "corpus")
            wrong += compare_keras(args.tare, preset, class_name, noise, "random")
    return wrong


def code_point_texts():
    for code_point in range(0x110000):
        if not 0xD800 <= code_point <= 0xDFFF:
            c = chr(code_point)
            yield from (f"a{c}b", f" {c}", f"{c}{c}1", f"'{c} {c}x", f"'l{c}\n")


def golden_texts():
    """Texts, and whether special tokens are parsed in them."""
    plain = [(text, False) for text in CORPUS + SPECIAL_TEXTS]
    return [(text, special) for text, special in plain + [(t, True) for t in SPECIAL_TEXTS] if len(text) < 400]


def write_golden(folder, model, gpt2):
    """Expected ids, for tests that run without Python."""

    def cases(vocabulary, pre):
        return [
            {"text": text, "parse_special": special, "ids": vocabulary.reference(pre, special).encode(text).ids}
            for text, special in golden_texts()
        ]

    write_json(folder / "tokenizer_gpt2.json", {"cases": cases(gpt2_vocabulary(gpt2), "gpt-2")})

    tiny, real = tiny_vocabulary(), model_vocabulary(model)
    golden = {"tokens": tiny.tokens, "merges": tiny.merges, "token_types": tiny.types}
    golden |= {"cases": {pre: cases(tiny, pre) for pre in GOLDEN_PRE_TOKENIZERS}}
    write_json(folder / "tokenizer_tiny.json", golden)

    import gguf
    import jinja2

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


def compare_all(args, noise):
    vocabularies = [tiny_vocabulary()]
    if args.model:
        vocabularies.append(model_vocabulary(args.model))
    if args.gpt2_vocabulary:
        vocabularies.append(gpt2_vocabulary(args.gpt2_vocabulary))
    wrong = 0
    for vocabulary in vocabularies:
        for pre in GOLDEN_PRE_TOKENIZERS:
            for special in (False, True):
                texts = CORPUS + SPECIAL_TEXTS
                wrong += compare(args.tare, vocabulary, pre, texts, special, "corpus")
                wrong += compare(args.tare, vocabulary, pre, texts, special, "corpus", form="json")
                wrong += compare(args.tare, vocabulary, pre, noise, special, "random")
            if args.all_code_points:
                texts = code_point_texts()
                while batch := list(itertools.islice(texts, 1 << 20)):  # all at once would take gigabytes
                    wrong += compare(args.tare, vocabulary, pre, batch, False, "all code points")
    # The others with the vocabulary of which every split shows.
    for pre in PRE_TOKENIZERS:
        if pre not in GOLDEN_PRE_TOKENIZERS:
            texts = CORPUS + SPECIAL_TEXTS
            wrong += compare(args.tare, tiny_vocabulary(), pre, texts, False, "corpus", form="json")
            wrong += compare(args.tare, tiny_vocabulary(), pre, texts + noise, False, "random")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tare", help="the tare program")
    parser.add_argument("--model", help="a GGUF file with a byte-level BPE vocabulary")
    parser.add_argument("--gpt2-vocabulary", type=pathlib.Path, help="a folder with encoder.json and vocab.bpe")
    parser.add_argument("--keras", action="store_true", help="hold presets to KerasHub instead")
    parser.add_argument("--random", type=int, default=20000, help="random texts a combination")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--all-code-points", action="store_true")
    parser.add_argument("--write-golden", type=pathlib.Path, metavar="FOLDER")
    args = parser.parse_args()
    if args.write_golden:
        if args.keras:
            write_keras_golden(args.write_golden, args.gpt2_vocabulary)
        else:
            write_golden(args.write_golden, args.model, args.gpt2_vocabulary)
        return 0

    rng = random.Random(args.seed)
    noise = [random_text(rng) for _ in range(args.random)]
    wrong = compare_all_keras(args, noise) if args.keras else compare_all(args, noise)
    print("identical" if wrong == 0 else f"{wrong} texts differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
