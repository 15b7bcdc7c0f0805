"""Models that Tare's engine does not know: inspected, measured on the backends that do, converted to other types.

Environment: TARE, the program; TARE_FAKE_WORKER, the worker that a backend runs in place of its own.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import watcher

WORKERS = Path(__file__).parent.parent.parent / "workers"
TARE = os.environ["TARE"]
U16, U32, I32, STRING = 2, 4, 5, 8
F32, Q8_0 = 0, 8
ARCHITECTURE = "starfish9"
WIDTH, ROWS = 64, 4


def text(value):
    return struct.pack("<Q", len(value)) + value.encode()


def key(name, kind, value):
    packed = text(value) if kind == STRING else struct.pack({U16: "<H", U32: "<I", I32: "<i"}[kind], value)
    return text(name) + struct.pack("<I", kind) + packed


def gguf(keys, tensors):
    """A file of f32 tensors: {name: (shape, values)}."""
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys)
    data = b""
    for name, (shape, values) in tensors.items():
        dims = shape[::-1]
        out += text(name) + struct.pack(f"<I{len(dims)}QIQ", len(dims), *dims, F32, len(data))
        data += struct.pack(f"<{len(values)}f", *values)
        data += bytes(-len(data) % 32)
    return out + bytes(-len(out) % 32) + data


def matrix(seed):
    return (ROWS, WIDTH), [((7 * i + seed) % 31 - 15) / 8 for i in range(ROWS * WIDTH)]


KEYS = [
    key("general.architecture", STRING, ARCHITECTURE),
    key("general.name", STRING, "Five arms"),
    key("general.file_type", U32, 0),
    key(f"{ARCHITECTURE}.block_count", U32, 1),
    key(f"{ARCHITECTURE}.embedding_length", U32, WIDTH),
    key(f"{ARCHITECTURE}.context_length", U32, 128),
    key(f"{ARCHITECTURE}.vocab_size", U32, ROWS),
    key("nobody.knows", STRING, "this key"),
]
TENSORS = {
    "token_embd.weight": matrix(1),
    "blk.0.attn_norm.weight": ((WIDTH,), [1.5] * WIDTH),
    "blk.0.odd_arm.weight": matrix(2),
    "blk.0.ffn_gate_inp.weight": matrix(3),
    "output.weight": matrix(4),
}


class AnyModelTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.model = self.root / "model.gguf"
        self.model.write_bytes(gguf(KEYS, TENSORS))

    def write_parts(self):
        """The model in two files; returns their paths."""
        names, paths = list(TENSORS), []
        for place, part in enumerate((names[:2], names[2:])):
            split = [key("split.no", U16, place), key("split.count", U16, 2)]
            first = [*KEYS, key("split.tensors.count", I32, len(names))]
            paths.append(self.root / f"m-{place + 1:05}-of-00002.gguf")
            content = gguf((first if place == 0 else []) + split, {name: TENSORS[name] for name in part})
            paths[-1].write_bytes(content)
        return paths

    def tare(self, *arguments, code=0):
        environment = os.environ | {"TARE_BACKEND_LLAMA_CPP_PYTHON": os.environ["TARE_FAKE_WORKER"]}
        done = subprocess.run([TARE, *map(str, arguments)], env=environment, capture_output=True, text=True,
                              timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def inspect(self, path):
        return json.loads(self.tare("inspect", path, "--json", "--tensors").stdout)

    def bench(self, path, *arguments, backends="native,llama-cpp-python", code=0):
        return self.tare("bench", "-m", path, "--backends", backends, "-r", 1, "-w", 0, "--store",
                         self.root / "results.db", *arguments, code=code)

    def test_is_described_by_its_header(self):
        model = self.inspect(self.model)["model"]
        self.assertEqual(model["family"], ARCHITECTURE)
        self.assertIn(ARCHITECTURE, model["refused_by_native"])
        self.assertEqual((model["layers"], model["width"], model["max_context"]), (1, WIDTH, 128))
        # All but three rows of the embedding, which is not the output.
        self.assertEqual(model["token_read_bytes"], model["weights_bytes"] - 3 * WIDTH * 4)

    def test_is_measured_on_the_backend_that_knows_it(self):
        done = self.bench(self.model, "-o", "json")
        self.assertIn("prompts are tokenized by llama-cpp-python", done.stderr)
        result = json.loads(done.stdout)
        runs = {run["row"]: run for run in result["runs"]}
        self.assertEqual(runs["native"]["failure"]["reason"], "unsupported")
        self.assertIn(ARCHITECTURE, runs["native"]["failure"]["message"])
        self.assertEqual(len(runs["llama-cpp-python"]["result"]["generations"]), 2)
        self.assertEqual(result["scenarios"][0]["generations"][0]["prompt_ids"], list(b"Hello"))
        self.assertIn(ARCHITECTURE, result["scenarios"][0]["model"]["refused_by_native"])

    def test_counted_prompts_are_cut_to_length(self):
        done = self.bench(self.model, "-p", 70, "-n", 2, "-o", "json")
        prompt = json.loads(done.stdout)["scenarios"][0]["generations"][0]["prompt_ids"]
        self.assertEqual(bytes(prompt), b"The weight of an empty container is called its tare. Whoever buys grai")

    def test_says_that_nothing_was_compared_unless_told_with_what(self):
        table = self.bench(self.model).stdout
        self.assertIn("unsupported", table)
        self.assertIn("tokens are not compared", " ".join(table.split()))
        self.assertNotIn("failed", table)
        table = self.bench(self.model, "--reference", "llama-cpp-python").stdout
        self.assertRegex(table, r"llama-cpp-python .*reference")
        self.assertNotIn("not compared", table)
        error = self.bench(self.model, "--reference", "keras-jax", code=2).stderr
        self.assertIn("is not among the backends", error)

    def test_nothing_measured_is_a_failure(self):
        error = self.bench(self.model, backends="native", code=2).stderr
        self.assertIn("no backend has a tokenizer", error)

    def test_only_types_change(self):
        before = self.inspect(self.model)
        out = self.root / "small.gguf"
        self.tare("convert", self.model, out, "--type", "q8_0")
        after = self.inspect(out)
        types = {tensor["name"]: tensor["type"] for tensor in after["tensors"]}
        self.assertEqual(types, {
            "token_embd.weight": "q8_0", "blk.0.attn_norm.weight": "f32", "blk.0.odd_arm.weight": "q8_0",
            "blk.0.ffn_gate_inp.weight": "f32", "output.weight": "q8_0"})
        same = ("family", "name", "layers", "width", "max_context", "parameters")
        self.assertEqual([before["model"][field] for field in same], [after["model"][field] for field in same])
        for kept in KEYS:
            if b"file_type" not in kept:
                self.assertIn(kept, out.read_bytes())
        self.assertIn(key("general.file_type", U32, 7), out.read_bytes())

    def test_without_a_type_the_file_is_the_same(self):
        copy = self.root / "copy.gguf"
        self.tare("convert", self.model, copy)
        self.assertEqual(copy.read_bytes(), self.model.read_bytes())

    def test_another_form_is_refused_by_name_and_leaves_nothing(self):
        error = self.tare("convert", self.model, self.root / "hf", "--to", "hf", code=4).stderr
        self.assertIn(ARCHITECTURE, error)
        self.assertEqual([path.name for path in self.root.iterdir()], ["model.gguf"])

    def test_any_part_of_a_split_file_is_the_model(self):
        parts = self.write_parts()
        whole = self.inspect(self.model)["model"]
        for part in parts:
            model = self.inspect(part)["model"]
            self.assertEqual(model["weights_bytes"], whole["weights_bytes"])
            self.assertEqual(model["layers"], 1)
        joined = self.root / "joined.gguf"
        self.tare("convert", parts[1], joined)
        self.assertEqual(joined.read_bytes(), self.model.read_bytes())
        result = json.loads(self.bench(parts[1], "-o", "json").stdout)
        self.assertEqual(result["scenarios"][0]["model"]["path"], str(parts[0]))

    def test_a_missing_part_is_named(self):
        parts = self.write_parts()
        parts[0].unlink()
        for arguments in (("inspect", parts[1]), ("convert", parts[1], self.root / "x.gguf"),
                          ("generate", "-m", parts[1], "--ids", "[1]")):
            error = self.tare(*arguments, code=1).stderr
            self.assertIn(str(parts[0]), error)


STAND_IN = """
import array, sys
import tare_worker

class Rows:  # what of a NumPy array is used
    def __init__(self, ids):
        self.numbers = array.array("f", [number for token in ids for number in (token, -token, 0.5)])
        self.shape = (len(ids), 3)
    def astype(self, dtype, copy):
        assert (dtype, copy) == ("<f4", False)
        return self
    def tobytes(self):
        return self.numbers.tobytes()

def load(model, threads, context, precision):
    if model == "missing":
        raise OSError("no such file")
    return tare_worker.LoadedModel(None, None, None if model == "mute" else lambda ids: Rows(ids[:-1]))

encode = (lambda model: lambda text: list(text.encode())) if "text" in sys.argv[1] else None
sys.argv.pop(1)
sys.exit(tare_worker.serve("stand-in", [], "CPU", load, encode))
"""


class WorkerTasksTest(unittest.TestCase):
    """What tare_worker.py does beside runs."""

    def ask(self, task, tokenizer="text"):
        command = [sys.executable, "-c", STAND_IN, tokenizer]
        outcome = watcher.run_worker(command, task, {"PYTHONPATH": str(WORKERS)})
        self.assertEqual((outcome.exit_code, outcome.stages), (0, []), outcome.stderr)
        return outcome.last

    def test_texts_become_ids(self):
        task = {"type": "tokenize", "model": "m", "texts": ["ab", ""]}
        self.assertEqual(self.ask(task), {"type": "tokens", "ids": [[97, 98], []]})
        self.assertEqual(self.ask(task, "none")["code"], "unsupported")

    def test_sequences_become_logits_in_the_file(self):
        with tempfile.NamedTemporaryFile() as file:
            task = {"type": "score", "model": "m", "threads": 1, "device": "cpu", "sequences": [[1, 2, 3], [4, 5]],
                    "file": file.name}
            self.assertEqual(self.ask(task), {"type": "scores", "positions": 3, "vocabulary": 3})
            numbers = struct.unpack("<9f", file.read())
            self.assertEqual(numbers, (1, -1, 0.5, 2, -2, 0.5, 4, -4, 0.5))
            self.assertEqual(self.ask(task | {"model": "mute"})["code"], "unsupported")
            self.assertEqual(self.ask(task | {"model": "missing"})["code"], "load-error")
            self.assertEqual(self.ask(task | {"device": "gpu"})["code"], "no-device")


class IdsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.model = str(Path(cls.folder.name, "model.gguf"))
        preset = str(Path(cls.folder.name, "preset"))
        shape = "gpt2:layers=1,heads=2,width=32,vocabulary=500,context=16"
        subprocess.run([TARE, "synth", shape, preset], check=True, capture_output=True)
        subprocess.run([TARE, "convert", preset, cls.model], check=True, capture_output=True)
        # A tokenizer that nobody has.
        cls.mute = str(Path(cls.folder.name, "mute.gguf"))
        content = Path(cls.model).read_bytes()
        named = text("tokenizer.ggml.model") + struct.pack("<I", STRING) + text("gpt2")
        assert content.count(named) == 1
        Path(cls.mute).write_bytes(content.replace(named, named[:-4] + b"gp+2"))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def tare(self, *arguments, code=0):
        done = subprocess.run([TARE, *map(str, arguments)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def test_a_model_without_a_tokenizer_takes_and_gives_ids(self):
        ids = [7, 300, 12]
        known = json.loads(self.tare("generate", "-m", self.model, "-n", 4, "--ignore-eos", "--json", "--ids",
                                     ids).stdout)
        self.assertEqual(known["prompt_ids"], ids)
        mute = self.tare("generate", "-m", self.mute, "-n", 4, "--ids", ids).stdout
        self.assertEqual(json.loads(mute), known["ids"])
        self.assertIn("gp+2", self.tare("generate", "-m", self.mute, "-n", 4, "Hello", code=1).stderr)
        score = self.tare("score", "-m", self.mute, "--json", "--top", 2, "--ids", ids)
        scores = json.loads(score.stdout)["log_probabilities"]
        self.assertEqual([one["id"] for one in scores], ids[1:])
        self.assertEqual([len(one["likeliest"]) for one in scores], [2, 2])
        self.assertNotIn("text", scores[0])
        self.assertEqual(len(self.tare("score", "-m", self.mute, "--ids", ids).stdout.splitlines()), 3)

    def test_ids_and_text_are_alternatives(self):
        for command in ("generate", "score", "tokenize"):
            error = self.tare(command, "-m", self.model, "--ids", "[1, 2]", "Hello", code=2).stderr
            self.assertIn("leave out", error)
        self.assertIn("expected a JSON array", self.tare("score", "-m", self.model, "--ids", "1 2", code=2).stderr)
        self.assertIn("outside", self.tare("score", "-m", self.model, "--ids", "[1, 99999]", code=2).stderr)
        decoded = self.tare("tokenize", "-m", self.model, "--decode", "[7, 300]").stdout
        self.assertEqual(self.tare("tokenize", "-m", self.model, "--ids", "[7, 300]").stdout, decoded)

    def test_a_long_text_is_scored_in_windows(self):
        ids = [(37 * i) % 500 for i in range(41)]

        def scores(some, *arguments):
            out = self.tare("score", "-m", self.model, "--json", *arguments, "--ids", some).stdout
            return [one["log_probability"] for one in json.loads(out)["log_probabilities"]]

        found = scores(ids, "--stride", 6)
        self.assertEqual(len(found), 40)
        # The first window; then what tokens 12 to 27 alone say of those that the one before did not reach.
        self.assertEqual(found[:15], scores(ids[:16]))
        self.assertEqual(found[21:27], scores(ids[12:28])[9:])
        self.assertIn("--stride 16", self.tare("score", "-m", self.model, "--stride", 16, "--ids", ids, code=2).stderr)


if __name__ == "__main__":
    unittest.main()
