"""Checks that SmolLM2, converted to a KerasHub preset, generates the same text in Keras as in Tare.

    python tests/oracle/smollm2_in_keras.py --tare build/release/bin/tare --model SmolLM2.gguf \
        ~/.local/share/tare/backends/keras-jax/bin/python …

Converts the GGUF file with `tare convert`. Each given Python loads the preset in KerasHub and
generates greedily; the texts are compared with `tare generate` on the same preset. A Python's
backend comes from the end of its folder's name (keras-jax, keras-openvino-2025.2, …), or from
PYTHON=BACKEND. Exit status 1 if a text differs.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

BACKENDS = ("tensorflow", "torch", "jax", "openvino")
NEW_TOKENS = 16
EXPECTED = "The capital of France is Paris."
# KerasHub starts every prompt with the start token, here <|im_start|>.
PROMPT = (
    "system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n"
    "<|im_start|>user\nWhat is the capital of France?<|im_end|>\n<|im_start|>assistant\n"
)
IN_KERAS = """
import json, sys
import keras_hub
preset, prompt, new_tokens = sys.argv[1], sys.argv[2], int(sys.argv[3])
lm = keras_hub.models.Llama3CausalLM.from_preset(preset)
lm.compile(sampler="greedy")
length = len(lm.preprocessor.tokenizer(prompt)) + 1
text = lm.generate(prompt, max_length=length + new_tokens, strip_prompt=True)
print("RESULT " + json.dumps(text))
"""


def backend_of(python):
    """(path, Keras's name of the backend) of PYTHON or PYTHON=BACKEND."""
    path, _, backend = python.partition("=")
    found = backend or next((b for b in BACKENDS if re.search(rf"-{b}\b", path)), None)
    if found not in BACKENDS:
        sys.exit(f"{python}: which Keras backend? write PYTHON=BACKEND, one of {', '.join(BACKENDS)}")
    return path, found


def in_keras(python, preset):
    path, backend = backend_of(python)
    environment = {**os.environ, "KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [path, "-c", IN_KERAS, str(preset), PROMPT, str(NEW_TOKENS)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True)
    results = [line for line in run.stdout.splitlines() if line.startswith("RESULT ")]
    if run.returncode != 0 or not results:
        sys.exit(f"{python}: exit {run.returncode}\n{run.stderr[-4000:]}")
    return json.loads(results[-1].removeprefix("RESULT "))


def in_tare(tare, preset):
    command = [tare, "generate", "-m", preset, "--special", "-n", str(NEW_TOKENS), "--json", PROMPT]
    run = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f"{tare}: exit {run.returncode}\n{run.stderr[-4000:]}")
    return json.loads(run.stdout)["text"]


def without_ends(text):
    return text.replace("<|im_end|>", "").strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tare", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("pythons", nargs="+", metavar="PYTHON[=BACKEND]")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        preset = pathlib.Path(folder, "smollm2")
        subprocess.run([options.tare, "convert", options.model, str(preset), "--to", "keras"], check=True)
        expected = without_ends(in_tare(options.tare, preset))
        print(f"tare: {expected!r}")
        failed = expected != EXPECTED
        for python in options.pythons:
            text = without_ends(in_keras(python, preset))
            same = text == expected
            failed = failed or not same
            print(f"{backend_of(python)[1]}: {text!r}: {'same' if same else 'DIFFERENT'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
