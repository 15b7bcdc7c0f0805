"""Runs `tare tokenize` on many texts at once."""

import json
import subprocess


def run_tare(tare, model, flags, values):
    """The answers to `values`: ids of texts, or with --decode in `flags` texts of ids."""
    lines = "".join(json.dumps(value) + "\n" for value in values)
    command = [tare, "tokenize", "-m", model, "--jsonl", *flags]
    done = subprocess.run(command, input=lines.encode(), stdout=subprocess.PIPE, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
