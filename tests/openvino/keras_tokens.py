"""Checks that Keras generates the recorded tokens on this OpenVINO, unmodified and under `tare run`.

    PYTHON keras_tokens.py TARE [SITE_PACKAGES]     (PYTHON has Keras, KerasHub and OpenVINO)

The OpenVINO in SITE_PACKAGES, if given, takes precedence over the interpreter's own. `tare synth` makes the presets
of GPT-2 and Llama listed in tests/behaviour/golden/keras_tokens.json. Each is continued by unmodified Keras and under
`tare run` with each attention option, each in its own process. Keras 3.12 cannot build Llama on OpenVINO, so only
GPT-2 is tested there. Exit status 1 if tokens differ from the recorded ones, nothing was rewritten, or a family could
not run.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "behaviour/golden/keras_tokens.json"
WAYS = {f"tare run {flag}".strip(): flag.split() for flag in ("", "--no-sdpa", "--sdpa")}
RESULT = "TOKENS "


def hide_other_frameworks():
    """Imports only what KerasHub needs, which saves seconds."""
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

    expected = json.loads(GOLDEN.read_text())
    found = {"openvino": openvino.__version__, "keras": keras.__version__,
             "tokens": {}, "failed": {}}
    for preset in presets:
        family = os.path.basename(preset)
        try:
            model = keras_hub.models.CausalLM.from_preset(preset, dtype="float32")
            model.compile(sampler="greedy")
            function = model.make_generate_function()
            tokens = []
            for length, recorded in zip(expected[family]["prompt_tokens"], expected[family]["tokens"]):
                is_prompt = numpy.arange(len(recorded))[None] < length
                ids = numpy.where(is_prompt, numpy.array([recorded], "int32"), 0)
                inputs = {"token_ids": ids, "padding_mask": is_prompt}
                output = function(inputs, stop_token_ids=None)["token_ids"]
                tokens.append(numpy.asarray(output)[0].tolist())
            found["tokens"][family] = tokens
        except Exception as error:  # Keras raises many kinds of errors
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
    expected = json.loads(GOLDEN.read_text())
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for family, entry in expected.items():
            subprocess.run([tare, "synth", entry["shape"], pathlib.Path(folder, family), "--seed", entry["seed"]],
                           check=True, stdout=subprocess.DEVNULL)
        plain, _ = run([], [str(pathlib.Path(folder, family)) for family in expected])
        print(f"OpenVINO {plain['openvino']}, Keras {plain['keras']}")
        for family, reason in plain["failed"].items():
            print(f"{family}: not in this Keras as it comes: {reason}")
            bad += family == "gpt2" or not plain["keras"].startswith("3.12.")
        for family, tokens in plain["tokens"].items():
            same = tokens == expected[family]["tokens"]
            print(f"{family}, as it comes: tokens {'as recorded' if same else 'DIFFER'}")
            if not same:
                print(f"{tokens}\nrecorded: {expected[family]['tokens']}")
            bad += not same
        presets = [str(pathlib.Path(folder, family)) for family in plain["tokens"]]
        for way, flags in WAYS.items():
            trimmed, said = run([tare, "run", *flags, "--"], presets)
            left = [line for line in said.splitlines()
                    if " is off: " in line or " falls back to " in line or " unchanged" in line]
            same = trimmed["tokens"] == {family: expected[family]["tokens"] for family in plain["tokens"]}
            touched = re.search(r"\b[1-9]\d* einsums? rewritten", said) is not None
            print(f"{way}: tokens {'as recorded' if same else 'DIFFER'}; {left}")
            if not same:
                print(trimmed)
            bad += not (same and touched and trimmed["openvino"] == plain["openvino"])
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1] == "generate":
        generate(sys.argv[2:])
    else:
        sys.exit(main())
