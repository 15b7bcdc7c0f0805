#!/usr/bin/env python3
"""Checks that a model quantised by llama.cpp's library gives the tokens of its values in f32.

usage: quantised_tokens.py --tare TARE --model MODEL.gguf [--prompts N] [--markdown FILE]

Run with a Python that has llama-cpp-python (`tare backends install llama.cpp` makes one). For each type, the library
and `tare convert --type` each make a file of the model; `tare convert --type f32` then makes a file of its values.
From the prompts of prompts.json both must give the same 64 greedy tokens, up to a tie: where they part, the two
tokens' log probabilities may differ by at most TIE. Shows the smallest margin of the best token over the next.
"""

import argparse
import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile

import llama_cpp

import comparison

NEW_TOKENS = 64
TIE = 1e-4
FILE_TYPES = {"q5_0": 8, "q5_1": 9, "q6_k": 18, "q4_k_m": 15, "q3_k_m": 12, "iq4_xs": 30}  # of llama_model_quantize


def generate(tare, model, prompt):
    """[(id, {id: log probability} of the two most likely tokens)]"""
    command = [tare, "generate", "-m", model, "-n", str(NEW_TOKENS), "--ignore-eos", "--json", "--logprobs", "2"]
    command += ["--chat"] if prompt["chat"] else []
    done = subprocess.run([*command, prompt["text"]], check=True, stdout=subprocess.PIPE)
    return [(token["id"], {other["id"]: other["log_probability"] for other in token["likeliest"]})
            for token in json.loads(done.stdout)["log_probabilities"]]


def margin(likeliest):
    best, second = sorted(likeliest.values(), reverse=True)
    return best - second


def convert(tare, source, out, dtype):
    subprocess.run([tare, "convert", source, out, "--type", dtype], check=True, stderr=subprocess.DEVNULL)


def quantise_by_library(source, out, file_type):
    parameters = llama_cpp.llama_model_quantize_default_params()
    parameters.ftype = file_type
    done = llama_cpp.llama_model_quantize(bytes(source), bytes(out), ctypes.byref(parameters))
    if done != 0:
        raise RuntimeError(f"llama_model_quantize: {done}")


def types_in(tare, model):
    """"211 q5_0, 61 f32": tensors by type."""
    done = subprocess.run([tare, "inspect", model, "--json"], check=True, stdout=subprocess.PIPE)
    return ", ".join(f"{entry['tensors']} {entry['type']}" for entry in json.loads(done.stdout)["precisions"])


def compare(tare, quantised, plain, prompts, faults, what):
    """(equal tokens, tokens, first differences, smallest margin)"""
    alike = total = 0
    partings, smallest = [], float("inf")
    for prompt in prompts:
        got, want = generate(tare, quantised, prompt), generate(tare, plain, prompt)
        at = comparison.first_parting([token for token, _ in got], [token for token, _ in want])
        end = NEW_TOKENS if at is None else at
        alike, total = alike + end, total + NEW_TOKENS
        smallest = min(smallest, *(margin(likeliest) for _, likeliest in want[: end + 1]))
        if at is None:
            continue
        apart = margin(want[at][1])
        partings.append(f"{prompt['name']} at {at}, margin {apart:.2g}")
        if not apart <= TIE:
            faults.append(f"{what}: {partings[-1]}")
    return alike, total, partings, smallest


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tare", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--prompts", type=int, default=2, help="how many of prompts.json, spread over it; default 2")
    parser.add_argument("--markdown", type=pathlib.Path, help="also write the report to this file")
    args = parser.parse_args()

    prompts = json.loads(pathlib.Path(__file__).with_name("prompts.json").read_text(encoding="utf-8"))
    prompts = prompts[:: max(1, len(prompts) // args.prompts)][: args.prompts]
    faults = []
    lines = ["| type | made by | tensors | tokens alike | partings | smallest margin |", "|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        source, quantised, plain = (pathlib.Path(folder) / name for name in ("f32.gguf", "blocks.gguf", "plain.gguf"))
        convert(args.tare, args.model, source, "f32")
        for dtype, file_type in FILE_TYPES.items():
            for maker in ("llama.cpp", "tare"):
                for old in (quantised, plain):
                    old.unlink(missing_ok=True)
                if maker == "tare":
                    convert(args.tare, source, quantised, dtype)
                else:
                    quantise_by_library(source, quantised, file_type)
                convert(args.tare, quantised, plain, "f32")
                what = f"{dtype} by {maker}"
                alike, total, partings, smallest = compare(args.tare, quantised, plain, prompts, faults, what)
                lines.append(f"| {dtype} | {maker} | {types_in(args.tare, quantised)} | {alike} of {total} | "
                             f"{'; '.join(partings) or 'none'} | {smallest:.2g} |")
    return comparison.hand_in("\n".join(lines), faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
