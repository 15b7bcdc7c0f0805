"""Writes type_mixes.txt: the types that llama.cpp's quantiser gives the tensors of a few models.

    tare backends install llama.cpp
    PYTHON tests/golden/make_type_mixes.py > tests/golden/type_mixes.txt

PYTHON is that row's (`tare backends list` shows where). A line `model LAYERS HEADS KV_HEADS` begins a model. Lines
`tensor NAME DIMS` follow, row-major; a name with * stands for one of each layer. Then, for each mix, a line `mix NAME`
and, for each of these names, its types in the order of layers, as many times as `TYPE:COUNT` says.
"""

import itertools
import pathlib
import re
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "oracle"))
import type_mixes  # noqa: E402

CASES = (
    type_mixes.Case(4, 4, 4, 256, 512, tied=True),
    type_mixes.Case(17, 8, 2, 256, 288),
    type_mixes.Case(9, 6, 2, 96, 256),
    type_mixes.Case(2, 4, 4, 40, 64, tied=True),
    type_mixes.Case(9, 8, 2, 256, 256, experts=8),
    type_mixes.Case(9, 8, 2, 256, 256, experts=16),
    type_mixes.Case(10, 4, 4, 256, 512, tied=True, fused=True, architecture="gpt2"),
    type_mixes.Case(80, 64, 8, 256, 256),
)


def general(name: str) -> str:
    return re.sub(r"blk\.\d+", "blk.*", name)


def main() -> None:
    for case in CASES:
        print("model", case.layers, case.heads, case.kv_heads)
        shapes = {general(name): shape for name, shape in case.tensors()}
        for name, shape in shapes.items():
            print("tensor", name, *reversed(shape))
        with tempfile.TemporaryDirectory() as folder:
            for mix in type_mixes.MIXES:
                types = type_mixes.library_types(case, mix, pathlib.Path(folder))
                if types is None:
                    continue
                print("mix", mix)
                for kind in shapes:
                    of_kind = [types[name] for name, _ in case.tensors() if general(name) == kind]
                    runs = [f"{name}:{len(list(run))}" for name, run in itertools.groupby(of_kind)]
                    print(kind, *runs)


if __name__ == "__main__":
    main()
