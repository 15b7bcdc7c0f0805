"""Times Keras's generations after the first, with and without `tare run`, word by word.

usage: python keras_later_generations.py TARE PRESET [--row keras-openvino-2025.2] [--pairs 100]
           [--run-options "…"] [--against "…"]

Two processes of the row's interpreter load the preset and generate once: one unmodified (or under
`tare run` with the options of --against), one under `tare run`. Then they take turns; one waits while
the other works. Both continue the same words, each of them new, as the study continues "Hello" and
"Test", and they alternate in going first. So a machine whose speed changes from second to second is
equally fast for both. Prints the median of the ratios of these pairs, with its 95 % bootstrap interval,
for the whole generation and for OpenVINO's part of it.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time

from median_interval import median_interval

SYLLABLES = ("ba", "do", "fi", "gu", "ka", "le", "mo", "nu", "ra", "so", "ti", "vu")


def serve(preset):
    """Continues each word from stdin; runs in the worker process."""
    os.environ.update(KERAS_BACKEND="openvino", TF_CPP_MIN_LOG_LEVEL="3")
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # keep the libraries' output apart from the answers
    sys.modules["openvino_telemetry"] = None  # it would start a process
    import keras_hub
    import numpy
    from keras_hub.src.utils import openvino_utils

    took = 0.0
    infer = openvino_utils.get_outputs

    def timed(*arguments):
        nonlocal took
        start = time.perf_counter()
        outputs = infer(*arguments)
        took = time.perf_counter() - start
        timed.ids = numpy.asarray(outputs["token_ids"]).tolist()
        return outputs

    openvino_utils.get_outputs = timed
    model = keras_hub.models.CausalLM.from_preset(preset, dtype="float32")
    model.compile(sampler="greedy")
    for word in sys.stdin:
        start = time.perf_counter()
        model.generate(word.strip(), max_length=10, stop_token_ids=None)
        all_of_it = time.perf_counter() - start
        print(json.dumps({"all": all_of_it, "openvino": took, "ids": timed.ids}), file=answers)


class Worker:
    def __init__(self, command, preset):
        self.process = subprocess.Popen(
            [*command, os.path.abspath(__file__), "--serve", preset], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=1)

    def generate(self, word):
        print(word, file=self.process.stdin)
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"a worker ended with {self.process.wait()}: {self.process.args}")
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def words(count):
    generator = random.Random(1)
    made = {}
    while len(made) < count:
        made["".join(generator.choices(SYLLABLES, k=3)).capitalize()] = None
    return list(made)


def measure(plain, trimmed, pairs):
    ratios, seconds = {"all": [], "openvino": []}, {"all": [[], []], "openvino": [[], []]}
    for i, word in enumerate(words(pairs)):
        first, second = (plain, trimmed) if i % 2 else (trimmed, plain)
        got = {first: first.generate(word), second: second.generate(word)}
        if got[plain]["ids"] != got[trimmed]["ids"]:
            sys.exit(f"tokens differ after {word!r}: {got[plain]['ids']}, {got[trimmed]['ids']}")
        for part, of_part in ratios.items():
            of_part.append(got[trimmed][part] / got[plain][part])
            for side, worker in enumerate((plain, trimmed)):
                seconds[part][side].append(got[worker][part])
    return ratios, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("tare")
    parser.add_argument("preset")
    parser.add_argument("--row", default="keras-openvino-2025.2")
    parser.add_argument("--pairs", type=int, default=100)
    parser.add_argument("--run-options", default="")
    parser.add_argument("--against")
    arguments = parser.parse_args()
    home = os.environ.get("TARE_HOME") or os.path.join(
        os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share"), "tare")
    python = [os.path.join(home, "backends", arguments.row, "bin/python"), "-B"]

    def under(options):
        return [arguments.tare, "run", *options.split(), "--", *python]

    plain = Worker(python if arguments.against is None else under(arguments.against),
                   arguments.preset)
    plain.generate("Hello")  # before the other starts, so that they do not load at the same time
    trimmed = Worker(under(arguments.run_options), arguments.preset)
    trimmed.generate("Hello")
    ratios, seconds = measure(plain, trimmed, arguments.pairs)
    for worker in (plain, trimmed):
        worker.end()
    for part, of_part in ratios.items():
        low, high = median_interval(of_part)
        sides = [statistics.median(side) for side in seconds[part]]
        print(f"{arguments.row}, {part}: {statistics.median(of_part):.3f} [{low:.3f}, {high:.3f}] "
              f"of the time, medians {sides[0]:.3f} and {sides[1]:.3f} s, "
              f"{len(of_part)} pairs, tokens equal")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2])
    else:
        main()
