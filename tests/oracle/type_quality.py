#!/usr/bin/env python3
"""How far predictions move when a model's weights are rounded to each type, in Tare's engine and in llama.cpp.

usage: type_quality.py --tare TARE --model MODEL.gguf [--types q8_0,q4_k_m,…] [--positions N] [--markdown FILE]

Run by a Python with NumPy, where `tare backends install llama.cpp` was run before. Each type is made from the model's
f32 values. Both engines score the same ids of the text of `tare bench --quality` through the worker protocol; KL
divergences are computed here, apart from Tare's own code. Three are shown, in nats a position:

    engine    native on the file, against native on the file's own values as f32: what decoding in registers loses
    llama.cpp llama.cpp on the file, against the same: what its products in 8 bits lose
    rounding  native on the file, against native on the model: what the type loses

Exit status 1 if native is further from the file's values than 0.001, or further than llama.cpp.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import comparison

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "process"))
import watcher  # noqa: E402

TEXT = HERE.parent.parent / "suites" / "quality.txt"
TYPES = "q8_0,q6_k,q5_k_m,q5_k_s,q5_1,q5_0,q4_k_m,q4_k_s,q4_1,q4_0,iq4_nl,iq4_xs,q3_k_l,q3_k_m,q3_k_s,q2_k"
MOST = 0.001
ROUNDED_SUMS = 1e-6  # KL of two engines' f32 sums of one model, taken in another order


def ids_of_text(tare: str, model: pathlib.Path, count: int) -> list[int]:
    task = {"type": "tokenize", "model": str(model), "texts": [TEXT.read_text(encoding="utf-8")]}
    return watcher.run_worker([tare, "worker"], task, {}).last["ids"][0][:count]


def log_probabilities(tare: str, engine: list[str], model: pathlib.Path, ids: list[int]) -> np.ndarray:
    """[positions, V]: what the model predicts after each id but the last."""
    with tempfile.NamedTemporaryFile(dir=model.parent) as file:
        task = {"type": "score", "model": str(model), "threads": 2, "device": "cpu", "sequences": [ids],
                "file": file.name}
        outcome = watcher.run_worker([tare, "worker", *engine], task, {})
        if outcome.last.get("type") != "scores":
            raise RuntimeError(f"{model.name}: {outcome.last} {outcome.stderr}")
        logits = np.fromfile(file.name, "<f4").reshape(outcome.last["positions"], -1).astype(np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def divergence(p: np.ndarray, q: np.ndarray) -> float:
    return float((np.exp(p) * (p - q)).sum(axis=1).mean())


def agreement(p: np.ndarray, q: np.ndarray) -> float:
    return float((p.argmax(axis=1) == q.argmax(axis=1)).mean())


def perplexity(p: np.ndarray, ids: list[int]) -> float:
    return float(np.exp(-p[np.arange(len(ids) - 1), ids[1:]].mean()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tare", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--types", default=TYPES)
    parser.add_argument("--positions", type=int, default=255, help="default 255")
    parser.add_argument("--markdown", type=pathlib.Path, help="also write the table to this file")
    args = parser.parse_args()

    faults = []
    lines = ["| type | MiB | engine | llama.cpp | rounding | same likeliest % | perplexity ÷ f32's |",
             "|---|---|---|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        source, blocks, plain = (pathlib.Path(folder, name) for name in ("f32.gguf", "blocks.gguf", "plain.gguf"))

        def convert(old: pathlib.Path | str, new: pathlib.Path, dtype: str) -> None:
            subprocess.run([args.tare, "convert", old, new, "--type", dtype, "--force"], check=True,
                           stderr=subprocess.DEVNULL)

        convert(args.model, source, "f32")
        ids = ids_of_text(args.tare, source, args.positions + 1)
        exact = log_probabilities(args.tare, [], source, ids)
        for dtype in args.types.split(","):
            convert(source, blocks, dtype)
            convert(blocks, plain, "f32")
            values = log_probabilities(args.tare, [], plain, ids)
            native = log_probabilities(args.tare, [], blocks, ids)
            llama = divergence(values, log_probabilities(args.tare, ["--llama-cpp"], blocks, ids))
            engine, rounding = divergence(values, native), divergence(exact, native)
            lines.append(f"| {dtype} | {blocks.stat().st_size / 2**20:.1f} | {engine:.1e} | {llama:.1e} | {rounding:.4f} "
                         f"| {100 * agreement(exact, native):.1f} | "
                         f"{perplexity(native, ids) / perplexity(exact, ids):.4f} |")
            print(lines[-1], flush=True)
            if not engine <= min(MOST, max(llama, ROUNDED_SUMS)):
                faults.append(f"{dtype}: native is {engine:.2e} from the file's values, llama.cpp {llama:.2e}")
    return comparison.hand_in("\n".join(lines), faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
