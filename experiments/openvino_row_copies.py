"""Counts and times the copies that OpenVINO's CPU plugin makes of a cache whose rows are written.

usage: python openvino_row_copies.py      (needs only openvino and numpy)
"""

import statistics
import time

import numpy as np
import openvino as ov
from openvino import opset13 as ops

LAYERS, TOKENS, HEADS, SIZE = 24, 256, 16, 64


def model(form):
    cache = ops.parameter([1, LAYERS, 2, TOKENS, HEADS, SIZE], np.float32)
    token = ops.constant(np.ones((1, 1, HEADS, SIZE), np.float32))
    rows = []
    for layer, i in np.ndindex(LAYERS, 2):  # a layer's keys, then its values
        if form == "gather":
            row = ops.squeeze(ops.gather(cache, [layer], 1), [1])
            row = ops.squeeze(ops.gather(row, [i], 1), [1])
        else:
            row = ops.slice(cache, [layer, i], [layer + 1, i + 1], [1, 1], [1, 2])
            row = ops.squeeze(row, [1, 2])
        rows.append(ops.scatter_nd_update(row, np.array([[0, 3]]), ops.squeeze(token, [1])))
    return ov.Model(rows, [cache])


for form in ("gather", "slice"):
    compiled = ov.Core().compile_model(model(form), "CPU")
    kinds = [node.get_rt_info()["layerType"].astype(str)
             for node in compiled.get_runtime_model().get_ops()]
    cache, took = np.ones((1, LAYERS, 2, TOKENS, HEADS, SIZE), np.float32), []
    for _ in range(6):
        start = time.perf_counter()
        compiled([cache])
        took.append(time.perf_counter() - start)
    print(f"{ov.__version__.split('-')[0]} {form}: {kinds.count('Reorder')} copies of a cache of "
          f"{cache.nbytes >> 20} MiB, {statistics.median(took[1:]) * 1000:.0f} ms", flush=True)
