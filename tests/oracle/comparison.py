"""Shared by the logits oracles: a comparator that accepts only what it proves close, and Tare's logits."""

import pathlib
import subprocess
import tempfile

import numpy as np

# Two f32 implementations of one model differ in the order of their sums, and both miss the exact
# result by about as much. Tare may be off by this many times the reference's own largest error.
ALLOWANCE = 4


def largest_error(got, want):
    """max |got - want|; infinite if a value is not a number; an error if shapes differ."""
    if got.shape != want.shape:
        raise ValueError(f"logits have shape {got.shape}, expected {want.shape}")
    error = float(np.abs(got - want).max())
    return error if error <= np.finfo(np.float64).max else float("inf")


def first_parting(got, want):
    """The index at which two token lists part; None if they are equal."""
    for i, (a, b) in enumerate(zip(got, want)):
        if a != b:
            return i
    return None if len(got) == len(want) else min(len(got), len(want))


def shortfalls(chosen, wanted, exact):
    """[(position, how far the chosen token's exact logit is below the best)] at each difference."""
    return [
        (i, float(exact[i].max() - exact[i][a]))
        for i, (a, b) in enumerate(zip(chosen, wanted))
        if a != b
    ]


def hand_in(report, faults, markdown):
    """Prints the findings, writes the report if a path is given, and returns the exit code."""
    print(report)
    for fault in faults:
        print("FAULT:", fault)
    if markdown:
        markdown.parent.mkdir(parents=True, exist_ok=True)
        markdown.write_text(report + "\n", encoding="utf-8")
    return 1 if faults else 0


class TareLogits:
    """The test program tare_logits, run on one model."""

    def __init__(self, program, model):
        self.program, self.model = program, model

    def command(self, ids, flags):
        return [self.program, "-m", self.model, "--ids", ",".join(map(str, ids)), *flags]

    def logits(self, ids, vocabulary, *flags):
        """[T, V] logits of all positions."""
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "logits.f32"
            subprocess.run([*self.command(ids, flags), "--out", out], check=True)
            return np.fromfile(out, dtype="<f4").reshape(-1, vocabulary).astype(np.float64)

    def greedy(self, ids, count):
        """The engine's tokens after `ids`, ignoring the end of text."""
        command = self.command(ids, ["--greedy", str(count)])
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        return [int(token) for token in done.stdout.split()]
