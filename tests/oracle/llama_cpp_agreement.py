#!/usr/bin/env python3
"""Counts how often Tare and llama.cpp choose the same token. A report, not a test: llama.cpp rounds
activations to 8 bits, so it may differ from Tare's f32 reference.

usage: llama_cpp_agreement.py --tare TARE --model MODEL.gguf [--markdown FILE]

Run with a Python that has llama-cpp-python (`tare backends install llama.cpp` makes one). For each
prompt of prompts.json Tare chooses 64 tokens. llama.cpp reads the prompt and these tokens, and
gives its own choice at each position. Counting continues after a difference, on Tare's tokens.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import llama_cpp
import numpy as np

NEW_TOKENS = 64


def tare_tokens(tare, model, prompt):
    command = [tare, "generate", "-m", model, "-n", str(NEW_TOKENS), "--ignore-eos", "--json"]
    command += ["--chat"] if prompt["chat"] else []
    said = json.loads(subprocess.run([*command, prompt["text"]], check=True, stdout=subprocess.PIPE).stdout)
    return said["prompt_ids"], said["ids"]


def choices(llama, prompt_ids, ids):
    """llama.cpp's choice in place of each of `ids`, and by how much it prefers it."""
    llama.reset()
    llama.eval(prompt_ids + ids)
    rows = np.array(llama.scores[len(prompt_ids) - 1 : len(prompt_ids) + len(ids) - 1])
    chosen = rows.argmax(axis=1)
    margins = rows.max(axis=1) - rows[np.arange(len(ids)), ids]
    return chosen.tolist(), margins.tolist()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tare", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--markdown", type=pathlib.Path, help="also write the report to this file")
    args = parser.parse_args()

    prompts = json.loads(pathlib.Path(__file__).with_name("prompts.json").read_text(encoding="utf-8"))
    llama = llama_cpp.Llama(model_path=args.model, n_ctx=1024, logits_all=True, verbose=False)
    lines = ["| prompt | tokens | chosen alike | first difference | largest difference in logits |",
             "|---|---|---|---|---|"]
    same = total = 0
    for prompt in prompts:
        prompt_ids, ids = tare_tokens(args.tare, args.model, prompt)
        chosen, margins = choices(llama, prompt_ids, ids)
        differ = [i for i, (a, b) in enumerate(zip(chosen, ids)) if a != b]
        same, total = same + len(ids) - len(differ), total + len(ids)
        first = str(differ[0]) if differ else "none"
        largest = f"{max(margins[i] for i in differ):.3f}" if differ else ""
        lines.append(f"| {prompt['name']} | {len(ids)} | {len(ids) - len(differ)} | {first} | {largest} |")
    lines += ["", f"llama-cpp-python {llama_cpp.__version__} chooses {same} of {total} tokens as Tare does."]
    text = "\n".join(lines)
    print(text)
    if args.markdown:
        args.markdown.parent.mkdir(parents=True, exist_ok=True)
        args.markdown.write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
