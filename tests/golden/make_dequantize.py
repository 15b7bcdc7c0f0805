"""Writes dequantize.txt: random blocks of each quantised type and their values from the `gguf` package.

    pip install gguf==0.19.0 numpy
    python tests/golden/make_dequantize.py > tests/golden/dequantize.txt

Each line holds a type; its numbers in the package (tensor type, elements and bytes per block, file type); blocks; and
their f32 values in hexadecimal.
"""

import gguf
import numpy as np

TYPES = ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q6_K", "Q5_K", "Q4_K", "Q3_K", "Q2_K", "IQ4_NL", "IQ4_XS", "MXFP4")
FILE_TYPES = {"Q5_K": "Q5_K_M", "Q4_K": "Q4_K_M", "Q3_K": "Q3_K_M", "MXFP4": "MXFP4_MOE"}  # else the type's own name
ELEMENTS = 512


def random_blocks(random: np.random.Generator, dtype, count: int, size: int) -> np.ndarray:
    """[count, size] bytes. Redraws blocks whose random scale is not finite."""
    blocks = []
    while len(blocks) < count:
        block = random.integers(0, 256, size=size, dtype=np.uint8)
        with np.errstate(all="ignore"):
            if np.isfinite(gguf.quants.dequantize(block, dtype)).all():
                blocks.append(block)
    return np.stack(blocks)


def main() -> None:
    random = np.random.default_rng(20261129)
    for name in TYPES:
        dtype = gguf.GGMLQuantizationType[name]
        elements, size = gguf.GGML_QUANT_SIZES[dtype]
        blocks = random_blocks(random, dtype, ELEMENTS // elements, size)
        values = gguf.quants.dequantize(blocks, dtype).astype("<f4")
        file_type = gguf.LlamaFileType[f"MOSTLY_{FILE_TYPES.get(name, name)}"]
        print(name.lower(), int(dtype), elements, size, int(file_type), blocks.tobytes().hex(), values.tobytes().hex())


if __name__ == "__main__":
    main()
