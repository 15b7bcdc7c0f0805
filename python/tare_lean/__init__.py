"""Gives Keras its variables over the mapped .h5, so that loading a model needs no copy of it.

`import tare_lean` before `import keras`, or `tare run -- python program.py`. docs/openvino.md says
what is done and what is left to Keras. Nothing is imported here but the standard library: a
program without Keras pays for a look at the names of its imports.
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
_PATCHES = {  # of a module: parts of this package, each with its function
    "keras.src.saving.saving_lib": {"store": "patch_store"},
    "keras_hub.src.models.backbone": {"scope": "patch_from_preset"},
    "keras_hub.src.models.task": {"scope": "patch_from_preset"},
    **{f"keras.src.backend.{name}.core": {"variables": "patch_variable"} for name in _BACKENDS},
}
_PATCHES["keras.src.backend.openvino.core"]["reading"] = "patch_reading"


def _apply(module):
    """Patches a module that has just been imported; on any surprise it stays as it is."""
    for part, function in _PATCHES[module.__name__].items():
        try:
            patch = getattr(importlib.import_module(f"{__name__}.{part}"), function)
            patch(module)
        except Exception as error:
            report.step_aside(f"{module.__name__}: {error}")


class _Watch(importlib.abc.MetaPathFinder):
    """Sees the imports of the modules that are patched; others find them."""

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
    """Within it, big variables start untouched and get their initial values only at its end, and
    only where none were loaded: for a script that builds a model and then calls `load_weights`.
    `from_preset` is such a place already. Without a patched Keras it does nothing.

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
