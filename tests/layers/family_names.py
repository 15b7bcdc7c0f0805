"""Finds names of model families outside their folders.

A family is one folder of src/models/families and one line in families.cc; its name is the folder's. No other code,
C++ or Python, may name one; it asks the Family instead. Searches src, include, workers and python, ignoring case, so
that class names count too. These uses are allowed:

- the backend llama.cpp, and files named after it, which speak its C API;
- pre-tokenizers and vocabularies, which are called after the model they came with (kGpt2, "llama-bpe"), where texts are
  split into tokens; elsewhere by their C++ names alone;
- the word for a way to scale rotation, "llama3", where config.json is read;
- a command's example in its help, a string that begins with "  tare ";
- tests, which need some model.
"""

import pathlib
import re

FAMILIES = pathlib.PurePath("src/models/families")
SEARCHED = ("src", "include", "workers", "python")
SUFFIXES = (".h", ".cc", ".inc", ".py", ".txt", ".json")

BACKEND = re.compile(r"llama[._-]?cpp|-lllama\b|\bllama-quantize\b", re.IGNORECASE)
BACKEND_FILE = re.compile(r"llama[._]cpp")
PRE_TOKENIZER = re.compile(r"\bPreTokenizer::k\w+|\bk\w+Pattern\b|\bllama-bpe\b")
ROPE_TYPE = re.compile(r'"llama3"|linear, llama3, yarn')
ROPE_FILE = "src/models/decoder/decoder_hf_rope.cc"
EXAMPLE = re.compile(r'^\s*"  tare .*$')
# Where texts are split, more of those names are said; there quoted words in small letters are such names.
PRE_TOKENIZER_NAME = re.compile(
    r'"[a-z0-9.-]*(?:qwen|phi|granite|gemma|mistral|smollm)[a-z0-9.-]*"|'
    r"\bk(?:Qwen|Phi|Granite|Gemma|Mistral|SmolLm)\w*"
)
TOKENIZER_ROOMS = ("src/tokenizer/", "src/models/tokenizers/", "include/tare/tokenizer.h")
VOCABULARY = re.compile(
    r'\b(?:k|is_)?(?:Gpt2|Llama3|Qwen2)(?:End)?\b|\bis_(?:llama3|phi3)\b|"phi3"|\bLlama 3\b|= "(?:gpt2|llama)";'
)
# The table of their names is there.
NAME_TABLE = pathlib.PurePath("src/tokenizer/pre_tokenizers.cc")


def is_test(file):
    return "testing" in file.parts or file.stem.endswith(("_test", "_bench")) or file.name == "test_vocabulary.h"


def searched_files(root):
    for folder in SEARCHED:
        for file in sorted((root / folder).rglob("*")):
            where = file.relative_to(root)
            if file.suffix not in SUFFIXES or not file.is_file() or is_test(where):
                continue
            is_named = where.is_relative_to(FAMILIES) or where == NAME_TABLE or BACKEND_FILE.match(file.name)
            if not is_named:
                yield file


def families(root):
    """The names of the families' folders."""
    return sorted(path.name for path in (root / FAMILIES).glob("*") if path.is_dir())


def without_other_names(line, where):
    if EXAMPLE.match(line):
        return ""
    others = [BACKEND, PRE_TOKENIZER]
    if str(where).startswith(TOKENIZER_ROOMS):
        others += [VOCABULARY, PRE_TOKENIZER_NAME]
    if str(where) == ROPE_FILE:
        others.append(ROPE_TYPE)
    for pattern in others:
        line = pattern.sub("", line)
    return line


def violations(root):
    """One sentence per line of code that names a family."""
    root = pathlib.Path(root).resolve()
    names = families(root)
    if not names:
        return
    search = re.compile("|".join(map(re.escape, names)), re.IGNORECASE)
    for file in searched_files(root):
        where = file.relative_to(root)
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            found = search.search(without_other_names(line, where))
            if found:
                yield f"{where}:{number}: names the family {found.group().lower()}; only {FAMILIES} may"
