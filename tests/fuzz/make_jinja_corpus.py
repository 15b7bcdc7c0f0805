#!/usr/bin/env python3
"""Writes the seeds of jinja_fuzz: the templates of tests/golden/jinja_cases.py, a few in each file.

usage: make_jinja_corpus.py      writes corpus/jinja_fuzz beside this file
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))

import jinja_cases  # noqa: E402


def main():
    folder = HERE / "corpus" / "jinja_fuzz"
    folder.mkdir(parents=True, exist_ok=True)
    printed = ["{{ " + expression + " }}\n" for expression in jinja_cases.EXPRESSIONS]
    texts = ["".join(printed[i : i + 8]) for i in range(0, len(printed), 8)]
    texts += ["\n".join(jinja_cases.TEMPLATES[i : i + 5]) for i in range(0, len(jinja_cases.TEMPLATES), 5)]
    for i, text in enumerate(texts):
        (folder / f"cases_{i:02}").write_text(text, encoding="utf-8", newline="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
