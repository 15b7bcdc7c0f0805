#!/usr/bin/env python3
"""Does `tare bench` measure a model whose architecture Tare does not know, on the llama.cpp that does?

usage: any_model.py --tare TARE [--backend llama-cpp-python]

Run by a Python with gguf and NumPy, where `tare backends install llama.cpp` was run before. Makes a small starcoder2 of
random weights, whole and in two parts, and in f32 and q8_0. Exit status 1 if something is not as it should be.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy as np

LAYERS, WIDTH, INNER, HEADS, KV_HEADS, CONTEXT = 2, 64, 96, 4, 2, 128
ARCHITECTURE = "starcoder2"


def byte_tokens() -> list[str]:
    """GPT-2's character for each byte, then one merged token."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    place = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
    return [place[byte] for byte in range(256)] + ["he"]


def tensors(random: np.random.Generator, vocabulary: int) -> dict[str, np.ndarray]:
    def numbers(*shape, mean=0.0):
        return (mean + random.normal(0, 0.3, shape)).astype(np.float32)

    head = WIDTH // HEADS
    found = {"token_embd.weight": numbers(vocabulary, WIDTH), "output.weight": numbers(vocabulary, WIDTH),
             "output_norm.weight": numbers(WIDTH, mean=1), "output_norm.bias": numbers(WIDTH)}
    keys = KV_HEADS * head
    sizes = {"attn_q": (WIDTH, WIDTH), "attn_k": (keys, WIDTH), "attn_v": (keys, WIDTH), "attn_output": (WIDTH, WIDTH),
             "ffn_up": (INNER, WIDTH), "ffn_down": (WIDTH, INNER)}
    for layer in range(LAYERS):
        for name, (outputs, inputs) in sizes.items():
            found[f"blk.{layer}.{name}.weight"] = numbers(outputs, inputs)
            found[f"blk.{layer}.{name}.bias"] = numbers(outputs)
        for norm in ("attn_norm", "ffn_norm"):
            found[f"blk.{layer}.{norm}.weight"] = numbers(WIDTH, mean=1)
            found[f"blk.{layer}.{norm}.bias"] = numbers(WIDTH)
    return found


def write(path: pathlib.Path, split_tensors: int = 0) -> None:
    tokens = byte_tokens()
    writer = gguf.GGUFWriter(path, ARCHITECTURE, split_max_tensors=split_tensors)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_eps(1e-5)
    writer.add_file_type(0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("starcoder")
    writer.add_token_list(tokens)
    writer.add_token_types([1] * len(tokens))
    writer.add_token_merges(["h e"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)
    for name, values in tensors(np.random.default_rng(1), len(tokens)).items():
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def ids_of(generations: list[dict]) -> list[list[int]]:
    return [one["ids"] for one in generations]


def expect(what: str, holds: bool) -> bool:
    print(f"{'ok  ' if holds else 'FAIL'} {what}")
    return holds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tare", required=True)
    parser.add_argument("--backend", default="llama-cpp-python")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp())

    def bench(model: pathlib.Path, *flags: str) -> tuple[dict, dict]:
        command = [arguments.tare, "bench", "-m", model, "--backends", f"native,{arguments.backend}", "-r", "1", "-w",
                   "0", "-t", "1", "--store", folder / "results.db", "-o", "json", *flags]
        result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        return result, {row["row"]: row for row in result["summaries"][0]["rows"]}

    whole, small = folder / "model.gguf", folder / "small.gguf"
    write(whole)
    write(folder / "split.gguf", split_tensors=14)
    parts = sorted(folder.glob("split-*.gguf"))
    subprocess.run([arguments.tare, "convert", whole, small, "--type", "q8_0"], check=True)
    read = gguf.GGUFReader(small)
    types = {tensor.name: tensor.tensor_type.name for tensor in read.tensors}

    result, rows = bench(whole, "--reference", arguments.backend, "--quality")
    native = [run for run in result["runs"] if run["row"] == "native"][0]
    made = [run for run in result["runs"] if run["row"] == arguments.backend][0]["result"]["generations"]
    parted = bench(parts[-1])[0]
    parted_made = [run for run in parted["runs"] if run["row"] == arguments.backend][0]["result"]["generations"]
    quality = rows[arguments.backend].get("quality", {})
    rounded = bench(small)[1]
    held = [
        expect("native is unsupported", native["failure"]["reason"] == "unsupported"),
        expect(f"{arguments.backend} is measured", rows[arguments.backend]["good_runs"] == 1),
        expect("prompt and new tokens are 10", made[0]["prompt_tokens"] + len(made[0]["ids"]) == 10),
        expect("a split file makes the same tokens", ids_of(made) == ids_of(parted_made)),
        expect("against itself there is no divergence", abs(quality.get("mean_kl_nats", 1)) < 1e-9),
        expect("a q8_0 copy is measured", rounded[arguments.backend]["good_runs"] == 1),
        expect("matrices are q8_0", types["blk.0.ffn_down.weight"] == "Q8_0" and types["output.weight"] == "Q8_0"),
        expect("norms and biases are f32", {types["output_norm.bias"], types["blk.1.attn_norm.weight"]} == {"F32"}),
    ]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
