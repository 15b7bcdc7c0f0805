#!/usr/bin/env python3
"""Compares Tare with KerasHub on presets with random weights: every logit, and greedy tokens.

usage: keras_logits.py --logits TARE_LOGITS --tare TARE [--only NAME] [--markdown FILE]
  TARE         the program: `tare synth` makes some of the presets, `tare convert` other formats
  TARE_LOGITS  the test program that writes logits of all positions, or the engine's greedy tokens

Runs with the Python of a keras-jax row (scripts/keras_python.sh prints it). For each shape KerasHub
(keras_presets.py) or `tare synth` writes a preset. KerasHub loads it and continues prompts greedily;
the prompts range from one token to the whole context. It then computes the logits of every position
of the result, all at once and token by token through its cache. Tare reads the same preset and
computes
  1. all logits of each prompt, run all at once, with and without graph passes;
  2. all logits of the full context, token by token through its cache;
  3. the engine's own greedy continuation;
and the logits of the full context from the same weights as a Hugging Face folder and as GGUF.

The tolerance is measured, not picked: E is the largest error of KerasHub in f32 against KerasHub in
f64 (keras_reference.py) on these tokens. Tare's logits may differ from the f64 ones by 4 E
(comparison.py). If a greedy token differs from KerasHub's, its exact logit must be within 2 x 4 E of
the best.

The script also checks that the tolerance is narrow enough to expose a mistake: with a preset whose
configuration is changed a little (an epsilon, a frequency, a factor), Tare must exceed it.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np

import keras_presets
import keras_reference
from comparison import ALLOWANCE, TareLogits, first_parting, hand_in, largest_error
from keras_presets import Shape

NEW_TOKENS = 32
CORRECTED = {
    "rope_max_wavelength": 500000,
    "rope_frequency_adjustment_factor": 8.0,
    "rope_low_freq_factor": 1.0,
    "rope_high_freq_factor": 4.0,
}


def gpt2_sizes(layers, heads, width, inner, vocabulary):
    return {
        "num_layers": layers,
        "num_heads": heads,
        "hidden_dim": width,
        "intermediate_dim": inner,
        "vocabulary_size": vocabulary,
    }


def llama_sizes(layers, heads, kv_heads, width, inner, vocabulary):
    return {
        "num_layers": layers,
        "num_query_heads": heads,
        "num_key_value_heads": kv_heads,
        "hidden_dim": width,
        "intermediate_dim": inner,
        "vocabulary_size": vocabulary,
    }


SHAPES = [
    Shape("gpt2", "gpt2", 61, gpt2_sizes(3, 6, 90, 210, 997)),
    # Without dropout KerasHub uses its fused attention.
    Shape("gpt2-f16", "gpt2", 211, gpt2_sizes(2, 5, 65, 131, 389), "float16", backbone={"dropout": 0.0}),
    Shape("gpt2-one-head", "gpt2", 33, gpt2_sizes(1, 1, 10, 3, 263)),
    Shape("gpt2-long-bf16", "gpt2", 997, gpt2_sizes(2, 3, 48, 96, 301), "bfloat16"),
    Shape(
        "llama3",
        "llama3",
        61,
        llama_sizes(3, 6, 2, 108, 150, 997),
        backbone={"layer_norm_epsilon": 1e-5},
    ),
    Shape(
        "llama3-corrected-tied",
        "llama3",
        301,
        llama_sizes(2, 4, 4, 40, 77, 311),
        tied=True,
        backbone={**CORRECTED, "rope_pretraining_sequence_length": 128, "layer_norm_epsilon": 1e-5},
    ),
    Shape(
        "llama3-scaled",
        "llama3",
        509,
        llama_sizes(2, 5, 1, 70, 90, 307),
        backbone={"rope_position_scaling_factor": 4.0, "layer_norm_epsilon": 3e-4},
    ),
    Shape(
        "llama3-corrected-bf16",
        "llama3",
        163,
        llama_sizes(2, 8, 4, 256, 96, 293),
        "bfloat16",
        tied=True,
        backbone={**CORRECTED, "rope_pretraining_sequence_length": 8192, "layer_norm_epsilon": 1e-5},
    ),
]

SYNTHESIZED = [
    Shape("gpt2-synth", "gpt2", 64, {"vocabulary_size": 997}),
    Shape("llama3-synth", "llama3", 64, {"vocabulary_size": 991}),
]
SYNTH = {
    "gpt2-synth": "gpt2:layers=3,heads=6,width=90,vocabulary=997,context=64",
    "llama3-synth": "llama3:layers=2,heads=6,kv_heads=2,width=108,inner=150,vocabulary=991,"
    "context=64,rope_factor=8,rope_context=1024,tied=true",
}

# Configuration changes that must make Tare's logits wrong: configuration key -> factor.
MISTAKES = {
    "layer_norm_epsilon": 2,
    "rope_max_wavelength": 1.01,
    "rope_position_scaling_factor": 1.01,
    "rope_frequency_adjustment_factor": 1.1,
    "rope_low_freq_factor": 1.1,
    "rope_high_freq_factor": 1.1,
}


def prompts_of(shape):
    """Random tokens. Lengths range from 1, through sizes that kernels treat differently, to the full context."""
    room = shape.context - NEW_TOKENS
    lengths = sorted({n for n in (1, 2, 7, 9, 130, room) if n <= room} | {shape.context})
    random = np.random.default_rng(shape.seed)
    return [random.integers(0, shape.sizes["vocabulary_size"], n).tolist() for n in lengths]


class Expected:
    """KerasHub's tokens and logits for a preset's prompts, and their accuracy."""

    def __init__(self, preset, shape):
        f32 = keras_reference.Reference(preset, "float32")
        self.prompts = prompts_of(shape)
        self.tokens = f32.greedy(self.prompts, shape.context)
        self.exact = keras_reference.Reference(preset, "float64").forward(self.tokens)
        self.reference_error = max(
            largest_error(f32.forward(self.tokens), self.exact),
            largest_error(f32.step_by_step(self.tokens), self.exact),
        )
        self.tolerance = ALLOWANCE * self.reference_error
        self.largest_logit = float(np.abs(self.exact).max())


def examine(tare, expected, row):
    """Tare's errors and tokens for one prompt."""
    prompt, exact = expected.prompts[row], expected.exact[row]
    vocabulary = exact.shape[1]
    tokens = expected.tokens[row].tolist()
    length = len(prompt)

    def error(ids, *flags):
        return largest_error(tare.logits(ids, vocabulary, *flags), exact[: len(ids)])

    found = {
        "prompt_tokens": length,
        "prefill": error(prompt),
        "no passes": error(prompt, "--passes", "none"),
        "step": error(tokens, "--step"),
        "new_tokens": min(NEW_TOKENS, len(tokens) - length),
        "parted_at": None,
        "shortfall": 0.0,
    }
    if found["new_tokens"] > 0:
        wanted = tokens[length : length + found["new_tokens"]]
        chosen = tare.greedy(prompt, len(wanted))
        at = first_parting(chosen, wanted)
        if at is not None:
            last = exact[length - 1 + at]
            short = last.max() - last[chosen[at]] if at < len(chosen) else np.inf
            found |= {"parted_at": at, "shortfall": float(short)}
    return found


def faults_of(found, tolerance):
    faults = [
        f"{way} logits off by {found[way]:.2e}"
        for way in ("prefill", "no passes", "step")
        if not found[way] <= tolerance
    ]
    if not found["shortfall"] <= 2 * tolerance:
        faults.append(f"token {found['parted_at']} is {found['shortfall']:.2e} below the best")
    return faults


def mistaken(preset, key, folder):
    """A copy of the preset with one configuration value changed; None if the value is not set."""
    config = json.loads((preset / "config.json").read_text())
    if not config["config"].get(key):
        return None
    config["config"][key] *= MISTAKES[key]
    shutil.copytree(preset, folder)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def unseen_mistakes(program, preset, expected, folder):
    """(number of mistakes tried, mistakes that stayed within the tolerance)"""
    tried, unseen = 0, []
    vocabulary = expected.exact.shape[2]
    for key in MISTAKES:
        wrong = mistaken(preset, key, folder / key)
        if wrong is None:
            continue
        tried += 1
        got = TareLogits(program, wrong).logits(expected.prompts[-1], vocabulary)
        if largest_error(got, expected.exact[-1]) <= expected.tolerance:
            unseen.append(f"{key} x {MISTAKES[key]} goes unseen")
    return tried, unseen


def line(shape, found, expected):
    at = found["parted_at"]
    same = f"{found['new_tokens']}" if at is None else f"until {at}"
    errors = " | ".join(f"{found[way]:.1e}" for way in ("prefill", "no passes", "step"))
    return f"| {shape.name} | {found['prompt_tokens']} | {errors} | {expected.tolerance:.1e} | {same} |"


HEAD = """| shape | prompt tokens | prefill | without passes | step by step | tolerance | same greedy tokens |
|---|---|---|---|---|---|---|"""


def make_preset(tare, shape, preset):
    if shape.name in SYNTH:
        command = [tare, "synth", SYNTH[shape.name], preset, "--seed", str(shape.seed)]
        subprocess.run(command, check=True, capture_output=True)
    else:
        keras_presets.make_preset(shape, preset)


def converted_errors(args, preset, expected, folder):
    """{format: error of the logits for the full context}"""
    vocabulary = expected.exact.shape[2]
    errors = {}
    for form, name in (("hf", "hf"), ("gguf", "model.gguf")):
        out = folder / name
        command = [args.tare, "convert", preset, out, "--to", form]
        subprocess.run(command, check=True, capture_output=True)
        got = TareLogits(args.logits, out).logits(expected.prompts[-1], vocabulary)
        errors[form] = largest_error(got, expected.exact[-1])
    return errors


def try_shape(args, shape, lines):
    """Appends the shape's lines; returns its faults and a line about the tolerance."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        preset = folder / "preset"
        make_preset(args.tare, shape, preset)
        expected = Expected(preset, shape)
        faults = []
        for row in range(len(expected.prompts)):
            found = examine(TareLogits(args.logits, preset), expected, row)
            lines.append(line(shape, found, expected))
            faults += faults_of(found, expected.tolerance)
        tried, unseen = unseen_mistakes(args.logits, preset, expected, folder)
        converted = converted_errors(args, preset, expected, folder)
    faults += unseen
    faults += [f"as {form} off by {e:.2e}" for form, e in converted.items() if not e <= expected.tolerance]
    forms = ", ".join(f"as {form} {error:.1e}" for form, error in converted.items())
    summary = (
        f"{shape.name}: E = {expected.reference_error:.1e}, largest logit "
        f"{expected.largest_logit:.1f}; {forms}; mistakes seen: {tried - len(unseen)} of {tried}"
    )
    return [f"{shape.name}: {fault}" for fault in faults], summary


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--logits", required=True)
    parser.add_argument("--tare", required=True)
    parser.add_argument("--only", help="names that begin so")
    parser.add_argument("--markdown", type=pathlib.Path)
    args = parser.parse_args()

    lines, faults, summaries = [HEAD], [], []
    for shape in SHAPES + SYNTHESIZED:
        if args.only and not shape.name.startswith(args.only):
            continue
        found, summary = try_shape(args, shape, lines)
        faults += found
        summaries.append(summary)
        print(summary, flush=True)
    written = "\n".join([*lines, "", keras_presets.versions(), "", *[f"- {s}" for s in summaries]])
    return hand_in(written, faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
