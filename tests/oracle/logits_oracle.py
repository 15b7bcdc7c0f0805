#!/usr/bin/env python3
"""Compares Tare with the reference (reference.py), token by token and logit by logit.

usage: logits_oracle.py --tare TARE --logits TARE_LOGITS --model MODEL.gguf [--markdown FILE]
  TARE         the program: `tare generate --json` gives the tokens that a user gets
  TARE_LOGITS  the test program that writes the logits of all positions, by prefill or step by step

For each prompt of prompts.json the f32 reference chooses 64 tokens greedily. Tare then gives
  1. the prompt's token ids, which must equal the reference's;
  2. its own 64 tokens: where they first differ from the reference's, Tare's token must be as good as
     the best one within the tolerance;
  3. all logits of prompt + reference tokens, by prefill and step by step with its cache: each must
     lie within the tolerance of the reference in f64, and so must the token that Tare ranks first.

The tolerance is measured, not picked. Two f32 implementations of one model differ in the order of
their sums, and both miss the exact result by about as much. E is the largest error of the f32
reference against the same model in f64 (norms and rotation included) on these very prompts. Tare may
be off by 4 E. Two logits may then swap if they are within 2 x 4 E.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import numpy as np
import torch

import reference
from comparison import ALLOWANCE, TareLogits, first_parting, hand_in, largest_error, shortfalls

NEW_TOKENS = 64
QUESTION = "What is the capital of France?"


class Tare(TareLogits):
    def __init__(self, tare, logits, model):
        super().__init__(logits, model)
        self.tare = tare

    def generate(self, text, chat, ignore_eos):
        command = [self.tare, "generate", "-m", self.model, "-n", str(NEW_TOKENS), "--json"]
        command += ["--chat"] if chat else []
        command += ["--ignore-eos"] if ignore_eos else []
        done = subprocess.run([*command, text], check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)


def examine(tare, f32, f64, ids, chat, text):
    """All measurements for one prompt with token ids `ids`."""
    wanted = reference.greedy(f32, ids, NEW_TOKENS)
    said = tare.generate(text, chat, ignore_eos=True)

    exact = reference.logits(f64, ids + wanted)
    row = {
        "prompt_tokens": len(ids),
        "new_tokens": len(wanted),
        "prompt_ids_same": said["prompt_ids"] == ids,
        "reference_error": largest_error(reference.logits(f32, ids + wanted), exact),
        "largest_logit": float(np.abs(exact).max()),
        "parted_at": first_parting(said["ids"], wanted),
        "shortfalls": [],
    }
    generated = slice(len(ids) - 1, len(ids) + len(wanted) - 1)
    for way in ("prefill", "step"):
        logits = tare.logits(ids + wanted, exact.shape[1], *(["--step"] if way == "step" else []))
        row[way + "_error"] = largest_error(logits, exact)
        best = logits[generated].argmax(axis=1)
        row["shortfalls"] += shortfalls(best, wanted, exact[generated])
    at = row["parted_at"]
    if at is not None:
        last = exact[len(ids) - 1 + at]
        mine = said["ids"][at] if at < len(said["ids"]) else None
        short = float("inf") if mine is None else float(last.max() - last[mine])
        row["shortfalls"].append((at, short))
    return row


def verdict(row, tolerance):
    faults = []
    if not row["prompt_ids_same"]:
        faults.append("prompt ids differ")
    for way in ("prefill", "step"):
        if not row[way + "_error"] <= tolerance:
            faults.append(f"{way} logits off by {row[way + '_error']:.2e}")
    worst = max((s for _, s in row["shortfalls"]), default=0.0)
    if not worst <= 2 * tolerance:
        faults.append(f"a chosen token is {worst:.2e} below the best")
    return faults


def report(rows, tolerance, yardstick):
    parted = [name for name, row in rows if row["parted_at"] is not None]
    swaps = sum(len(row["shortfalls"]) for _, row in rows)
    new_tokens = sum(row["new_tokens"] for _, row in rows)
    scale = max(row["largest_logit"] for _, row in rows)
    lines = [
        "| prompt | prompt tokens | new tokens | same as reference | logits, prefill | logits, step "
        "| f32 reference's own error |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in rows:
        at = row["parted_at"]
        same = "all" if at is None else f"until {at}"
        lines.append(
            f"| {name} | {row['prompt_tokens']} | {row['new_tokens']} | {same} "
            f"| {row['prefill_error']:.2e} | {row['step_error']:.2e} | {row['reference_error']:.2e} |"
        )
    lines += [
        "",
        f"Errors are the largest |logit - logit in f64| of a prompt; the largest logit is {scale:.1f}.",
        f"E = {yardstick:.2e} (the f32 reference's largest error); tolerance {ALLOWANCE} E = "
        f"{tolerance:.2e}.",
        f"Greedy tokens: {len(rows) - len(parted)} of {len(rows)} prompts the same to the last of "
        f"{new_tokens} tokens in all; choices that part from the reference: {swaps}.",
    ]
    for name, row in rows:
        for at, short in row["shortfalls"]:
            lines.append(f"- {name}, token {at}: the chosen logit is {short:.2e} below the best.")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tare", required=True)
    parser.add_argument("--logits", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--markdown", type=pathlib.Path, help="also write the report to this file")
    args = parser.parse_args()

    f32 = reference.load(args.model, torch.float32)
    f64 = reference.load(args.model, torch.float64)
    text = reference.Text(args.model)
    tare = Tare(args.tare, args.logits, args.model)

    asked = text.ids(QUESTION, chat=True)
    expected = text.text(reference.greedy(f32, asked, NEW_TOKENS, text.end_of_text))
    answer = tare.generate(QUESTION, chat=True, ignore_eos=False)["text"]
    faults = []
    if "Paris" not in expected:
        faults.append(f"the reference is not sound: it answers {expected!r}")
    if answer.strip() != expected.strip():
        faults.append(f"{QUESTION} Tare answers {answer!r}, the reference {expected!r}")

    rows = []
    for name, chat, prompt in reference.prompts():
        print(f"logits_oracle: {name}", file=sys.stderr)
        rows.append((name, examine(tare, f32, f64, text.ids(prompt, chat), chat, prompt)))
    yardstick = max(row["reference_error"] for _, row in rows)
    tolerance = ALLOWANCE * yardstick
    faults += [f"{name}: {fault}" for name, row in rows for fault in verdict(row, tolerance)]

    written = report(rows, tolerance, yardstick)
    return hand_in(written, faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
