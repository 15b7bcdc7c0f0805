"""Checks the loops that the worker of keras-openvino makes of values from around them.

    PYTHON tests/oracle/keras_openvino_loops.py      (PYTHON of the backend keras-openvino)

Exit status 1 if a loop computes something else, or if Keras no longer needs the help.
"""

import os
import pathlib
import sys

os.environ["KERAS_BACKEND"] = "openvino"
sys.modules["openvino_telemetry"] = None
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "workers"))

import numpy  # noqa: E402
import openvino  # noqa: E402
from keras import ops  # noqa: E402
from keras.src.backend.openvino import core  # noqa: E402
from openvino import opset14  # noqa: E402

import keras_openvino_gaps  # noqa: E402

MASK = numpy.array([[1, 0, 1, 0]], dtype=bool)
TURNS = 3


def compiled():
    """mask, x -> x after TURNS times x += not mask + 10 mask + 100 sum(mask), and the sum."""
    mask = opset14.parameter([-1, 4], openvino.Type.boolean)
    x = opset14.parameter([-1, 4], openvino.Type.f32)
    outer = core.OpenVINOKerasTensor(mask.output(0))
    number = ops.cast(outer, "float32")  # used by the loop and after it
    total = ops.sum(number)

    def body(value, turn):
        return value + ops.cast(~outer, "float32") + 10 * number + 100 * total, turn + 1

    start = (core.OpenVINOKerasTensor(x.output(0)), ops.convert_to_tensor(0))
    value, _ = ops.while_loop(lambda value, turn: turn < TURNS, body, start)
    results = [opset14.result(tensor.output) for tensor in (value, total)]
    return openvino.Core().compile_model(openvino.Model(results, [mask, x]), "CPU")


def main() -> int:
    try:
        compiled()
        print("Keras makes this loop by itself: remove workers/keras_openvino_gaps.py")
        return 1
    except RuntimeError as error:
        print(f"without help: {str(error).strip().splitlines()[-1]}")
    keras_openvino_gaps.mend_loops()
    value, total = compiled()([MASK, numpy.full((1, 4), 0.5, numpy.float32)]).to_tuple()
    expected = 0.5 + TURNS * (~MASK + 10 * MASK + 100 * MASK.sum())
    print(f"with it: {value}, expected {expected}")
    return 0 if numpy.array_equal(value, expected) and total == MASK.sum() else 1


if __name__ == "__main__":
    sys.exit(main())
