#!/usr/bin/env python3
"""Compares llama.cpp's logits of small models of every family with Transformers', after Tare's conversion to GGUF.

usage: family_logits.py --write tare_family_gguf [--markdown FILE]

Run with a Python that has llama-cpp-python (`tare backends install llama.cpp` makes one). tare_family_gguf writes the
models of tests/golden/family_logits that GGUF can express, in f32; one of each architecture is run here, in f32 too.
What Transformers gives is in the golden files. llama.cpp may be off by as much as Tare may be; where it reads a GELU
from a table of f16, also by what Transformers is off with such a table.
"""

import argparse
import ctypes
import json
import pathlib
import subprocess
import sys
import tempfile

import llama_cpp
import numpy as np

import comparison

GOLDEN = pathlib.Path(__file__).resolve().parent.parent / "golden" / "family_logits"
# llama.cpp has no window in these, or chooses frequencies by the size of its cache.
LEFT_OUT = {"phi3-window", "phi3-longrope"}
ALL_IN_F32 = 0  # GGML_TYPE_F32


def written_models(program, folder):
    """The first model of each model_type that was written: {type: (name, path, golden)}"""
    done = subprocess.run([program, folder], check=True, stdout=subprocess.PIPE, text=True)
    models = {}
    for name, path in map(str.split, done.stdout.splitlines()):
        golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))
        if name not in LEFT_OUT:
            models.setdefault(golden["config"]["model_type"], (name, path, golden))
    return models


def llama_logits(path, ids):
    """[T, V] logits of all positions, with keys, values and products in f32."""
    parameters = llama_cpp.llama_model_default_params()
    parameters.n_gpu_layers = 0
    model = llama_cpp.llama_model_load_from_file(path.encode(), parameters)
    if not model:
        raise RuntimeError(f"llama.cpp cannot load {path}")
    settings = llama_cpp.llama_context_default_params()
    settings.n_ctx = settings.n_batch = settings.n_ubatch = 256
    settings.type_k = settings.type_v = ALL_IN_F32
    settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    settings.swa_full = True
    settings.n_threads = settings.n_threads_batch = 1
    context = llama_cpp.llama_init_from_model(model, settings)
    batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
    batch.n_tokens = len(ids)
    for i, token in enumerate(ids):
        batch.token[i], batch.pos[i], batch.n_seq_id[i], batch.logits[i] = token, i, 1, True
        batch.seq_id[i][0] = 0
    if llama_cpp.llama_decode(context, batch) != 0:
        raise RuntimeError(f"llama.cpp cannot run {path}")
    vocabulary = llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model))
    rows = [np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(context, i), (vocabulary,)).copy()
            for i in range(len(ids))]
    llama_cpp.llama_batch_free(batch)
    llama_cpp.llama_free(context)
    llama_cpp.llama_model_free(model)
    return np.array(rows, dtype=np.float64)


def be_silent():
    """llama.cpp says much while it loads."""
    callback = llama_cpp.llama_log_callback(lambda level, text, data: None)
    llama_cpp.llama_log_set(callback, ctypes.c_void_p(0))
    return callback  # which must stay


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", required=True, help="the program tare_family_gguf")
    parser.add_argument("--markdown", type=pathlib.Path, help="also write the report to this file")
    args = parser.parse_args()

    log = be_silent()
    faults = []
    lines = ["| model_type | model | largest difference | tolerance |", "|---|---|---|---|"]
    with tempfile.TemporaryDirectory() as folder:
        for model_type, (name, path, golden) in written_models(args.write, folder).items():
            got = llama_logits(path, golden["tokens"])[golden["positions"]]
            error = comparison.largest_error(got, np.array(golden["logits"]))
            tolerance = golden["tolerance"] + comparison.ALLOWANCE * golden.get("half_gelu_error", 0.0)
            lines.append(f"| {model_type} | {name} | {error:.1e} | {tolerance:.1e} |")
            if not error <= tolerance:
                faults.append(f"{name}: llama.cpp is off by {error:.1e}, expected at most {tolerance:.1e}")
    families = {json.loads(path.read_text())["config"]["model_type"] for path in GOLDEN.glob("*.json")}
    missing = families - {line.split(" | ")[0].removeprefix("| ") for line in lines[2:]}
    if missing:
        faults.append(f"no model of {', '.join(sorted(missing))} was compared")
    del log
    return comparison.hand_in("\n".join(lines), faults, args.markdown)


if __name__ == "__main__":
    sys.exit(main())
