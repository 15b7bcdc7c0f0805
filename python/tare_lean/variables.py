"""Makes large Keras variables start uninitialised and use the mapped file's bytes."""

import functools
import importlib
import inspect

import numpy

from . import report, scope, store

_FLOATS = ("float16", "bfloat16", "float32", "float64")


class _Replaced:
    """Backends where an assignment replaces the value. NumPy cannot share bfloat16."""

    def can_share(self, array):
        return array.dtype.name != "bfloat16"

    def is_placed(self, variable, placed):
        return variable._value is placed

    def initialize(self, variable, initializer, original):
        original(variable, initializer)

    def share(self, variable, mapped):
        array = mapped.take() if self.can_share(mapped) else None
        return None if array is None else self.place(variable, array)


class _OpenVino(_Replaced):
    """Values are Constants. A bfloat16 one, made through a Tensor, does not keep its array alive."""

    def __init__(self, core):
        import openvino

        self._ov = openvino
        self._tensor_of = core.OpenVINOKerasTensor

    def place(self, variable, array):
        if not self.can_share(array):
            return None
        constant = self._ov.op.Constant(array, shared_memory=True)
        variable._value = self._tensor_of(constant.output(0))
        return variable._value


class _Torch:
    """Values are Parameters. Others may use their storage, so only a waiting one is replaced."""

    def __init__(self, core):
        import torch

        self._torch = torch
        self._device = core.get_device

    def place(self, variable, array):
        if str(self._device()).partition(":")[0] != "cpu":
            return None
        tensor = self._over(array, variable._dtype)
        variable._value = self._torch.nn.Parameter(tensor, requires_grad=variable.trainable)
        return variable._value._version

    def is_placed(self, variable, placed):
        return variable._value._version == placed

    def initialize(self, variable, initializer, original):
        del original  # would create a Parameter that the layer does not list
        value = initializer(variable._shape, dtype=variable._dtype)
        with self._torch.no_grad():
            variable._value.copy_(variable._convert_to_tensor(value, dtype=variable._dtype))

    def share(self, variable, mapped):
        loading = scope.current()
        if loading is None or not loading.is_waiting(variable):
            return None
        if variable._value.device.type != "cpu":
            return None
        array = mapped.take()
        if array is None:
            return None
        variable._value.data = self._over(array, variable._dtype)
        return variable._value.data

    def _over(self, array, dtype):
        if dtype == "bfloat16":
            return self._torch.from_numpy(array.view(numpy.int16)).view(self._torch.bfloat16)
        return self._torch.from_numpy(array)


class _Jax(_Replaced):
    """Values are arrays. XLA shares only arrays aligned to 64 bytes."""

    ALIGNMENT = 64

    def __init__(self, core):
        import jax

        self._jax = jax
        self._state = core.global_state
        if core.config.is_nnx_enabled():
            raise RuntimeError("Flax NNX variables are not supported")

    def place(self, variable, array):
        distributed = self._state.get_global_attribute("distribution") is not None
        if distributed or variable._layout is not None or not self.can_share(array):
            return None
        variable._value = self._jax.dlpack.from_dlpack(array)
        return variable._value

    def can_share(self, array):
        return (
            self._jax.default_backend() == "cpu"
            and super().can_share(array)
            and array.ctypes.data % self.ALIGNMENT == 0
        )


class _TensorFlow:
    """Values are tf.Variables. They share an assigned buffer that is aligned to 64 bytes and copy any
    other."""

    def __init__(self, core):
        self._tf = core.tf

    def place(self, variable, array):
        if not self._tf.executing_eagerly() or self._tf.distribute.has_strategy():
            return None
        variable._initialize(self._tf.convert_to_tensor(array))
        return variable._value

    def is_placed(self, variable, placed):
        return variable._value is placed and not numpy.any(variable._value.numpy())

    def initialize(self, variable, initializer, original):
        del original  # would create another tf.Variable
        variable._value.assign(initializer(variable._shape, dtype=variable._dtype))

    def share(self, variable, mapped):
        if mapped.ctypes.data % _Jax.ALIGNMENT or not self._tf.executing_eagerly():
            return None
        array = mapped.take()
        if array is None:
            return None
        value = self._tf.convert_to_tensor(array, dtype=variable._dtype)
        variable._direct_assign(value)
        return value


_BACKENDS = {"openvino": _OpenVino, "torch": _Torch, "jax": _Jax, "tensorflow": _TensorFlow}


def _gives_the_same_later(initializer) -> bool:
    """Whether an initializer is Keras's own and gives the same values later, from its own seed."""
    own = type(initializer).__module__.startswith("keras.src.initializers.")
    return own and isinstance(getattr(initializer, "seed", 0), int)


def _check(method, names) -> None:
    if list(inspect.signature(method).parameters) != names:
        raise RuntimeError(f"{method.__qualname__} is not the one that Tare knows")


def patch_variable(core) -> None:
    name = core.__name__.split(".")[-2]
    variable_class = core.Variable
    initialize = variable_class._initialize_with_initializer
    assign = variable_class.assign
    _check(initialize, ["self", "initializer"])
    _check(assign, ["self", "value"])
    _check(variable_class._direct_assign, ["self", "value"])
    stateless = importlib.import_module("keras.src.backend.common.stateless_scope")
    in_stateless_scope = stateless.in_stateless_scope
    backend = _BACKENDS[name](core)

    def let_wait(variable, initializer) -> bool:
        loading = scope.current()
        if (
            loading is None
            or variable._dtype not in _FLOATS
            or scope.bytes_of(variable) < store.SMALLEST_BYTES
            or not _gives_the_same_later(initializer)
        ):
            return False
        placed = backend.place(variable, scope.untouched(variable._shape, variable._dtype))
        if placed is None:
            return False

        def initialize_late(variable):
            if backend.is_placed(variable, placed):
                backend.initialize(variable, initializer, initialize)

        loading.wait(variable, initialize_late)
        return True

    @functools.wraps(initialize)
    def initialize_with_initializer(self, initializer):
        try:
            if let_wait(self, initializer):
                return
        except Exception as error:
            report.step_aside(f"initialising a variable: {error!r}")
        initialize(self, initializer)

    def share(variable, mapped):
        same = tuple(variable._shape) == mapped.shape and variable._dtype == mapped.dtype.name
        value = backend.share(variable, mapped) if same else None
        report.add("copied" if value is None else "shared", mapped.nbytes)
        return value

    @functools.wraps(assign)
    def assign_value(self, value):
        if in_stateless_scope():
            return assign(self, value)
        shared = None
        if type(value) is store.Mapped:
            try:
                shared = share(self, value)
            except Exception as error:
                report.step_aside(f"sharing a variable: {error!r}")
            value = value.view(numpy.ndarray)
        result = assign(self, value) if shared is None else shared
        if (loading := scope.current()) is not None:
            loading.loaded(self)
        return result

    variable_class._initialize_with_initializer = initialize_with_initializer
    variable_class.assign = assign_value
    report.use_backend(name)
