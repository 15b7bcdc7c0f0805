"""Checks that all installed Keras rows read and continue the same prompts with the same tokens.

    tests/oracle/keras_rows.py [ROW…]        (default: all installed rows)

Makes a GPT-2 preset with random weights and odd sizes with the first row's KerasHub, and runs each
row's worker on it. Exit status 1 if a row fails or differs.
"""

import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "process"))

import watcher  # noqa: E402

ROWS = ["tensorflow", "torch", "jax", "openvino", "openvino-2025.2"]
START = 0  # <|endoftext|>, which KerasHub puts before a GPT-2 prompt
HELLO = [START, 257]
COUNTED = [START, 40, 41, 42, 43]

MAKE_PRESET = """
import sys
import keras_hub, numpy
from keras_hub.models import GPT2Backbone, GPT2CausalLM, GPT2CausalLMPreprocessor, GPT2Tokenizer

printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
letters = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
merges = ["l l", "H e", "ll o", "He llo"]
tokens = ["<|endoftext|>", *letters, "Hello", "ll", "He", "llo"]
tokenizer = GPT2Tokenizer({token: i for i, token in enumerate(tokens)}, merges)
backbone = GPT2Backbone(
    vocabulary_size=len(tokens), num_layers=3, num_heads=6, hidden_dim=90, intermediate_dim=210,
    max_sequence_length=48, dtype="float32")
random = numpy.random.default_rng(5)
for variable in backbone.weights:
    values = random.standard_normal(variable.shape, dtype=numpy.float32)
    one_axis = len(variable.shape) == 1
    near = 1 if variable.path.endswith("gamma") else 0
    scale = 0.1 if one_axis else 1.0 if "position" in variable.path else 0.3
    variable.assign(near + values * scale)
preprocessor = GPT2CausalLMPreprocessor(tokenizer, sequence_length=48)
GPT2CausalLM(backbone, preprocessor).save_to_preset(sys.argv[1])
"""


def interpreter_of(row: str) -> pathlib.Path:
    data = os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local/share"
    home = os.environ.get("TARE_HOME") or pathlib.Path(data, "tare")
    return pathlib.Path(home, "backends", row, "bin/python")


def make_preset(row: str, folder: str) -> None:
    backend = row.removeprefix("keras-").removesuffix("-2025.2")
    subprocess.run(
        [interpreter_of(row), "-c", MAKE_PRESET, folder],
        env=os.environ | {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "2"},
        check=True,
        capture_output=True,
    )


def tokens_of(row: str, preset: str) -> list[list[int]]:
    command = [str(interpreter_of(row)), str(ROOT / "workers/keras_worker.py"), row]
    run = {
        "model": preset,
        "threads": 2,
        "generations": [
            watcher.generation("Hello", HELLO, 12),
            watcher.generation("", COUNTED, 9),
        ],
    }
    outcome = watcher.run_worker(command, run, {"OMP_NUM_THREADS": "2"})
    if outcome.last.get("type") != "result":
        raise RuntimeError(f"{outcome.last}\n{outcome.stderr[-2000:]}")
    return [generation["ids"] for generation in outcome.last["generations"]]


def main() -> int:
    rows = sys.argv[1:] or [f"keras-{name}" for name in ROWS]
    if not sys.argv[1:]:
        rows = [row for row in rows if interpreter_of(row).exists()]
    if not rows:
        print("no Keras row is installed; try: tare backends install keras-jax")
        return 1
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        make_preset(rows[0], folder)
        expected = tokens_of(rows[0], folder)
        print(f"{rows[0]}: {expected}")
        for row in rows[1:]:
            got = tokens_of(row, folder)
            bad += got != expected
            print(f"{row}: {'equal' if got == expected else got}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
