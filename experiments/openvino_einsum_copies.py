"""Compares the memory of einsums over constant weights in OpenVINO with the same products as MatMul.

usage: python openvino_einsum_copies.py      (needs only openvino and numpy; Linux)
"""

import os

import numpy as np
import openvino as ov
from openvino import opset13 as ops

LAYERS, WIDTH, HEADS, SIZE = 24, 1024, 16, 64


def peak_mib():
    return int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0]) / 1024


def growth(form):
    """Peak growth in MiB of compiling and running once, without the weights."""
    shapes = [(WIDTH, HEADS, SIZE), (HEADS, SIZE, WIDTH)] * LAYERS  # as in Keras's attention
    weights = [np.full(shape, 1 / WIDTH, np.float32) for shape in shapes]
    before = peak_mib()
    x = result = ops.parameter([1, -1, WIDTH], np.float32)
    for into, out in zip(weights[::2], weights[1::2]):
        a, b = (ops.constant(w if form == "einsum" else w.reshape(WIDTH, WIDTH), shared_memory=True)
                for w in (into, out))
        if form == "einsum":
            result = ops.einsum([ops.einsum([result, a], "abc,cde->abde"), b], "abcd,cde->abe")
        else:
            result = ops.matmul(ops.matmul(result, a, False, False), b, False, False)
    compiled = ov.Core().compile_model(ov.Model([result], [x]), "CPU")
    compiled([np.ones((1, 10, WIDTH), np.float32)])
    return sum(w.nbytes for w in weights) / 2**20, peak_mib() - before


for form in ("einsum", "matmul"):
    if (child := os.fork()) == 0:  # a process has only one peak
        mib, grown = growth(form)
        print(f"{ov.__version__.split('-')[0]} {form}: {mib:.0f} MiB of weights, "
              f"peak {grown:.0f} MiB over them: {grown / mib:.2f} copies", flush=True)
        os._exit(0)
    os.waitpid(child, 0)
