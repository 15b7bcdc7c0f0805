"""Checks that `tare generate` chooses tokens as KerasHub does.

    KERAS_BACKEND=jax PYTHON tests/oracle/keras_samplers.py --build BUILD

PYTHON has keras-hub (a keras row's environment); BUILD contains bin/tare and bin/tare_draws. Makes
a small GPT-2 and a small Llama 3 with random weights, then compares

- the ids of every deterministic sampler, over prompts, lengths and stop tokens;
- the text that generate() returns, with and without the prompt;
- the tokens that random samplers may choose, their probabilities, and by chi-square the actual
  draws.

Exit status 1 if anything differs.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ.setdefault("KERAS_BACKEND", "jax")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras  # noqa: E402
import numpy  # noqa: E402
from keras_hub import models, samplers  # noqa: E402

LENGTH = 40
DRAWS = 20000
PROMPTS = ["Hello", "a b c hello hello", "The sack is weighed first", "x"]
SEARCHES = {
    "greedy": (samplers.GreedySampler, {}, []),
    "beam 5": (samplers.BeamSampler, {}, []),
    "beam 3, T 2": (samplers.BeamSampler, {"num_beams": 3, "temperature": 2.0}, ["--beams", "3", "--temperature", "2"]),
    "contrastive": (samplers.ContrastiveSampler, {}, []),
    "contrastive 3, 0.3, T 0.5": (
        samplers.ContrastiveSampler,
        {"k": 3, "alpha": 0.3, "temperature": 0.5},
        ["--top-k", "3", "--alpha", "0.3", "--temperature", "0.5"],
    ),
}


def vocabulary(specials):
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    letters = [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]
    merges = ["l l", "H e", "ll o", "He llo"]
    # Special tokens come last: KerasHub pads with id 0 and would find a stop token with that id in
    # the padding.
    tokens = [*letters, "ll", "He", "llo", "Hello", *specials]
    return {token: i for i, token in enumerate(tokens)}, merges


def randomize(backbone, seed):
    random = numpy.random.default_rng(seed)
    for variable in backbone.weights:
        values = random.standard_normal(variable.shape, dtype=numpy.float32)
        one_axis = len(variable.shape) == 1
        near = 1 if one_axis and ("gamma" in variable.path or variable.path.endswith("scale")) else 0
        scale = 0.1 if one_axis else 1.0 if "position" in variable.path else 0.3
        variable.assign(near + values * scale)


def gpt2():
    tokens, merges = vocabulary(["<|endoftext|>"])
    backbone = models.GPT2Backbone(
        vocabulary_size=len(tokens), num_layers=3, num_heads=6, hidden_dim=90, intermediate_dim=210,
        max_sequence_length=64, dtype="float32")
    tokenizer = models.GPT2Tokenizer(tokens, merges)
    return models.GPT2CausalLM(backbone, models.GPT2CausalLMPreprocessor(tokenizer, sequence_length=64))


def llama3():
    header = ["<|start_header_id|>", "<|end_header_id|>"]
    tokens, merges = vocabulary(["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>", *header])
    backbone = models.Llama3Backbone(
        vocabulary_size=len(tokens), num_layers=2, num_query_heads=6, num_key_value_heads=3, hidden_dim=96,
        intermediate_dim=140, dtype="float32")
    tokenizer = models.Llama3Tokenizer(tokens, merges)
    return models.Llama3CausalLM(backbone, models.Llama3CausalLMPreprocessor(tokenizer, sequence_length=64))


class Table:
    def __init__(self):
        self.bad = 0

    def row(self, what, same, detail=""):
        self.bad += not same
        print(f"{'equal' if same else 'DIFFERS':8} {what:58} {detail}", flush=True)


class Tare:
    def __init__(self, build, preset):
        self.program = str(pathlib.Path(build, "bin/tare"))
        self.preset = preset

    def generate(self, prompt, sampler, flags):
        command = [self.program, "generate", "-m", self.preset, "--json", "-t", "2", "--sampler", sampler, *flags, prompt]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: {done.stderr}")
        return json.loads(done.stdout)


def keras_ids(model, prompt, length, stops):
    """(the prompt's ids, the ids after it, up to and including the first stop token)"""
    inputs = model.preprocessor.generate_preprocess([prompt], sequence_length=length)
    outputs = model.make_generate_function()(inputs, stop_token_ids=stops)
    count = int(numpy.asarray(inputs["padding_mask"]).sum())
    ids = numpy.asarray(outputs["token_ids"])[0]
    kept = ids[numpy.asarray(outputs["padding_mask"])[0].astype(bool)].tolist()
    return kept[:count], kept[count:]


def tare_ids(result):
    return result["prompt_ids"], result["ids"] + ([result["stop_token_id"]] if "stop_token_id" in result else [])


def compare_searches(model, tare, table, name):
    for label, (cls, options, flags) in SEARCHES.items():
        sampler = label.split()[0].rstrip(",")
        model.compile(sampler=cls(**options))
        free = []
        for prompt in PROMPTS:
            want = keras_ids(model, prompt, LENGTH, None)
            got = tare_ids(tare.generate(prompt, sampler, [*flags, "--max-length", str(LENGTH), "--stop-token-ids", "none"]))
            free.append(want[1])
            distinct = f"{len(set(want[1]))} distinct of {len(want[1])}"
            table.row(f"{name} {label}: {prompt!r}", got == want, distinct if got == want else f"{got} {want}")
            if sampler == "greedy" and len(set(want[1])) < 4:
                table.row(f"{name} {label}: {prompt!r}", False, "the text is too plain to prove anything")
        if flags:
            continue
        # Two tokens from the middle of different texts.
        stops = [free[0][7], free[1][9]]
        for prompt in PROMPTS:
            want = keras_ids(model, prompt, LENGTH, stops)
            text = ",".join(map(str, stops))
            got = tare_ids(tare.generate(prompt, sampler, [*flags, "--max-length", str(LENGTH), "--stop-token-ids", text]))
            table.row(f"{name} {label}, stops {stops}: {prompt!r}", got == want,
                      f"{len(want[1])} tokens" if got == want else f"{got} {want}")


def compare_texts(model, tare, table, name):
    model.compile(sampler="greedy")
    prompt = PROMPTS[2]
    for length, strip in [(5, False), (5, True), (LENGTH, False), (LENGTH, True)]:
        want = model.generate(prompt, max_length=length, strip_prompt=strip)
        flags = ["--max-length", str(length), "--skip-special", "--strip-prompt" if strip else "--include-prompt"]
        result = tare.generate(prompt, "greedy", flags)
        table.row(f"{name} text, max_length {length}, strip_prompt {strip}", result["text"] == want,
                  repr(want)[:60] if result["text"] == want else f"{result['text']!r} {want!r}")


def keras_probabilities(sampler, logits):
    """{id: probability} of the tokens that the sampler may choose. Reads what the sampler passes to
    the random draw, and maps each index of the draw to an id."""
    seen = []
    index = 0

    def draw(log_probabilities, *_, **__):
        seen.append(numpy.asarray(log_probabilities, dtype=numpy.float64)[0])
        return numpy.array([[index]], dtype="int32")

    original = keras.random.categorical
    keras.random.categorical = draw
    try:
        probabilities = sampler.compute_probabilities(keras.ops.convert_to_tensor(logits[None]))
        sampler.get_next_token(probabilities)
        result = {}
        for index, value in enumerate(seen[0]):
            if math.isfinite(value):
                result[int(numpy.asarray(sampler.get_next_token(probabilities))[0])] = math.exp(value)
    finally:
        keras.random.categorical = original
    total = sum(result.values())
    return {token: value / total for token, value in result.items()}


def chi_square_fits(counts, probabilities):
    """Whether counts may be draws from these probabilities; false for one correct sampler in ten thousand."""
    draws = sum(counts.values())
    statistic, cells, rest_count, rest_expected = 0.0, 0, 0, 0.0
    for token, probability in probabilities.items():
        expected, count = draws * probability, counts.get(token, 0)
        if expected < 5:
            rest_expected, rest_count = rest_expected + expected, rest_count + count
            continue
        statistic, cells = statistic + (count - expected) ** 2 / expected, cells + 1
    if rest_expected >= 5:
        statistic, cells = statistic + (rest_count - rest_expected) ** 2 / rest_expected, cells + 1
    freedom = cells - 1
    if freedom < 1:
        return True, statistic, freedom
    # Wilson and Hilferty's approximation of the quantile.
    quantile = freedom * (1 - 2 / (9 * freedom) + 3.719 * math.sqrt(2 / (9 * freedom))) ** 3
    return statistic <= quantile, statistic, freedom


def tare_draws(build, folder, logits, flags):
    path = pathlib.Path(folder, "logits.f32")
    path.write_bytes(logits.astype("<f4").tobytes())
    command = [str(pathlib.Path(build, "bin/tare_draws")), "--logits", str(path), "-n", str(DRAWS), "--seed", "11", *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.split() for line in done.stdout.splitlines()]
    return {int(i): float(p) for i, p, _ in lines}, {int(i): int(n) for i, _, n in lines}


def compare_draws(build, folder, table):
    random = numpy.random.default_rng(3)
    rows = {"random logits": (random.standard_normal(300) * 2).astype("float32"),
            "ties": numpy.zeros(8, "float32")}
    kinds = [("random", samplers.RandomSampler, {}), ("top_k", samplers.TopKSampler, {"k": 5}),
             ("top_p", samplers.TopPSampler, {"p": 0.1}), ("top_p", samplers.TopPSampler, {"p": 0.5}),
             ("top_p", samplers.TopPSampler, {"p": 0.8, "k": 7})]
    for what, logits in rows.items():
        for name, cls, options in kinds:
            for temperature in (0.5, 1.0, 2.0):
                flags = ["--sampler", name, "--temperature", str(temperature)]
                for key, value in options.items():
                    flags += [f"--top-{key}", str(value)]
                want = keras_probabilities(cls(temperature=temperature, **options), logits)
                got, counts = tare_draws(build, folder, logits, flags)
                # Softmax in f32 against double: a few roundings, relative.
                near = got.keys() == want.keys() and all(abs(got[i] - want[i]) <= 3e-6 * want[i] + 1e-9 for i in want)
                fits, statistic, freedom = chi_square_fits(counts, want)
                options_text = ", ".join(f"{k} {v}" for k, v in options.items())
                table.row(f"{name} {options_text} T {temperature} on {what}", near and fits,
                          f"{len(want)} tokens, chi-square {statistic:.1f} of {freedom}")
    # The test must be able to fail: draws at another temperature do not fit.
    wrong = keras_probabilities(samplers.RandomSampler(temperature=1.1), rows["random logits"])
    counts = tare_draws(build, folder, rows["random logits"], ["--sampler", "random"])[1]
    table.row("draws at T 1 do not fit T 1.1", not chi_square_fits(counts, wrong)[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", default="build/release", help="the build folder")
    build = parser.parse_args().build
    table = Table()
    with tempfile.TemporaryDirectory() as folder:
        for seed, make in enumerate((gpt2, llama3), 7):
            model = make()
            randomize(model.backbone, seed)
            preset = str(pathlib.Path(folder, make.__name__))
            model.save_to_preset(preset)
            tare = Tare(build, preset)
            compare_searches(model, tare, table, make.__name__)
            compare_texts(model, tare, table, make.__name__)
        compare_draws(build, folder, table)
    print(f"{table.bad} differ" if table.bad else "all equal")
    return 1 if table.bad else 0


if __name__ == "__main__":
    sys.exit(main())
