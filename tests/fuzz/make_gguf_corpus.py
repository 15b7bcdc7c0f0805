"""Writes corpus/gguf_fuzz and corpus/gguf_parts_fuzz: small GGUF files, whole and split, valid and
spoiled, that the fuzzers start from.

    python3 tests/fuzz/make_gguf_corpus.py
"""

import pathlib
import struct

U8, I8, U16, I16, U32, I32, F32, BOOL, STRING, ARRAY, U64, I64, F64 = range(13)
FORMATS = {U8: "B", I8: "b", U16: "H", I16: "h", U32: "I", I32: "i", F32: "f", BOOL: "B", U64: "Q", I64: "q", F64: "d"}
HUGE = 2**64 - 1


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def payload(kind: int, value) -> bytes:
    return text(value) if kind == STRING else struct.pack("<" + FORMATS[kind], value)


def scalar(key: bytes, kind: int, value) -> bytes:
    return text(key) + struct.pack("<I", kind) + payload(kind, value)


def array(key: bytes, kind: int, values: list, count: int | None = None) -> bytes:
    header = struct.pack("<IIQ", ARRAY, kind, len(values) if count is None else count)
    return text(key) + header + b"".join(payload(kind, value) for value in values)


def tensor(name: bytes, dims: list[int], kind: int, offset: int) -> bytes:
    return text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, kind, offset)


def gguf(values=(), tensors=(), data=0, version=3, alignment=32, value_count=None, tensor_count=None) -> bytes:
    counts = (
        len(tensors) if tensor_count is None else tensor_count,
        len(values) if value_count is None else value_count,
    )
    out = b"GGUF" + struct.pack("<IQQ", version, *counts) + b"".join(values) + b"".join(tensors)
    return out + bytes(-len(out) % alignment + data) if data else out


SCALARS = [scalar(bytes([97 + kind]), kind, 1) for kind in FORMATS]
TWO = [tensor(b"one", [32, 2], 8, 0), tensor(b"two", [3], 0, 96)]
LLAMA = [
    scalar(b"general.architecture", STRING, b"llama"),
    scalar(b"llama.block_count", U32, 1),
    array(b"tokenizer.ggml.tokens", STRING, [b"a", b"", b"\xff\xfe"]),
    array(b"tokenizer.ggml.token_type", I32, [1, 1, 3]),
]
FILES = {
    "empty": b"",
    "header_only": gguf(),
    "every_scalar": gguf(SCALARS),
    "every_array": gguf([array(bytes([97 + kind]), kind, [1, 0]) for kind in FORMATS]),
    "llama_like": gguf(LLAMA, TWO, 96 + 12),
    "version_2": gguf(LLAMA, TWO, 96 + 12, version=2),
    "every_tensor_type": gguf(
        tensors=[tensor(bytes([97 + i]), [32], kind, 128 * i) for i, kind in enumerate((0, 1, 2, 3, 8, 30))],
        data=128 * 6,
    ),
    "four_dimensions": gguf(tensors=[tensor(b"t", [2, 3, 5, 7], 1, 0)], data=420),
    "alignment_256": gguf(
        [scalar(b"general.alignment", U32, 256)], [tensor(b"t", [8], 0, 256)], 256 + 32, alignment=256
    ),
    "alignment_0": gguf([scalar(b"general.alignment", U32, 0)], TWO, 96 + 12),
    "big_endian": b"GGUF" + struct.pack(">IQQ", 3, 0, 0),
    "version_1": gguf(version=1),
    "huge_value_count": gguf(LLAMA, value_count=HUGE),
    "huge_tensor_count": gguf(LLAMA, TWO, tensor_count=HUGE),
    "huge_key_length": gguf([struct.pack("<Q", HUGE) + b"key"], value_count=1),
    "huge_array": gguf([array(b"a", U64, [], 2**61)]),
    "huge_string_array": gguf([array(b"a", STRING, [b"x"], HUGE)]),
    "nested_array": gguf([text(b"a") + struct.pack("<IIQIQ", ARRAY, ARRAY, 1, U8, 0)]),
    "unknown_value_type": gguf([text(b"a") + struct.pack("<IQ", 13, 0)]),
    "bad_bool": gguf([scalar(b"a", BOOL, 2)]),
    "duplicate_key": gguf([scalar(b"a", U8, 1), scalar(b"a", U8, 2)]),
    "duplicate_tensor": gguf(tensors=[tensor(b"t", [8], 0, 0), tensor(b"t", [8], 0, 32)], data=64),
    "five_dimensions": gguf(tensors=[tensor(b"t", [1] * 5, 0, 0)], data=4),
    "zero_dimension": gguf(tensors=[tensor(b"t", [8, 0], 0, 0)], data=4),
    "dimensions_overflow": gguf(tensors=[tensor(b"t", [2**32, 2**32, 4], 0, 0)], data=4),
    "cut_block": gguf(tensors=[tensor(b"t", [33], 2, 0)], data=64),
    "unread_type": gguf(tensors=[tensor(b"t", [256], 14, 0)], data=256),
    "unaligned_offset": gguf(tensors=[tensor(b"t", [8], 0, 4)], data=64),
    "offset_overflow": gguf(tensors=[tensor(b"t", [8], 0, 2**64 - 32)], data=64),
    "overlap": gguf(tensors=[tensor(b"s", [16], 0, 0), tensor(b"t", [8], 0, 32)], data=64),
    "data_cut_short": gguf(LLAMA, TWO, 96 + 11),
}


def part(place: int, count: int, name: bytes, total: int | None = None, before=()) -> bytes:
    keys = [scalar(b"split.no", U16, place), scalar(b"split.count", U16, count)]
    if total is not None:
        keys.append(scalar(b"split.tensors.count", I32, total))
    return gguf([*before, *keys], [tensor(name, [8], 0, 0)], 32)


def joined(*parts: bytes) -> bytes:
    """As gguf_parts_fuzz.cc takes them apart: each with its length before it."""
    return b"".join(struct.pack("<H", len(each)) + each for each in parts)


FIRST = part(0, 2, b"one", 2, LLAMA)
SPLITS = {
    "two": joined(FIRST, part(1, 2, b"two")),
    "three": joined(part(0, 3, b"one", 3), part(1, 3, b"two"), part(2, 3, b"three")),
    "first_without_tensors": joined(
        gguf([scalar(b"split.no", U16, 0), scalar(b"split.count", U16, 2)]), part(1, 2, b"two")
    ),
    "same_place": joined(FIRST, part(0, 2, b"two")),
    "other_count": joined(FIRST, part(1, 3, b"two")),
    "other_total": joined(part(0, 2, b"one", 3), part(1, 2, b"two")),
    "same_tensor": joined(FIRST, part(1, 2, b"one")),
    "one_of_two": joined(FIRST),
    "huge_place": joined(FIRST, gguf([scalar(b"split.no", U64, HUGE), scalar(b"split.count", U64, 2)])),
}


def write(folder: str, files: dict[str, bytes]) -> None:
    path = pathlib.Path(__file__).parent / "corpus" / folder
    path.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (path / f"{name}.gguf").write_bytes(content)


def main() -> None:
    write("gguf_fuzz", FILES)
    write("gguf_parts_fuzz", SPLITS)


if __name__ == "__main__":
    main()
