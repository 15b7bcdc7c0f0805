#!/usr/bin/env python3
"""Compares Tare with KerasHub on a preset of every family that both know: every logit, and greedy tokens.

usage: keras_families.py --tare TARE --logits TARE_LOGITS [--only NAME] [--markdown FILE]

Runs with the Python of a keras-jax row (scripts/keras_python.sh prints it). `tare synth` writes the presets, whose
norms and biases are random too. KerasHub loads each and computes the logits of random ids, past the windows and to the
full context: all at once, and token by token through its cache. Tare does the same. Where the two ways of KerasHub
differ by E, Tare may be off by 4 E (comparison.py); E is taken to be at least the rounding of a logit in ROUNDINGS
sums. A greedy token may differ only where its logit is within twice that of the best.

The tolerance must expose mistakes: with one number of the configuration changed, Tare must exceed it.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import keras_presets  # first: it chooses Keras's backend  # noqa: F401
import keras_reference
import numpy as np
from comparison import ALLOWANCE, TareLogits, first_parting, hand_in, largest_error

CONTEXT = 96
NEW_TOKENS = 24
ROUNDINGS = 32
SIZES = "layers=6,vocabulary=997,context=96"
SHAPES = {
    "llama3": "llama3:{},heads=6,kv_heads=3,width=84,inner=154,rope_factor=8,rope_context=32",
    "mistral": "mistral:{},heads=6,kv_heads=2,width=84,inner=150",
    "qwen2": "qwen2:{},heads=5,kv_heads=1,width=70,inner=130",
    "qwen2-tied": "qwen2:{},heads=4,kv_heads=4,width=72,inner=90,tied=true",
    "qwen3": "qwen3:{},heads=6,kv_heads=2,width=66,inner=150,head_size=18",
    "qwen3-tied": "qwen3:{},heads=4,kv_heads=1,width=60,inner=70,head_size=22,tied=true",
    "gemma2": "gemma2:{},heads=6,kv_heads=2,width=66,inner=150,head_size=18",
    "gemma3": "gemma3:{},heads=4,kv_heads=1,width=60,inner=154,head_size=22",
    "phi3": "phi3:{},heads=6,kv_heads=3,width=84,inner=150",
    "smollm3": "smollm3:{},heads=6,kv_heads=2,width=84,inner=150",
}
# Factors of numbers in a preset's configuration that must make Tare's logits wrong.
MISTAKES = {
    "layer_norm_epsilon": 2,
    "rope_max_wavelength": 1.01,
    "rope_scaling_factor": 1.01,
    "global_rope_scaling_factor": 1.01,
    "local_rope_scaling_factor": 1.01,
    "attention_logit_soft_cap": 1.01,
    "final_logit_soft_cap": 1.01,
    "sliding_window_size": 0.9,
    "sliding_window": 0.9,
}


def mistaken(preset, key, folder):
    """A copy of the preset with one number changed; None if it has none that counts."""
    config = json.loads((preset / "config.json").read_text())
    value = config["config"].get(key)
    if not value or (key.startswith("sliding") and value >= CONTEXT):
        return None
    config["config"][key] = type(value)(value * MISTAKES[key])
    if config["config"][key] == value:
        return None
    shutil.copytree(preset, folder)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


class Family:
    """A preset, what KerasHub makes of it, and how far Tare may be off."""

    def __init__(self, tare, name, folder):
        self.preset = folder / name
        shape = SHAPES[name].format(SIZES)
        subprocess.run([tare, "synth", shape, self.preset, "--seed", str(len(name))], check=True, capture_output=True)
        keras = keras_reference.Reference(self.preset, "float32")
        random = np.random.default_rng(7)
        self.ids = random.integers(0, 997, CONTEXT).astype(np.int32)
        self.prompt = self.ids[:9].tolist()
        self.logits = keras.forward(self.ids[None])[0]
        steps = keras.step_by_step(self.ids[None])[0]
        self.greedy = keras.greedy([self.prompt], len(self.prompt) + NEW_TOKENS)[0][len(self.prompt):].tolist()
        self.after = keras.forward(np.array([self.prompt + self.greedy], dtype=np.int32))[0][len(self.prompt) - 1 :]
        self.largest = float(np.abs(self.logits).max())
        self.error = max(largest_error(steps, self.logits), ROUNDINGS * 2.0**-24 * self.largest)
        self.tolerance = ALLOWANCE * self.error


def examine(tare, program, name, folder):
    """(line of the report, faults)"""
    family = Family(tare, name, folder)
    model = TareLogits(program, family.preset)
    ids, faults = family.ids.tolist(), []
    errors = [largest_error(model.logits(ids, 997, *flags), family.logits) for flags in ([], ["--step"])]
    faults += [f"{name}: logits off by {error:.1e}" for error in errors if not error <= family.tolerance]
    chosen = model.greedy(family.prompt, NEW_TOKENS)
    at = first_parting(chosen, family.greedy)
    if at is not None:
        short = family.after[at].max() - family.after[at][chosen[at]] if at < len(chosen) else np.inf
        if not short <= 2 * family.tolerance:
            faults.append(f"{name}: token {at} is {short:.1e} below the best")
    tried = []
    for key in MISTAKES:
        wrong = mistaken(family.preset, key, folder / f"{name}-{key}")
        if wrong is None:
            continue
        tried.append(key)
        try:
            error = largest_error(TareLogits(program, wrong).logits(ids, 997), family.logits)
        except subprocess.CalledProcessError:
            continue  # refused: Gemma's epsilon, which KerasHub ignores in all layers
        if error <= family.tolerance:
            faults.append(f"{name}: {key} x {MISTAKES[key]} goes unseen")
    if not tried:
        faults.append(f"{name}: no mistake was tried")
    same = f"{NEW_TOKENS}" if at is None else f"until {at}"
    return (f"| {name} | {errors[0]:.1e} | {errors[1]:.1e} | {family.tolerance:.1e} | {family.largest:.1f} | {same} "
            f"| {len(tried)} |", faults)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tare", required=True)
    parser.add_argument("--logits", required=True, help="the program tare_logits")
    parser.add_argument("--only", choices=SHAPES)
    parser.add_argument("--markdown", type=pathlib.Path)
    args = parser.parse_args()
    lines = ["| shape | prefill | step by step | tolerance | largest logit | same greedy tokens | mistakes seen |",
             "|---|---|---|---|---|---|---|"]
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for name in [args.only] if args.only else SHAPES:
            line, found = examine(args.tare, args.logits, name, pathlib.Path(folder))
            lines.append(line)
            faults += found
            print(line, flush=True)
    return hand_in("\n".join(lines), faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
