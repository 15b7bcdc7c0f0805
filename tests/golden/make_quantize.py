"""Writes quantize.txt: f32 rows and their blocks from the `gguf` package's reference quantisers.

    pip install gguf==0.19.0 numpy
    python tests/golden/make_quantize.py > tests/golden/quantize.txt

Each line holds a type and the row's bytes in hexadecimal. The first line is the f32 row itself.
"""

import gguf
import numpy as np

BLOCK = 32


def make_row() -> np.ndarray:
    random = np.random.default_rng(20261123)
    outlier = random.normal(size=BLOCK)
    outlier[11] = 40.0
    blocks = [
        random.normal(size=BLOCK),
        random.uniform(-1, 1, size=BLOCK),
        random.normal(size=BLOCK) * 1e-5,
        random.normal(size=BLOCK) * 3e4,
        np.abs(random.normal(size=BLOCK)),
        outlier,
        -outlier,
        np.zeros(BLOCK),
        np.full(BLOCK, 0.75),
        np.full(BLOCK, -3.0),
        (np.arange(BLOCK) - 16) * 0.5,  # halves: rounding ties
        np.where(np.arange(BLOCK) % 2 == 0, 1.0, -1.0),  # the largest magnitude twice
        random.normal(size=BLOCK) * 0.02,
        random.normal(size=BLOCK) * 0.02 + 0.1,
    ]
    return np.concatenate(blocks).astype(np.float32)


def main() -> None:
    row = make_row()
    print("f32", row.tobytes().hex())
    for name in ("F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1"):
        quantised = gguf.quants.quantize(row, gguf.GGMLQuantizationType[name])
        print(name.lower(), quantised.tobytes().hex())


if __name__ == "__main__":
    main()
