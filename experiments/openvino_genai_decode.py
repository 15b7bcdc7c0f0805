"""Compares decoding with Tare's backend `openvino` and with OpenVINO GenAI: one model, in f32.

usage: INTERPRETER openvino_genai_decode.py TARE MODEL [--runs N] [--tokens N] [--threads N]
       [--prompt TEXT] [--attention SDPA|PA]

MODEL is a Hugging Face folder of the Llama or GPT-2 family (`tare convert MODEL FOLDER --to hf --type
f32`). INTERPRETER is a Python with openvino-genai (`tare backends install openvino-genai`). GenAI cannot
read an f32 model directly, so the script writes one in GenAI's form (openvino_exported_models.py). Both
sides get the same ids and threads and use f32 for computing, keys and values. Runs are interleaved, each
in its own process, and the two alternate in going first. Both figures leave out the first token. The exit
status is 1 if tokens differ.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.modules["openvino_telemetry"] = None

import numpy as np  # noqa: E402
import openvino as ov  # noqa: E402
import openvino_genai as genai  # noqa: E402
from median_interval import median_interval  # noqa: E402
from openvino import opset13 as op  # noqa: E402
from openvino_exported_models import exported_model  # noqa: E402

BOS, EOS = 1, 2


def write_tokenizer(folder: pathlib.Path) -> None:
    """An identity tokenizer: GenAI requires one, although it gets and returns ids."""
    text = ov.op.Parameter(ov.Type.string, ov.PartialShape([-1]))
    text.output(0).tensor.set_names({"text"})
    ids = op.constant(np.zeros((1, 1), dtype=np.int64))
    ids.output(0).tensor.set_names({"input_ids"})
    ones = op.constant(np.ones((1, 1), dtype=np.int64))
    ones.output(0).tensor.set_names({"attention_mask"})
    model = ov.Model([op.result(ids), op.result(ones)], [text], "tokenizer")
    ov.save_model(model, folder / "openvino_tokenizer.xml")


def write_model(source: pathlib.Path, folder: pathlib.Path) -> None:
    ov.save_model(exported_model(source), folder / "openvino_model.xml", compress_to_fp16=False)
    (folder / "config.json").write_bytes((source / "config.json").read_bytes())
    (folder / "generation_config.json").write_text(
        json.dumps({"bos_token_id": BOS, "eos_token_id": EOS}))


def genai_run(folder: str, request: dict) -> dict:
    """Loads and generates in this process; times come from the streamer."""
    class Clock(genai.StreamerBase):
        def __init__(self):
            super().__init__()
            self.times = []

        def write(self, tokens):
            count = len(tokens) if isinstance(tokens, list) else 1
            self.times += [time.perf_counter()] * count
            return genai.StreamingStatus.RUNNING

        def end(self):
            pass

    precise = {"INFERENCE_PRECISION_HINT": "f32", "KV_CACHE_PRECISION": "f32"}
    pipeline = genai.LLMPipeline(
        folder, genai.Tokenizer(folder), "CPU", INFERENCE_NUM_THREADS=request["threads"],
        PERFORMANCE_HINT="LATENCY", ATTENTION_BACKEND=request["attention"], **precise)
    config = genai.GenerationConfig()
    config.max_new_tokens, config.ignore_eos, config.do_sample = request["tokens"], True, False
    prompt = np.array([request["ids"]], dtype=np.int64)
    clock = Clock()
    result = pipeline.generate(
        genai.TokenizedInputs(ov.Tensor(prompt), ov.Tensor(np.ones_like(prompt))), config, clock)
    ids = [int(token) for token in result.tokens[0]]
    # A streamer holds tokens back, so the figure is the pipeline's own count.
    per_token = result.perf_metrics.get_tpot().mean / 1e3
    return {"ids": ids, "decode": 1 / per_token,
            "streamed": (len(clock.times) - 1) / (clock.times[-1] - clock.times[0])}


def tare_run(arguments: argparse.Namespace) -> dict:
    command = [arguments.tare, "generate", "-m", arguments.model, "--backend", "openvino", "--json",
               "-n", str(arguments.tokens), "-t", str(arguments.threads), "--ignore-eos"]
    out = subprocess.run([*command, arguments.prompt], check=True, capture_output=True).stdout
    result = json.loads(out)
    return {"ids": result["ids"], "decode": result["decode_tokens_per_s"],
            "prompt": result["prompt_ids"]}


def genai_apart(folder: str, request: dict) -> dict:
    command = [sys.executable, __file__, "--genai-run", folder, json.dumps(request)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(out.splitlines()[-1])


def spread(runs: list[dict]) -> str:
    values = [run["decode"] for run in runs]
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def compare(arguments: argparse.Namespace, folder: str) -> int:
    prompt = tare_run(arguments)["prompt"]
    request = {"ids": prompt, "tokens": arguments.tokens, "threads": arguments.threads,
               "attention": arguments.attention}
    ours, theirs = [], []
    for i in range(arguments.runs):
        if i % 2 == 0:
            ours.append(tare_run(arguments))
        theirs.append(genai_apart(folder, request))
        if i % 2 == 1:
            ours.append(tare_run(arguments))
    ratios = [a["decode"] / b["decode"] for a, b in zip(ours, theirs, strict=True)]
    print(f"f32, prompt of {len(prompt)} tokens and {arguments.tokens} more, {arguments.threads} "
          f"threads, {arguments.runs} interleaved runs; decode tokens/s, median (lowest-highest); "
          f"ratio with the 95 % interval of its median")
    print(f"openvino        {spread(ours)}")
    print(f"openvino-genai  {spread(theirs)}, attention {arguments.attention}")
    low, high = median_interval(ratios)
    print(f"ratio of pairs  {statistics.median(ratios):.3f} [{low:.3f}, {high:.3f}] "
          f"({min(ratios):.2f}-{max(ratios):.2f})")
    same = all(run["ids"] == ours[0]["ids"] for run in ours + theirs)
    print(f"tokens          {'equal' if same else 'DIFFER'}")
    return 0 if same else 1


def main() -> int:
    if sys.argv[1:2] == ["--genai-run"]:
        print(json.dumps(genai_run(sys.argv[2], json.loads(sys.argv[3]))))
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tare")
    parser.add_argument("model")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=129)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", default="Hello, what is your name")
    parser.add_argument("--attention", default="SDPA", choices=["SDPA", "PA"])
    parser.add_argument("--folder", help="where the IR is written and found again; default: "
                        "a temporary folder")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(arguments.folder or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "openvino_model.bin").exists():
            write_model(pathlib.Path(arguments.model), folder)
            write_tokenizer(folder)
        return compare(arguments, str(folder))


if __name__ == "__main__":
    sys.exit(main())
