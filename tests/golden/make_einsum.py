"""Writes einsum.json: results of numpy.einsum for random equations.

    python3 tests/golden/make_einsum.py        (numpy 1.24 or newer)

Operands are small integers from a generator that the C++ test repeats. Every result is therefore exact and a checksum
is enough: fnv1a over the result's elements as little-endian int64. A case is [equation, operand shapes, output shape,
checksum].
"""

import json
import pathlib
import random

import numpy as np

MODEL_EQUATIONS = [
    "abc,cde->abde", "abcd,cde->abe", "aecd,abcd->acbe", "acbe,aecd->abcd",
    "bqm,muh->bquh", "bkm,mvh->bkvh", "bquh,bkuh->buqk", "buqk,bkuh->bquh", "bquh,uhm->bqm",
    "bqm,uhm->bquh", "bquh,muh->bqm", "btc,nc->btn", "btc,cn->btn",
    "...a,ab->...b", "a...,...b->...ab", "...ij,...jk->...ik", "ij,jk", "ba", "ii", "ii->i", "i,i->", ",a->a",
    "iij,j->i", "...ii->...i", "ab c , cd -> ab d",
]  # fmt: skip
MAX_WORK = 200000
RANDOM_CASES = 3000


def values(count: int, seed: int) -> np.ndarray:
    """Integers in [-4, 4]: the high bits of a 32-bit linear congruential generator, modulo 9."""
    state = seed
    out = np.empty(count, np.int64)
    for i in range(count):
        state = (state * 1664525 + 1013904223) % 2**32
        out[i] = (state >> 16) % 9 - 4
    return out


def checksum(result: np.ndarray) -> str:
    digest = 0xCBF29CE484222325
    for byte in np.ascontiguousarray(result, "<i8").tobytes():
        digest = (digest ^ byte) * 0x100000001B3 % 2**64
    return f"{digest:016x}"


def extents_for(rng: random.Random):
    """Extents that differ as long as possible, so that a swapped axis fails; occasionally 1."""
    while True:
        for extent in rng.sample([2, 3, 5, 7], 4):
            yield 1 if rng.random() < 0.08 else extent


def shapes_for(equation: str, rng: random.Random) -> list[list[int]]:
    fresh = extents_for(rng)
    ellipsis = [next(fresh) for _ in range(rng.randint(0, 2))]
    extents: dict[str, int] = {}
    shapes = []
    for term in equation.replace(" ", "").split("->")[0].split(","):
        shape: list[int] = []
        for label in term.replace("...", "."):
            if label == ".":
                kept = ellipsis[rng.randint(0, len(ellipsis)) :]
                shape += [d if rng.random() < 0.8 else 1 for d in kept]
            else:
                if label not in extents:
                    extents[label] = next(fresh)
                shape.append(extents[label])
        shapes.append(shape)
    return shapes


def random_equation(rng: random.Random) -> str:
    alphabet = rng.sample("abcdefgXYZ", rng.randint(1, 6))
    terms = ["".join(rng.choice(alphabet) for _ in range(rng.randint(0, 4))) for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.7:  # mostly without diagonals
        terms = ["".join(dict.fromkeys(term)) for term in terms]
    used = list(dict.fromkeys("".join(terms)))
    output = rng.sample(used, rng.randint(0, len(used)))
    if rng.random() < 0.25:
        at = [rng.randint(0, len(term)) for term in terms]
        terms = [term[:i] + "..." + term[i:] for term, i in zip(terms, at)]
        output.insert(rng.randint(0, len(output)), "...")
    if rng.random() < 0.15 and terms != [""]:
        return ",".join(terms)
    return ",".join(terms) + "->" + "".join(output)


def make_case(equation: str, rng: random.Random) -> list | None:
    shapes = shapes_for(equation, rng)
    if np.prod([d for shape in shapes for d in shape]) > MAX_WORK:
        return None
    operands = [values(int(np.prod(s)), seed + 1).reshape(s) for seed, s in enumerate(shapes)]
    result = np.einsum(equation, *operands)
    return [equation, shapes, list(result.shape), checksum(result)]


def main() -> None:
    rng = random.Random(20250101)
    cases: list[list] = []
    for equation in MODEL_EQUATIONS:
        case = None
        while case is None:
            case = make_case(equation, rng)
        cases.append(case)
    while len(cases) < len(MODEL_EQUATIONS) + RANDOM_CASES:
        case = make_case(random_equation(rng), rng)
        if case is not None:
            cases.append(case)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    path = pathlib.Path(__file__).with_name("einsum.json")
    path.write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
