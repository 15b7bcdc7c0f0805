"""Decoding of Tare's `openvino` backend beside OpenVINO GenAI's: one model, one precision (f32).

usage: INTERPRETER openvino_genai_decode.py TARE MODEL [--runs N] [--tokens N] [--threads N]
       [--prompt TEXT] [--attention SDPA|PA]

MODEL is a Hugging Face folder of the Llama family (`tare convert MODEL FOLDER --to hf --type f32`).
INTERPRETER is one with openvino-genai (`tare backends install openvino-genai`). GenAI reads no f32
model of its own accord, so the script writes one as GenAI wants it: a stateful IR with the four
inputs input_ids, attention_mask, position_ids and beam_idx. Both sides get the same ids, threads,
f32 for computing and for keys and values. Runs are interleaved, a process each; both figures leave
the first token out. Ends with 1 where tokens differ.
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
from openvino import opset13 as op  # noqa: E402
from openvino.op.util import Variable, VariableInfo  # noqa: E402

BOS, EOS = 1, 2


def tensors(folder: pathlib.Path) -> dict[str, np.ndarray]:
    """Views of an f32 safetensors file."""
    raw = np.memmap(folder / "model.safetensors", np.uint8, "c")
    start = 8 + int(raw[:8].view(np.uint64)[0])
    header = json.loads(raw[8:start].tobytes())
    views = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", f"{name} is {entry['dtype']}, expected F32"
        first, last = (start + offset for offset in entry["data_offsets"])
        views[name] = raw[first:last].view(np.float32).reshape(entry["shape"])
    return views


def ints(*values: int) -> ov.Node:
    return op.constant(np.array(values, dtype=np.int64))


def floats(value: float) -> ov.Node:
    return op.constant(np.array([value], dtype=np.float32))


class Llama:
    """The layers of a Llama model, as GenAI's exporter writes them."""

    def __init__(self, folder: pathlib.Path):
        self.config = json.loads((folder / "config.json").read_text())
        assert self.config["model_type"] == "llama", "expected a model of the Llama family"
        assert not self.config.get("rope_scaling"), "corrected frequencies are not written here"
        self.weights = tensors(folder)
        self.heads = self.config["num_attention_heads"]
        self.kv_heads = self.config["num_key_value_heads"]
        self.size = self.config["head_dim"]
        self.sinks = []
        self.ids = self.input("input_ids", [-1, -1], np.int64)
        self.attended = self.input("attention_mask", [-1, -1], np.int64)
        self.positions = self.input("position_ids", [-1, -1], np.int64)
        self.beams = self.input("beam_idx", [-1], np.int32)

    def input(self, name: str, shape: list[int], kind: type) -> ov.Node:
        made = op.parameter(shape, kind, name=name)
        made.output(0).tensor.set_names({name})
        return made

    def product(self, x: ov.Node, name: str) -> ov.Node:
        return op.matmul(x, op.constant(self.weights[name], shared_memory=True), False, True)

    def norm(self, x: ov.Node, name: str) -> ov.Node:
        mean = op.reduce_mean(op.power(x, floats(2.0)), ints(-1), True)
        root = op.sqrt(op.add(mean, floats(self.config["rms_norm_eps"])))
        normal = op.multiply(x, op.divide(floats(1.0), root))
        return op.multiply(normal, op.constant(self.weights[name]))

    def turns(self) -> tuple[ov.Node, ov.Node]:
        exponents = np.arange(0, self.size, 2, dtype=np.float32) / self.size
        frequencies = (1.0 / self.config["rope_theta"] ** exponents).astype(np.float32)
        places = op.convert(op.unsqueeze(self.positions, ints(-1)), "f32")
        angles = op.multiply(places, op.constant(frequencies.reshape(1, 1, -1)))
        angles = op.unsqueeze(op.concat([angles, angles], -1), ints(1))
        return op.cos(angles), op.sin(angles)

    def mask(self) -> ov.Node:
        """f32 [1, 1, T, S]: -inf where the key comes after the query."""
        context = op.gather(op.shape_of(self.attended), ints(1), ints(0))
        keys = op.range(op.constant(np.int64(0)), op.squeeze(context, ints(0)),
                        op.constant(np.int64(1)), "i64")
        after = op.greater(keys, op.unsqueeze(self.positions, ints(-1)))
        return op.unsqueeze(op.select(after, floats(-np.inf), floats(0.0)), ints(1))

    def split(self, x: ov.Node, heads: int) -> ov.Node:
        shape = ints(0, 0, heads, self.size)
        return op.transpose(op.reshape(x, shape, True), ints(0, 2, 1, 3))

    def turned(self, x: ov.Node, cosines: ov.Node, sines: ov.Node) -> ov.Node:
        half = self.size // 2
        a = op.slice(x, ints(0), ints(half), ints(1), ints(3))
        b = op.slice(x, ints(half), ints(self.size), ints(1), ints(3))
        across = op.concat([op.multiply(b, floats(-1.0)), a], -1)
        return op.add(op.multiply(x, cosines), op.multiply(across, sines))

    def all_so_far(self, x: ov.Node, name: str) -> ov.Node:
        about = VariableInfo()
        about.data_shape = ov.PartialShape([-1, self.kv_heads, -1, self.size])
        about.data_type, about.variable_id = ov.Type.f32, name
        variable = Variable(about)
        batch = op.gather(op.shape_of(self.ids), ints(0), ints(0))
        shape = op.concat([batch, ints(self.kv_heads, 0, self.size)], 0)
        past = op.read_value(op.broadcast(floats(0.0), shape), variable)
        appended = op.concat([op.gather(past, self.beams, ints(0)), x], 2)
        self.sinks.append(op.assign(appended, variable))
        return self.repeated(appended)

    def repeated(self, x: ov.Node) -> ov.Node:
        shape = ints(1, 1, self.heads // self.kv_heads, 1, 1)
        apart = op.broadcast(op.unsqueeze(x, ints(2)), shape, None, "BIDIRECTIONAL")
        return op.reshape(apart, ints(0, self.heads, -1, self.size), True)

    def layer(self, x: ov.Node, i: int, mask: ov.Node, turns: tuple[ov.Node, ov.Node]) -> ov.Node:
        at = f"model.layers.{i}."
        normal = self.norm(x, at + "input_layernorm.weight")
        query, key, value = (
            self.split(self.product(normal, f"{at}self_attn.{name}_proj.weight"), heads)
            for name, heads in
            (("q", self.heads), ("k", self.kv_heads), ("v", self.kv_heads)))
        keys = self.all_so_far(self.turned(key, *turns), f"past_key_values.{i}.key")
        values = self.all_so_far(value, f"past_key_values.{i}.value")
        seen = op.scaled_dot_product_attention(self.turned(query, *turns), keys, values, mask)
        together = op.reshape(op.transpose(seen, ints(0, 2, 1, 3)),
                              ints(0, 0, self.heads * self.size), True)
        x = op.add(x, self.product(together, at + "self_attn.o_proj.weight"))
        normal = self.norm(x, at + "post_attention_layernorm.weight")
        gate = op.swish(self.product(normal, at + "mlp.gate_proj.weight"))
        inner = op.multiply(gate, self.product(normal, at + "mlp.up_proj.weight"))
        return op.add(x, self.product(inner, at + "mlp.down_proj.weight"))

    def model(self) -> ov.Model:
        table = op.constant(self.weights["model.embed_tokens.weight"], shared_memory=True)
        x = op.gather(table, op.convert(self.ids, "i32"), ints(0))
        mask, turns = self.mask(), self.turns()
        for i in range(self.config["num_hidden_layers"]):
            x = self.layer(x, i, mask, turns)
        x = self.norm(x, "model.norm.weight")
        own = "lm_head.weight" in self.weights
        logits = (self.product(x, "lm_head.weight") if own else op.matmul(x, table, False, True))
        logits.output(0).tensor.set_names({"logits"})
        inputs = [self.ids, self.attended, self.positions, self.beams]
        return ov.Model([op.result(logits)], self.sinks, inputs, "llama")


def write_tokenizer(folder: pathlib.Path) -> None:
    """GenAI wants one, though ids go in and come out: it gives back what it gets."""
    text = ov.op.Parameter(ov.Type.string, ov.PartialShape([-1]))
    text.output(0).tensor.set_names({"text"})
    ids = op.constant(np.zeros((1, 1), dtype=np.int64))
    ids.output(0).tensor.set_names({"input_ids"})
    ones = op.constant(np.ones((1, 1), dtype=np.int64))
    ones.output(0).tensor.set_names({"attention_mask"})
    model = ov.Model([op.result(ids), op.result(ones)], [text], "tokenizer")
    ov.save_model(model, folder / "openvino_tokenizer.xml")


def write_model(source: pathlib.Path, folder: pathlib.Path) -> None:
    ov.save_model(Llama(source).model(), folder / "openvino_model.xml", compress_to_fp16=False)
    (folder / "config.json").write_bytes((source / "config.json").read_bytes())
    (folder / "generation_config.json").write_text(
        json.dumps({"bos_token_id": BOS, "eos_token_id": EOS}))


def genai_run(folder: str, request: dict) -> dict:
    """Loads and generates in this process; times are of the streamer."""
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
    # A streamer holds tokens back: what the pipeline counted itself is the figure.
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


def spread(runs: list[dict]) -> str:
    values = [run["decode"] for run in runs]
    return f"{statistics.median(values):.1f} ({min(values):.1f}-{max(values):.1f})"


def compare(arguments: argparse.Namespace, folder: str) -> int:
    prompt = tare_run(arguments)["prompt"]
    request = {"ids": prompt, "tokens": arguments.tokens, "threads": arguments.threads,
               "attention": arguments.attention}
    ours, theirs = [], []
    for _ in range(arguments.runs):
        ours.append(tare_run(arguments))
        command = [sys.executable, __file__, "--genai-run", folder, json.dumps(request)]
        out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        theirs.append(json.loads(out.splitlines()[-1]))
    ratios = [a["decode"] / b["decode"] for a, b in zip(ours, theirs, strict=True)]
    print(f"f32, prompt of {len(prompt)} tokens and {arguments.tokens} more, {arguments.threads} "
          f"threads, {arguments.runs} interleaved runs; decode tokens/s, median (lowest-highest)")
    print(f"openvino        {spread(ours)}")
    print(f"openvino-genai  {spread(theirs)}, attention {arguments.attention}")
    print(f"ratio           {statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})")
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
