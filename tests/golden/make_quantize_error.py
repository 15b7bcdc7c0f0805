"""Writes quantize_error.txt: the error of libggml's reference quantisers for types that the `gguf` package cannot
encode.

    tare backends install llama.cpp
    PYTHON tests/golden/make_quantize_error.py > tests/golden/quantize_error.txt

PYTHON belongs to that row (`tare backends list` shows its path). Each line holds a type, a kind of row, and the sum
of x² (x - y)² over the row, where y is the decoded value. quantize_test.cc makes the same rows.
"""

import ctypes
import pathlib

import llama_cpp
import numpy as np

SIZE = 16384
TYPES = {"q6_k": ("q6_K", 256, 210)}  # ggml's name, elements and bytes per block


def make_row(heavy: bool) -> np.ndarray:
    """Sums of twelve numbers, nearly Gaussian; heavy tails from their cubes."""
    state = 20261129
    sums = []
    for _ in range(SIZE):
        total = 0
        for _ in range(12):
            state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
            total += state >> 48
        sums.append(total - 6 * 65535)
    row = np.array(sums, dtype=np.float32) / np.float32(65536)
    return row * row * row if heavy else row


def read_back(library: ctypes.CDLL, name: str, elements: int, size: int, row: np.ndarray) -> np.ndarray:
    blocks = np.zeros(SIZE // elements * size, dtype=np.uint8)
    back = np.zeros(SIZE, dtype=np.float32)
    count = ctypes.c_int64(SIZE)
    library[f"quantize_row_{name}_ref"](row.ctypes.data_as(ctypes.c_void_p), blocks.ctypes.data_as(ctypes.c_void_p), count)
    library[f"dequantize_row_{name}"](blocks.ctypes.data_as(ctypes.c_void_p), back.ctypes.data_as(ctypes.c_void_p), count)
    return back


def main() -> None:
    library = ctypes.CDLL(str(pathlib.Path(llama_cpp.__file__).parent / "lib/libggml-base.so"))
    for name, (ggml_name, elements, size) in TYPES.items():
        for kind in ("gaussian", "heavy"):
            row = make_row(kind == "heavy")
            x = row.astype(np.float64)
            error = x - read_back(library, ggml_name, elements, size, row)
            print(name, kind, repr(float(np.sum(x * x * error * error))))


if __name__ == "__main__":
    main()
