"""The part of Keras that keras_worker.py uses."""

import sys
from types import ModuleType, SimpleNamespace

import numpy

ops = SimpleNamespace(
    convert_to_numpy=lambda tensor: tensor,
    convert_to_tensor=lambda rows, dtype: numpy.ndarray(rows, dtype),
)
backend = SimpleNamespace(standardize_dtype=str)
tree = SimpleNamespace()
for name in ("keras.src", "keras.src.backend", "keras.src.backend.openvino"):
    sys.modules[name] = ModuleType(name)
sys.modules["keras.src.backend.openvino"].core = SimpleNamespace(while_loop=None)
