"""Compares `--backend openvino` with Tare's own kernels on the golden presets of both families.

usage: native_agreement.py TARE PRESET...

Uses prompts of several lengths, and leaves out each measure in turn: ids must be equal and
log-probabilities close. The reported version must be that of the OpenVINO that ran. Then tests
presets of other shapes and types (`tare synth`), with a prompt longer than one piece, and with one
after which a few tokens fill the context.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

PROMPTS = ["a", "the", "the weight"]
MEASURES = ["", "no-map", "no-drop", "no-huge", "no-gather", "no-sdpa", "no-last", "no-apart",
            "no-state", "no-small", "no-flush", "no-slack", "no-code"]
# Sums of about 100 f32 products in another order, through two layers.
TOLERANCE = 1e-4
CONTEXT = 700
SHAPES = [
    (f"gpt2:layers=3,heads=6,width=90,inner=200,vocabulary=997,context={CONTEXT}", "f32"),
    (f"gpt2:layers=1,heads=1,width=32,vocabulary=600,context={CONTEXT}", "f16"),
    (f"llama3:layers=2,heads=6,kv_heads=2,width=96,inner=80,vocabulary=600,context={CONTEXT}",
     "f32"),
    (f"llama3:layers=2,heads=4,kv_heads=4,width=64,vocabulary=600,context={CONTEXT},tied=false,"
     "rope_factor=8,rope_context=256", "bf16"),
]


def generate(tare: str, preset: str, prompt: str, *flags: str) -> dict:
    command = [tare, "generate", "-m", preset, "--json", "--ignore-eos", "--logprobs", "3"]
    command += ["-n", "6"] if "-n" not in flags else []
    command += [*flags, prompt]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def log_probabilities(result: dict) -> list[float]:
    return [chosen["log_probability"] for chosen in result["log_probabilities"]]


def agree(tare: str, preset: str, prompt: str, measures: str, *flags: str) -> dict:
    """Returns the native run's result after the comparison."""
    expected = generate(tare, preset, prompt, *flags)
    got = generate(tare, preset, prompt, "--backend", "openvino", "--openvino-measures", measures,
                   *flags)
    where = f"{preset}, {prompt[:20]!r}, measures {measures or 'all'}"
    assert got["ids"] == expected["ids"], where
    assert got["versions"]["openvino"].startswith("2026.4."), where
    pairs = zip(log_probabilities(got), log_probabilities(expected), strict=True)
    worst = max(abs(a - b) for a, b in pairs)
    assert worst <= TOLERANCE, f"{where}: {worst}"
    return expected


def agree_to_the_end_of_the_context(tare: str, folder: str) -> int:
    compared = 0
    for index, (shape, dtype) in enumerate(SHAPES):
        preset = str(pathlib.Path(folder) / f"preset{index}")
        subprocess.run([tare, "synth", shape, preset, "--dtype", dtype, "--seed", str(index)],
                       check=True, capture_output=True)
        word = len(generate(tare, preset, "the weight " * 20)["prompt_ids"]) / 20
        for tokens in (560, CONTEXT - 12):
            prompt = "the weight " * int(tokens / word)
            result = agree(tare, preset, prompt, "", "-n", "100")
            assert 512 < len(result["prompt_ids"]) < CONTEXT, len(result["prompt_ids"])
            compared += 1
        filled = len(result["prompt_ids"]) + len(result["ids"])
        assert filled >= CONTEXT, f"{shape}: {filled} of {CONTEXT} tokens"
    return compared


def main() -> int:
    tare, *presets = sys.argv[1:]
    compared = 0
    for preset in presets:
        for prompt in PROMPTS:
            for measures in MEASURES:
                agree(tare, preset, prompt, measures)
                compared += 1
    with tempfile.TemporaryDirectory() as folder:
        compared += agree_to_the_end_of_the_context(tare, folder)
    print(f"{compared} generations agree")
    return 0 if compared else 1


if __name__ == "__main__":
    sys.exit(main())
