"""Shows the effect of each memory measure of the backend `openvino` by leaving it out.

usage: openvino_measures.py TARE MODEL [--runs N] [--tokens N] [--prompt TEXT] [--threads N]

Runs are interleaved: each round runs every variant once. Prints one line per variant with the median
(minimum-maximum) of: peak RSS minus weights, load, first token after the load, decode. Fails if a
variant's tokens differ from those with all measures.
"""

import argparse
import json
import statistics
import subprocess
import sys

VARIANTS = ["", "no-map", "no-drop", "no-huge", "no-gather", "no-sdpa", "no-last", "no-apart",
            "no-state", "no-small", "no-flush", "no-slack", "no-code"]
MIB = 1 << 20


def generate(arguments: argparse.Namespace, measures: str) -> dict:
    command = [arguments.tare, "generate", "-m", arguments.model, "--backend", "openvino"]
    command += ["--openvino-measures", measures, "-n", str(arguments.tokens), "--ignore-eos"]
    command += ["-t", str(arguments.threads), "--json", arguments.prompt]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def spread(values: list[float], digits: int) -> str:
    low, middle, high = (f"{v:.{digits}f}" for v in
                         (min(values), statistics.median(values), max(values)))
    return f"{middle} ({low}-{high})"


def line(measures: str, runs: list[dict]) -> str:
    cells = [
        f"`{measures}`" if measures else "none",
        spread([(r["peak_rss_bytes"] - r["weights_bytes"]) / MIB for r in runs], 0),
        spread([r["load_ns"] / 1e9 for r in runs], 2),
        spread([r["first_token_ns"] / 1e9 for r in runs], 2),
        spread([r["decode_tokens_per_s"] for r in runs], 1),
    ]
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tare")
    parser.add_argument("model")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=33)
    parser.add_argument("--prompt", default="Hello, what is your name")
    parser.add_argument("--threads", type=int, default=0, help="0: one a physical core")
    arguments = parser.parse_args()
    results: dict[str, list[dict]] = {measures: [] for measures in VARIANTS}
    for _ in range(arguments.runs):
        for measures, runs in results.items():
            runs.append(generate(arguments, measures))
    everything = results[""][0]
    print(f"{everything['weights_bytes'] / MIB:.1f} MiB of weights, prompt of "
          f"{len(everything['prompt_ids'])} tokens and {arguments.tokens} more, "
          f"{arguments.runs} interleaved runs: median (lowest-highest)\n")
    print("| left out | peak - weights, MiB | load, s | first token, s | decode, tokens/s |")
    print("|---|---|---|---|---|")
    differing = []
    for measures, runs in results.items():
        print(line(measures, runs))
        if any(run["ids"] != everything["ids"] for run in runs):
            differing.append(measures or "none")
    if differing:
        print(f"tokens differ from those with all measures: {', '.join(differing)}", file=sys.stderr)
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
