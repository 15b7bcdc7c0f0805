"""Makes the stored inputs of tokenizer_json_fuzz: python tests/fuzz/make_tokenizer_json_corpus.py"""

import json
import pathlib

FOLDER = pathlib.Path(__file__).parent / "corpus" / "tokenizer_json_fuzz"

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
TOKENS = ["a", "b", "c", "\u0120", "ab", "\u0120a", "abc"]


def byte_level(use_regex):
    return {"type": "ByteLevel", "add_prefix_space": False, "use_regex": use_regex}


def file(pre_tokenizer, merges, **rest):
    model = {"type": "BPE", "vocab": {t: i for i, t in enumerate(TOKENS)}, "merges": merges}
    model |= rest.pop("model", {})
    return {"pre_tokenizer": pre_tokenizer, "model": model} | rest


def sequence(*steps):
    return {"type": "Sequence", "pretokenizers": steps}


SPLIT = {"type": "Split", "pattern": {"Regex": LLAMA3}, "behavior": "Isolated", "invert": False}
DIGITS = {"type": "Digits", "individual_digits": True}
ADDED = [
    {"id": 7, "content": "<s>", "special": True, "normalized": False},
    {"id": 8, "content": "ca", "special": False, "normalized": True},
]
TEMPLATE = {
    "type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "special_tokens": {"<s>": {"id": "<s>", "ids": [7], "tokens": ["<s>"]}},
}

CASES = {
    "gpt2": file(byte_level(True), ["a b", "\u0120 a", "ab c"]),
    "pairs": file(byte_level(True), [["a", "b"], ["ab", "c"]]),
    "smollm": file(sequence(DIGITS, byte_level(True)), ["a b"]),
    "llama3": file(sequence(SPLIT, byte_level(False)), ["a b"], model={"ignore_merges": True}),
    "whole": file(byte_level(False), ["a b"]),
    "added": file(byte_level(True), ["a b"], added_tokens=ADDED, post_processor=TEMPLATE),
    "gap": file(byte_level(True), [], model={"vocab": {"a": 0, "b": 2}}),
    "unknown_merge": file(byte_level(True), ["x y"]),
    "unknown_pattern": file(sequence(SPLIT | {"pattern": {"Regex": "x"}}, byte_level(False)), []),
}

FOLDER.mkdir(parents=True, exist_ok=True)
for name, content in CASES.items():
    (FOLDER / name).write_text(json.dumps(content))
(FOLDER / "not_json").write_text('{"model":{"vocab":{"a":0,')
