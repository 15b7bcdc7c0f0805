"""Starts lean loading in a program under `tare run`, then runs the program's own sitecustomize."""

import importlib.machinery
import importlib.util
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))


def _bring_in_lean_loading():
    package = os.path.dirname(_HERE)
    spec = importlib.util.spec_from_file_location(
        "tare_lean", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    module = importlib.util.module_from_spec(spec)
    sys.modules["tare_lean"] = module
    spec.loader.exec_module(module)


def _run_the_programs_own():
    # The program must see its own path.
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != _HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


try:
    _bring_in_lean_loading()
except Exception as error:
    print(f"tare: lean loading is off: {error!r}", file=sys.stderr)
_run_the_programs_own()
