"""Holds `--backend openvino` to Tare's own kernels, on the golden presets of both families.

usage: native_agreement.py TARE PRESET...

Prompts of several lengths, and each measure left out: the ids must be equal and the
log-probabilities close. The version told must be of the OpenVINO that ran.
"""

import json
import subprocess
import sys

PROMPTS = ["a", "the", "the weight"]
MEASURES = ["", "no-map", "no-drop", "no-huge", "no-gather", "no-sdpa", "no-last", "no-apart",
            "no-state", "no-small", "no-flush", "no-slack", "no-code"]
# Sums of some 100 f32 products, in another order, through two layers.
TOLERANCE = 1e-4


def generate(tare: str, preset: str, prompt: str, *flags: str) -> dict:
    command = [tare, "generate", "-m", preset, "--json", "--ignore-eos", "--logprobs", "3"]
    command += ["-n", "6", *flags, prompt]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def log_probabilities(result: dict) -> list[float]:
    return [chosen["log_probability"] for chosen in result["log_probabilities"]]


def main() -> int:
    tare, *presets = sys.argv[1:]
    compared = 0
    for preset in presets:
        for prompt in PROMPTS:
            expected = generate(tare, preset, prompt)
            for measures in MEASURES:
                flags = ["--backend", "openvino", "--openvino-measures", measures]
                got = generate(tare, preset, prompt, *flags)
                where = f"{preset}, {prompt!r}, measures {measures or 'all'}"
                assert got["ids"] == expected["ids"], where
                assert got["versions"]["openvino"].startswith("2026.4."), where
                pairs = zip(log_probabilities(got), log_probabilities(expected), strict=True)
                worst = max(abs(a - b) for a, b in pairs)
                assert worst <= TOLERANCE, f"{where}: {worst}"
                compared += 1
    print(f"{compared} generations agree")
    return 0 if compared else 1


if __name__ == "__main__":
    sys.exit(main())
