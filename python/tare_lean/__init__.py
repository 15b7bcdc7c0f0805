"""Maps a model's .h5 file as Keras's variables, so that loading the model needs no copy.

Use `tare run -- python program.py`, or `import tare_lean` before `import keras`. docs/openvino.md
says what it changes and what it leaves to Keras. This module imports only the standard library: in
a program without Keras it only compares the names of imported modules.
"""

import contextlib
import importlib
import importlib.abc
import importlib.util
import sys
import threading

from . import report

__all__ = ["loading"]

_BACKENDS = ("openvino", "torch", "jax", "tensorflow")
_PATCHES = {  # for each Keras module: parts of this package, and their functions
    "keras.src.saving.saving_lib": {"store": "patch_store"},
    "keras_hub.src.models.backbone": {"scope": "patch_from_preset"},
    "keras_hub.src.models.task": {"scope": "patch_from_preset"},
    **{f"keras.src.backend.{name}.core": {"variables": "patch_variable"} for name in _BACKENDS},
}
_PATCHES["keras.src.backend.openvino.core"]["reading"] = "patch_reading"


def _apply(module):
    """Patches a module that was just imported; leaves it unmodified if it is not as expected."""
    for part, function in _PATCHES[module.__name__].items():
        try:
            patch = getattr(importlib.import_module(f"{__name__}.{part}"), function)
            patch(module)
        except Exception as error:
            report.step_aside(f"{module.__name__}: {error}")


class _Watch(importlib.abc.MetaPathFinder):
    """Notices imports of the modules to patch; other finders find them."""

    def __init__(self):
        self._asking = threading.local()

    def find_spec(self, name, path=None, target=None):
        if name not in _PATCHES or getattr(self._asking, "name", None) == name:
            return None
        self._asking.name = name
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._asking.name = None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def exec_module(module):
            execute(module)
            _apply(module)

        spec.loader.exec_module = exec_module
        return spec


def loading():
    """A context for a script that builds a model and then calls `load_weights`.

    Within it, large variables are not initialised. At its end, those without loaded values get
    their initial values. `from_preset` does this by itself. Does nothing if Keras is not patched.

        with tare_lean.loading():
            model = build()
            model.load_weights("model.weights.h5")
    """
    part = sys.modules.get(f"{__name__}.scope")
    return part.Loading() if part else contextlib.nullcontext()


sys.meta_path.insert(0, _Watch())
for _name in _PATCHES:  # imported before this module was
    if _name in sys.modules:
        _apply(sys.modules[_name])
