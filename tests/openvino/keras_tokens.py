"""Does Keras generate the same tokens under `tare run` as without, on this OpenVINO?

    PYTHON keras_tokens.py TARE [SITE_PACKAGES]     (PYTHON has Keras, KerasHub and OpenVINO)

The OpenVINO in SITE_PACKAGES, where it is given, stands before the interpreter's own. `tare synth`
makes presets of GPT-2 and Llama; of each the tokens after prompts of one token and of many are
generated as Keras comes, and beneath `tare run` with each way of attention, each in a process of
its own. Keras 3.12 cannot build Llama on OpenVINO: there GPT-2 is all.
Exit status 1 where tokens differ, nothing was rewritten, or a family could not be run.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SHAPES = {
    "gpt2": "gpt2:layers=2,heads=4,width=64,vocabulary=4999,context=48",
    "llama3": "llama3:layers=2,heads=6,kv_heads=2,width=96,inner=150,vocabulary=4999,context=48",
}
PROMPTS = (1, 2, 29)  # lengths
LENGTH = 40  # of a prompt and what follows: the first token comes of the prompt, the others of a loop
WAYS = {f"tare run {flag}".strip(): flag.split() for flag in ("", "--no-sdpa", "--sdpa")}
RESULT = "TOKENS "


def hide_other_frameworks():
    """Only what KerasHub needs is imported, which takes seconds less."""
    import importlib.abc

    class Nothing(importlib.abc.MetaPathFinder):
        def find_spec(self, name, path=None, target=None):
            if name.partition(".")[0] in ("torch", "jax", "openvino_telemetry"):
                raise ModuleNotFoundError(name, name=name)
            return None

    sys.meta_path.insert(0, Nothing())


def generate(presets):
    """Prints the tokens of each preset, or why there are none."""
    os.environ.update(KERAS_BACKEND="openvino", TF_CPP_MIN_LOG_LEVEL="3")
    hide_other_frameworks()
    import keras
    import keras_hub
    import numpy
    import openvino

    found = {"openvino": openvino.__version__, "keras": keras.__version__,
             "tokens": {}, "failed": {}}
    for preset in presets:
        family = os.path.basename(preset)
        try:
            model = keras_hub.models.CausalLM.from_preset(preset, dtype="float32")
            model.compile(sampler="greedy")
            function = model.make_generate_function()
            tokens = []
            for length in PROMPTS:
                ids = numpy.random.default_rng(length).integers(0, 4999, (1, length))
                ids = numpy.pad(ids, ((0, 0), (0, LENGTH - length))).astype("int32")
                inputs = {"token_ids": ids, "padding_mask": numpy.arange(LENGTH)[None] < length}
                output = function(inputs, stop_token_ids=None)["token_ids"]
                tokens.append(numpy.asarray(output)[0].tolist())
            found["tokens"][family] = tokens
        except Exception as error:  # Keras has errors of many kinds
            found["failed"][family] = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
    print(RESULT + json.dumps(found), flush=True)


def run(command, presets):
    done = subprocess.run([*command, sys.executable, "-B", __file__, "generate", *presets],
                          capture_output=True, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(RESULT)]
    if done.returncode != 0 or not lines:
        sys.exit(f"{command}: exit {done.returncode}\n{done.stderr[-4000:]}")
    return json.loads(lines[-1].removeprefix(RESULT)), done.stderr


def main():
    tare, *site_packages = sys.argv[1:]
    if site_packages:
        os.environ["PYTHONPATH"] = os.pathsep.join(
            [site_packages[0], *filter(None, [os.environ.get("PYTHONPATH")])])
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for family, shape in SHAPES.items():
            subprocess.run([tare, "synth", shape, pathlib.Path(folder, family), "--seed", "3"],
                           check=True, stdout=subprocess.DEVNULL)
        plain, _ = run([], [str(pathlib.Path(folder, family)) for family in SHAPES])
        print(f"OpenVINO {plain['openvino']}, Keras {plain['keras']}")
        for family, reason in plain["failed"].items():
            print(f"{family}: not in this Keras as it comes: {reason}")
            bad += family == "gpt2" or not plain["keras"].startswith("3.12.")
        presets = [str(pathlib.Path(folder, family)) for family in plain["tokens"]]
        for way, flags in WAYS.items():
            trimmed, said = run([tare, "run", *flags, "--"], presets)
            left = [line for line in said.splitlines() if "steps aside" in line or " left" in line]
            same = trimmed["tokens"] == plain["tokens"]
            touched = re.search(r"\b[1-9]\d* einsums? rewritten", said) is not None
            print(f"{way}: tokens {'equal' if same else 'DIFFER'}; {left}")
            if not same:
                print(f"{trimmed}\nas it comes: {plain}")
            bad += not (same and touched and trimmed["openvino"] == plain["openvino"])
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1] == "generate":
        generate(sys.argv[2:])
    else:
        sys.exit(main())
