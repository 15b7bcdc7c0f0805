"""Checks that CTranslate2, ONNX Runtime and Transformers continue prompts with the same tokens.

    tests/oracle/engine_rows.py        (tests every installed row of these)

Needs the release build's families.json, or the one in TARE_FAMILIES.

Makes small Hugging Face models with random weights, prepares them for each row as `tare bench`
does, runs the row's worker, and compares its tokens with those of Transformers (or of the first
installed row). bf16, int8 and int4 only need to run: their tokens may differ. Exit status 1 if a
row fails or differs, 2 if none is installed.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
FAMILIES = os.environ.get("TARE_FAMILIES", ROOT / "build/release/share/tare/families.json")
sys.path.insert(0, str(HERE.parent / "process"))

import watcher  # noqa: E402

# The reference comes first. Each row lists its precisions besides f32.
ROWS = {
    "transformers": ["bf16"],
    "onnxruntime": ["int8", "int4"],
    "ctranslate2": ["int8"],
}
PROMPT = [0, *((7 * i) % 250 + 1 for i in range(30))]
LLAMA3 = {
    "rope_type": "llama3",
    "rope_theta": 50000.0,
    "factor": 4.0,
    "low_freq_factor": 1.0,
    "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}
GPT2 = {
    "model_type": "gpt2",
    "architectures": ["GPT2LMHeadModel"],
    "n_layer": 3,
    "n_head": 6,
    "n_embd": 96,
    "n_inner": 210,
    "n_positions": 48,
    "layer_norm_epsilon": 1e-5,
    "activation_function": "gelu_new",
}
LLAMA = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 3,
    "num_attention_heads": 6,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "hidden_size": 96,
    "intermediate_size": 208,
    "max_position_embeddings": 128,
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
}
SHARED = {"vocab_size": 260, "bos_token_id": 0, "eos_token_id": 0}
# name: (configuration, rows that must reject it)
MODELS = {
    "gpt2": (GPT2 | {"tie_word_embeddings": True}, []),
    "llama": (LLAMA | {"tie_word_embeddings": False}, []),
    "llama3-rope": (
        LLAMA | {"tie_word_embeddings": True, "rope_parameters": LLAMA3},
        ["ctranslate2"],
    ),
    "gpt2-odd-heads": (GPT2 | {"tie_word_embeddings": True, "n_embd": 90}, ["onnxruntime"]),
}


def shapes_of(config: dict) -> dict[str, list[int]]:
    vocabulary = config["vocab_size"]
    shapes = {}
    if config["model_type"] == "gpt2":
        width, inner = config["n_embd"], config["n_inner"]
        shapes["transformer.wte.weight"] = [vocabulary, width]
        shapes["transformer.wpe.weight"] = [config["n_positions"], width]
        norms = ["transformer.ln_f"]
        for i in range(config["n_layer"]):
            layer = f"transformer.h.{i}"
            norms += [f"{layer}.ln_1", f"{layer}.ln_2"]
            linears = {
                "attn.c_attn": (width, 3 * width),
                "attn.c_proj": (width, width),
                "mlp.c_fc": (width, inner),
                "mlp.c_proj": (inner, width),
            }
            for name, (rows, columns) in linears.items():
                shapes[f"{layer}.{name}.weight"] = [rows, columns]
                shapes[f"{layer}.{name}.bias"] = [columns]
        for norm in norms:
            shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = [width]
        return shapes
    width, inner, size = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * size, config["num_key_value_heads"] * size
    shapes["model.embed_tokens.weight"] = [vocabulary, width]
    shapes["model.norm.weight"] = [width]
    for i in range(config["num_hidden_layers"]):
        layer = f"model.layers.{i}"
        shapes[f"{layer}.input_layernorm.weight"] = [width]
        shapes[f"{layer}.post_attention_layernorm.weight"] = [width]
        shapes[f"{layer}.self_attn.q_proj.weight"] = [queries, width]
        shapes[f"{layer}.self_attn.k_proj.weight"] = [keys, width]
        shapes[f"{layer}.self_attn.v_proj.weight"] = [keys, width]
        shapes[f"{layer}.self_attn.o_proj.weight"] = [width, queries]
        shapes[f"{layer}.mlp.gate_proj.weight"] = [inner, width]
        shapes[f"{layer}.mlp.up_proj.weight"] = [inner, width]
        shapes[f"{layer}.mlp.down_proj.weight"] = [width, inner]
    if not config["tie_word_embeddings"]:
        shapes["lm_head.weight"] = [vocabulary, width]
    return shapes


MAKE_WEIGHTS = """
import json, sys
import numpy
shapes, path = json.loads(sys.argv[1]), sys.argv[2]
random = numpy.random.default_rng(5)
header, data = {"__metadata__": {"format": "pt"}}, b""
for name, shape in shapes.items():
    values = random.standard_normal(shape, dtype=numpy.float32)
    if name.endswith("bias"):
        values *= 0.1
    elif len(shape) == 1:
        values = 1 + 0.1 * values
    elif "wpe" not in name:
        values *= 0.3
    begin = len(data)
    data += values.astype("<f4").tobytes()
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, len(data)]}
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
open(path, "wb").write(len(text).to_bytes(8, "little") + text + data)
"""


def make_model(python: str, config: dict, folder: pathlib.Path) -> None:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    words = {f"w{i}": i for i in range(config["vocab_size"])}
    model = {"type": "WordLevel", "vocab": words, "unk_token": "w0"}
    tokenizer = {"version": "1.0", "added_tokens": [], "model": model}
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"})
    )
    weights = str(folder / "model.safetensors")
    subprocess.run([python, "-c", MAKE_WEIGHTS, json.dumps(shapes_of(config)), weights], check=True)


def interpreter_of(row: str) -> str:
    chosen = os.environ.get(f"TARE_BACKEND_{row.upper()}_PYTHON")
    if chosen:
        return chosen
    data = os.environ.get("XDG_DATA_HOME") or pathlib.Path.home() / ".local/share"
    home = os.environ.get("TARE_HOME") or pathlib.Path(data, "tare")
    return str(pathlib.Path(home, "backends", row, "bin/python"))


def tokens_of(row: str, model: pathlib.Path, precision: str) -> list[list[int]] | str:
    """The row's tokens, or why there are none."""
    python, given = interpreter_of(row), model
    asked = ["--precision", precision] if precision else []
    script = ROOT / f"workers/{row}_prepare.py"
    if script.exists():
        given = model.with_name(f"{model.name}-{row}-{precision}")
        families = ["--families", FAMILIES]
        command = [python, "-B", script, model, given, *families, *asked]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            left = [path.name for path in model.parent.glob(".prepare*")]
            return f"refused: {done.stderr.strip()}" + (f"; left behind: {left}" if left else "")
    generations = [watcher.generation("", PROMPT, 9), watcher.generation("", PROMPT[:3], 9)]
    run = {"model": str(given), "threads": 2, "generations": generations}
    command = [python, str(ROOT / f"workers/{row}_worker.py"), *asked]
    outcome = watcher.run_worker(command, run, {"OMP_NUM_THREADS": "2"})
    if outcome.last.get("type") != "result":
        return f"failed: {outcome.last}\n{outcome.stderr[-2000:]}"
    made = outcome.last["generations"]
    if any(len(one["token_ns"]) != 9 or sorted(one["token_ns"]) != one["token_ns"] for one in made):
        return f'failed: times of tokens are {[one["token_ns"] for one in made]}'
    return [one["ids"] for one in made]


def check(row: str, model: pathlib.Path, refused_by: list[str], reference) -> tuple[int, object]:
    """Prints the row's results; returns the number of failures and its f32 tokens."""
    got = tokens_of(row, model, "")
    if row in refused_by:
        is_good = isinstance(got, str) and got.startswith("refused") and "left behind" not in got
        print(f"{model.name}: {row}: {got}")
        return not is_good, None
    bad = isinstance(got, str) or got != (reference or got)
    print(f'{model.name}: {row}: {got if bad or reference is None else "equal"}')
    for precision in ROWS[row]:
        other = tokens_of(row, model, precision)
        bad += isinstance(other, str)
        print(f"{model.name}: {row} {precision}: {other}")
    return bad, got


def main() -> int:
    rows = [row for row in ROWS if pathlib.Path(interpreter_of(row)).exists()]
    if not rows:
        print("none of these rows is installed; try: tare backends install onnxruntime")
        return 2
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (config, refused_by) in MODELS.items():
            model = pathlib.Path(folder, name)
            make_model(interpreter_of(rows[0]), SHARED | config, model)
            reference = None
            for row in rows:
                is_bad, got = check(row, model, refused_by, reference)
                bad += is_bad
                reference = reference or got
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
