"""Makes the stored inputs of safetensors_fuzz: python tests/fuzz/make_safetensors_corpus.py"""

import json
import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent / "corpus" / "safetensors_fuzz"


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def file(header, data_bytes, length=None):
    text = header if isinstance(header, str) else json.dumps(header)
    claimed = len(text) if length is None else length
    return struct.pack("<Q", claimed) + text.encode() + bytes(range(data_bytes))


CASES = {
    "empty": b"",
    "no_tensors": file("{}", 0),
    "metadata": file({"__metadata__": {"format": "pt"}, "w": tensor("F32", [2], 0, 8)}, 8),
    "every_type": file(
        {
            "f32": tensor("F32", [2, 1], 0, 8),
            "f16": tensor("F16", [1, 2], 8, 12),
            "bf16": tensor("BF16", [], 12, 14),
            "bool": tensor("BOOL", [2], 14, 16),
            "i64": tensor("I64", [1], 16, 24),
            "none": tensor("F32", [0], 24, 24),
        },
        24,
    ),
    "unaligned": file({"h": tensor("F16", [1], 0, 2), "w": tensor("F32", [1], 2, 6)}, 6),
    "unread_type": file({"w": tensor("F64", [1], 0, 8)}, 8),
    "overlap": file({"a": tensor("F32", [1], 0, 4), "b": tensor("F32", [1], 2, 6)}, 6),
    "gap": file({"a": tensor("F32", [1], 0, 4), "b": tensor("F32", [1], 8, 12)}, 12),
    "outside": file({"a": tensor("F32", [3], 0, 12)}, 8),
    "huge_shape": file({"a": tensor("F32", [1 << 62], 0, 0)}, 0),
    "huge_length": file("{}", 0, 1 << 63),
    "not_json": file("{]", 0),
    "deep": file('{"a":' + "[" * 40 + "]" * 40 + "}", 0),
    "twice": file('{"a":%s,"a":%s}' % ((json.dumps(tensor("F32", [1], 0, 4)),) * 2), 4),
}

FOLDER.mkdir(parents=True, exist_ok=True)
for name, content in CASES.items():
    (FOLDER / name).write_bytes(content)
