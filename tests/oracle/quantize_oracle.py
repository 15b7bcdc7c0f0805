#!/usr/bin/env python3
"""Compares the block types with the `gguf` package and libggml: values and bytes of many random blocks and rows.

usage: quantize_oracle.py --blocks tare_blocks --ggml libggml-base.so [--markdown FILE]

Run with the Python that scripts/oracle_python.sh prints. The library is in the llama.cpp row's llama_cpp/lib.

- Values of random blocks are those of the package and of the library, bit for bit.
- Bytes of rows are those of the package, where Tare does not search for better ones. The library's own may differ
  where its compiler fused a product and a sum; the report counts equal blocks.
- Where it does (SEARCHED), a row must not lose more than with the library's reference: the sum of weight * (x - y)²,
  on Gaussian and heavy-tailed rows, row by row. The weight is the one by which the reference searches.
"""

import argparse
import ctypes
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy as np

import comparison

SEARCHED = {"Q6_K": "square", "Q5_K": "typical", "Q4_K": "typical", "Q3_K": "square", "Q2_K": "size",
            "IQ4_NL": "square", "IQ4_XS": "square", "MXFP4": "square"}  # type -> weights
TYPES = ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", *SEARCHED)
BLOCKS = 4000
ROWS, WIDTH = 48, 4096


class Tare:
    """The test program tare_blocks."""

    def __init__(self, program):
        self.program = program

    def run(self, name, data, dtype, *flags):
        with tempfile.TemporaryDirectory() as folder:
            source, out = pathlib.Path(folder) / "in", pathlib.Path(folder) / "out"
            source.write_bytes(data.tobytes())
            subprocess.run([self.program, "--type", name.lower(), "--in", source, "--out", out, *flags], check=True)
            return np.fromfile(out, dtype=dtype)

    def encode(self, name, numbers):
        return self.run(name, numbers, np.uint8)

    def decode(self, name, blocks):
        return self.run(name, blocks, np.float32, "--decode")


class Ggml:
    """libggml's reference quantisers."""

    def __init__(self, library):
        self.library = ctypes.CDLL(str(library))

    def call(self, function, source, out, count):
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (source, out)]
        self.library[function](*pointers, ctypes.c_int64(count))
        return out

    def encode(self, name, numbers):
        elements, size = sizes(name)
        out = np.zeros(numbers.size // elements * size, np.uint8)
        return self.call(f"quantize_row_{ggml_name(name)}_ref", numbers, out, numbers.size)

    def decode(self, name, blocks):
        elements, size = sizes(name)
        out = np.zeros(blocks.size // size * elements, np.float32)
        return self.call(f"dequantize_row_{ggml_name(name)}", blocks, out, out.size)


def ggml_name(name):
    return name.lower().replace("_k", "_K")


def dtype_of(name):
    return gguf.GGMLQuantizationType[name]


def sizes(name):
    """(elements, bytes) of a block"""
    return gguf.GGML_QUANT_SIZES[dtype_of(name)]


def random_blocks(random, name):
    """[n, bytes]: blocks of random bytes whose values are finite."""
    elements, size = sizes(name)
    blocks = random.integers(0, 256, size=(2 * BLOCKS, size), dtype=np.uint8)
    with np.errstate(all="ignore"):
        values = gguf.quants.dequantize(blocks, dtype_of(name)).reshape(len(blocks), elements)
    return blocks[np.isfinite(values).all(axis=1)][:BLOCKS]


def same_bits(name, a, b):
    # All zeros of Q4_0 are positive in Tare, even with a negative scale.
    if name == "Q4_0":
        a, b = a + np.float32(0), b + np.float32(0)
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def weights(name, x):
    """x², |x|, or |x| plus the root mean square of the 32 numbers that share a scale."""
    kind = SEARCHED.get(name, "square")
    if kind == "square":
        return x**2
    if kind == "size":
        return np.abs(x)
    groups = x.reshape(-1, 32)
    return np.abs(x) + np.repeat(np.sqrt(np.mean(groups**2, axis=1)), 32).reshape(x.shape)


def weighted_errors(name, rows, back):
    x = rows.astype(np.float64)
    return np.sum(weights(name, x) * (x - back.reshape(rows.shape)) ** 2, axis=1)


def rows_of(random):
    """kind -> [ROWS, WIDTH] f32"""
    return {kind: (draw((ROWS, WIDTH)) * 0.02).astype(np.float32) for kind, draw in {
        "Gaussian": lambda shape: random.normal(size=shape),
        "Laplace": lambda shape: random.laplace(size=shape),
        "Student's t, 3 degrees": lambda shape: random.standard_t(3, size=shape),
    }.items()}


def check_decoding(tare, ggml, random, faults):
    for name in TYPES:
        blocks = random_blocks(random, name)
        got = tare.decode(name, blocks)
        want = gguf.quants.dequantize(blocks, dtype_of(name)).reshape(-1)
        if not same_bits(name, got, want):
            faults.append(f"{name}: values of random blocks are not the gguf package's")
        if not same_bits(name, got, ggml.decode(name, blocks.reshape(-1))):
            faults.append(f"{name}: values of random blocks are not libggml's")


def check_encoding(tare, ggml, random, faults):
    lines = ["| type | rows | bytes are the package's | blocks as libggml's | error to libggml's: all, worst row |",
             "|---|---|---|---|---|"]
    for kind, rows in rows_of(random).items():
        for name in TYPES:
            got = tare.encode(name, rows)
            theirs = ggml.encode(name, rows.reshape(-1))
            size = sizes(name)[1]
            same_blocks = np.mean((got.reshape(-1, size) == theirs.reshape(-1, size)).all(axis=1))
            errors = [weighted_errors(name, rows, tare.decode(name, blocks)) for blocks in (got, theirs)]
            worst = float(np.max(errors[0] / errors[1]))
            if name in SEARCHED:
                said = "own search"
                if not worst <= 1:
                    faults.append(f"{name}, {kind}: a row loses {worst:.4f} of what it loses with libggml")
            else:
                package = gguf.quants.quantize(rows, dtype_of(name)).reshape(-1)
                said = "yes" if got.tobytes() == package.tobytes() else "no"
                if said == "no":
                    faults.append(f"{name}, {kind}: bytes are not the gguf package's")
            total = np.sum(errors[0]) / np.sum(errors[1])
            lines.append(f"| {name} | {kind} | {said} | {100 * same_blocks:.2f} % | {total:.4f}, {worst:.4f} |")
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--blocks", required=True)
    parser.add_argument("--ggml", required=True, type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path, help="also write the report to this file")
    args = parser.parse_args()

    tare, ggml, random, faults = Tare(args.blocks), Ggml(args.ggml), np.random.default_rng(20261129), []
    check_decoding(tare, ggml, random, faults)
    lines = [f"Values of {BLOCKS} random blocks of each type are compared bit for bit.", "",
             *check_encoding(tare, ggml, random, faults)]
    return comparison.hand_in("\n".join(lines), faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
