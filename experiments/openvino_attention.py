"""Measures attention with GPT-2 Medium's shapes in OpenVINO: as einsums, rewritten and fused.

usage: python openvino_attention.py TARE [--tokens 1024] [--rounds 15] [--layers 4]

Compiles a chain of attentions as KerasHub writes them (einsums of two variables, a boolean mask) in three
processes that take turns: unmodified, under `tare run` without fusing, and under `tare run` with fusing.
Times are per attention: the minimum of all rounds, and the median with the quartiles. Bytes are the
growth of the peak resident set in an inference.
"""

import argparse
import statistics
import subprocess
import sys
import time

WAYS = {"as it comes": None, "tare run --no-sdpa": ["--no-sdpa"], "tare run --sdpa": ["--sdpa"]}
HEADS, WIDTH = 16, 64


def peak_bytes():
    with open("/proc/self/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmHWM"))


def reset_peak():
    with open("/proc/self/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")


def model(tokens, queries, layers):
    import numpy
    import openvino
    from openvino import opset13 as ops

    def number(value):
        return ops.constant(numpy.float32(value))

    query = ops.parameter(openvino.PartialShape([-1, queries, HEADS, WIDTH]), numpy.float32)
    key = ops.parameter(openvino.PartialShape([-1, tokens, HEADS, WIDTH]), numpy.float32)
    mask = ops.parameter(openvino.PartialShape([1, 1, queries, tokens]), numpy.bool_)
    x = query
    for _ in range(layers):
        scaled = ops.multiply(x, number(WIDTH ** -0.5))
        scores = ops.einsum([key, scaled], "aecd,abcd->acbe")
        shares = ops.softmax(ops.select(mask, scores, number(-1e9)), 3)
        x = ops.einsum([ops.select(mask, shares, number(0)), key], "acbe,aecd->abcd")
    generator = numpy.random.default_rng(1)
    feeds = [generator.standard_normal((1, queries, HEADS, WIDTH)).astype(numpy.float32),
             generator.standard_normal((1, tokens, HEADS, WIDTH)).astype(numpy.float32),
             numpy.tri(queries, tokens, tokens - queries, dtype=bool).reshape(1, 1, queries, tokens)]
    return openvino.Model([x], [query, key, mask], "attention"), feeds


def worker(tokens, queries, layers):
    """Prints the bytes of the first inference, then the time of one inference for each line of stdin."""
    import openvino

    built, feeds = model(tokens, queries, layers)
    compiled = openvino.Core().compile_model(built, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    request = compiled.create_infer_request()
    reset_peak()
    before = peak_bytes()
    request.infer(feeds)
    print(peak_bytes() - before, float(abs(request.get_output_tensor().data).sum()), flush=True)
    for _ in sys.stdin:
        start = time.perf_counter_ns()
        request.infer(feeds)
        print((time.perf_counter_ns() - start) / layers, flush=True)


class Way:
    def __init__(self, prefix, arguments):
        self.process = subprocess.Popen([*prefix, sys.executable, "-B", __file__, *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        grown, self.sum = self.process.stdout.readline().split()
        self.grown_bytes, self.times = int(grown), []

    def round(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        self.times.append(float(self.process.stdout.readline()) / 1e6)

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def measure(flags, queries):
    arguments = ["worker", str(flags.tokens), str(queries), str(flags.layers)]
    ways = {name: Way([flags.tare, "run", "--no-lean", *extra, "--"] if extra is not None else [],
                      arguments) for name, extra in WAYS.items()}
    for way in ways.values():
        way.round()
        way.times.clear()  # one warm-up each
    for _ in range(flags.rounds):
        for way in ways.values():
            way.round()
    sums = [float(way.sum) for way in ways.values()]
    if max(sums) - min(sums) > 1e-4 * max(sums):
        sys.exit(f"the ways differ: {sums}")
    for name, way in ways.items():
        way.end()
        low, median, high = statistics.quantiles(way.times, n=4)
        print(f"| {queries} | {name} | {min(way.times):.2f} | {median:.2f} ({low:.2f}–{high:.2f}) | "
              f"{way.grown_bytes / 2**20:.0f} |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tare")
    parser.add_argument("--tokens", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--layers", type=int, default=4)
    flags = parser.parse_args()
    import openvino

    print(f"OpenVINO {openvino.__version__.split('-')[0]}, {flags.tokens} tokens of context, "
          f"{flags.rounds} rounds\n")
    print("| new tokens | | least, ms | median (quartiles), ms | peak growth, MiB |")
    print("|---|---|---|---|---|")
    for queries in (flags.tokens, 1):
        measure(flags, queries)


if __name__ == "__main__":
    if sys.argv[1] == "worker":
        worker(*(int(argument) for argument in sys.argv[2:]))
    else:
        main()
