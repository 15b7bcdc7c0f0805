"""Calls every overload of ov::Core::compile_model in this interpreter's OpenVINO from a C++ program.

usage: python compile_overloads.py TARE     (the interpreter has the openvino package; needs g++)
"""

import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import openvino
from openvino import opset13 as ops


def save_model(folder):
    x = ops.parameter(openvino.PartialShape([2, 3]), numpy.float32)
    weights = ops.constant(numpy.arange(12, dtype=numpy.float32).reshape(3, 4))
    model = openvino.Model([ops.einsum([x, weights], "ab,bc->ac")], [x], "product")
    openvino.save_model(model, folder / "model.xml", compress_to_fp16=False)


def build(folder, package):
    library = max(package.glob("libs/libopenvino.so.*"))
    old_strings = b"_ZN2ov4Core13compile_modelERKSsRKSt3map" in library.read_bytes()
    program = folder / "compile_overloads"
    subprocess.run(
        ["g++", "-std=c++17", "-O1", f"-D_GLIBCXX_USE_CXX11_ABI={0 if old_strings else 1}",
         "-isystem", package / "include",
         pathlib.Path(__file__).with_name("compile_overloads.cc"), "-o", program, library,
         f"-Wl,-rpath,{library.parent}"], check=True)
    return program


def main():
    tare = sys.argv[1]
    package = pathlib.Path(openvino.__file__).parent
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        save_model(folder)
        program = build(folder, package)
        (folder / "cache").mkdir()
        # The program finds the wheel's library itself, so no --openvino.
        command = ["--no-lean", "--", program, folder / "model.xml", folder / "model.bin",
                   folder / "cache"]
        done = subprocess.run([tare, "run", *command], env=os.environ)
        # If the hook cannot write its messages, the program still works.
        with open("/dev/full", "w") as full:
            unheard = subprocess.run([tare, "run", "--log", *command], env=os.environ, stderr=full,
                                     stdout=subprocess.DEVNULL)
    print(f"openvino {openvino.__version__}")
    return done.returncode or unheard.returncode


if __name__ == "__main__":
    sys.exit(main())
