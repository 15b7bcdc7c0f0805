"""While a model loads, large variables lie on untouched pages until they get their values."""

import functools
import inspect
import mmap
import threading

import numpy

from . import report, store

_current = threading.local()


def current():
    """The outermost `Loading` of this thread, or None."""
    return getattr(_current, "scope", None)


def untouched(shape, dtype: str):
    """Zeros that take no memory until they are written."""
    dtype = store.numpy_type(dtype)
    pages = mmap.mmap(-1, int(numpy.prod(tuple(shape))) * dtype.itemsize, flags=mmap.MAP_PRIVATE)
    return numpy.frombuffer(pages, dtype).reshape(shape)


class Loading:
    """Keeps variables waiting; at its end, those that were not loaded get their initial values."""

    def __init__(self):
        self._waiting = {}

    def __enter__(self):
        self._outer = current()
        if self._outer is None:
            _current.scope = self
        return self

    def __exit__(self, *exception):
        if self._outer is not None:
            return
        _current.scope = None
        waiting, self._waiting = list(self._waiting.values()), {}
        for variable, initialize in waiting:
            initialize(variable)
        report.flush()

    def wait(self, variable, initialize) -> None:
        self._waiting[id(variable)] = (variable, initialize)

    def is_waiting(self, variable) -> bool:
        return id(variable) in self._waiting

    def loaded(self, variable) -> None:
        if self._waiting.pop(id(variable), None) is not None:
            report.add("untouched", bytes_of(variable))


def bytes_of(variable) -> int:
    size = store.numpy_type(variable._dtype).itemsize
    return int(numpy.prod(tuple(variable._shape))) * size


def patch_from_preset(module) -> None:
    """Runs `from_preset` of keras_hub's Backbone or Task, whichever the module has, in a `Loading`."""
    name = {"backbone": "Backbone", "task": "Task"}[module.__name__.rpartition(".")[2]]
    owner = getattr(module, name)
    method = inspect.getattr_static(owner, "from_preset")
    if not isinstance(method, classmethod):
        raise RuntimeError(f"{name}.from_preset is not a class method")
    function = method.__func__

    @functools.wraps(function)
    def from_preset(cls, *args, **kwargs):
        with Loading():
            return function(cls, *args, **kwargs)

    owner.from_preset = classmethod(from_preset)
