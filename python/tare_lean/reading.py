"""Keras's reading of values on OpenVINO: of a Constant it is a copy, for which no model is compiled."""

import functools
import inspect

import numpy

from . import report

# Those that NumPy holds as OpenVINO does.
_TYPES = ("boolean", "f16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64")


def patch_reading(core) -> None:
    """Keras up to 3.12 compiles a model to read a value, even a variable's, and so copies it twice
    and spends some 20 ms; newer ones read Constants themselves and are left as they are."""
    convert = core.convert_to_numpy
    if list(inspect.signature(convert).parameters) != ["x"]:
        raise RuntimeError("convert_to_numpy is not as it is known to be")
    if '"Constant"' in inspect.getsource(convert):
        return

    def copy_of_constant(x):
        if isinstance(x, core.KerasVariable):
            x = x.value
        if not isinstance(x, core.OpenVINOKerasTensor):
            return None
        node = x.output.get_node()
        if node.get_type_name() != "Constant":
            return None
        if node.get_element_type().get_type_name() not in _TYPES:
            return None
        return numpy.array(node.data)

    @functools.wraps(convert)
    def convert_to_numpy(x):
        try:
            value = copy_of_constant(x)
        except Exception as error:
            report.step_aside(f"a value is read as Keras reads it: {error!r}")
            value = None
        if value is None:
            return convert(x)
        report.add("read", 1)
        return value

    core.convert_to_numpy = convert_to_numpy
