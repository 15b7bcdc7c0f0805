"""Writes quantize_error.txt: what libggml's reference quantisers lose, of the types for which Tare has its own search.

    tare backends install llama.cpp
    PYTHON tests/golden/make_quantize_error.py > tests/golden/quantize_error.txt

PYTHON is that row's (`tare backends list` shows where). Each line is a type, a kind of row, and the sum of
weight * (x - y)² over the row, where y is what is read back; the weight is the one by which the reference searches.
quantize_test.cc makes the same rows.
"""

import ctypes
import pathlib

import llama_cpp
import numpy as np

SIZE = 16384
TYPES = {  # ggml's name, elements and bytes of a block, weights
    "q6_k": ("q6_K", 256, 210, "square"),
    "q5_k": ("q5_K", 256, 176, "typical"),
    "q4_k": ("q4_K", 256, 144, "typical"),
    "q3_k": ("q3_K", 256, 110, "square"),
    "q2_k": ("q2_K", 256, 84, "size"),
    "iq4_nl": ("iq4_nl", 32, 18, "square"),
    "iq4_xs": ("iq4_xs", 256, 136, "square"),
    "mxfp4": ("mxfp4", 32, 17, "square"),
}


def weights(kind: str, x: np.ndarray) -> np.ndarray:
    """x², |x|, or |x| plus the root mean square of the 32 numbers that share a scale."""
    if kind == "square":
        return x * x
    if kind == "size":
        return np.abs(x)
    return np.abs(x) + np.repeat(np.sqrt(np.mean(x.reshape(-1, 32) ** 2, axis=1)), 32)


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
    for name, (ggml_name, elements, size, weight) in TYPES.items():
        for kind in ("gaussian", "heavy"):
            row = make_row(kind == "heavy")
            x = row.astype(np.float64)
            error = x - read_back(library, ggml_name, elements, size, row)
            print(name, kind, weight, repr(float(np.sum(weights(weight, x) * error * error))))


if __name__ == "__main__":
    main()
