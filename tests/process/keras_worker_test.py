"""Tests workers/keras_worker.py and the text handling of tare_worker.py with stand-ins for Keras."""

import json
import pathlib
import sys
import tempfile
import unittest

import watcher

HERE = pathlib.Path(__file__).parent
WORKERS = HERE.parent.parent / "workers"
FRAMEWORKS = {
    "tensorflow": "from types import SimpleNamespace as N\n"
    "config = N(threading=N(set_intra_op_parallelism_threads=int,\n"
    "           set_inter_op_parallelism_threads=int), list_logical_devices=lambda: [],\n"
    "           list_physical_devices=lambda kind: [])\n",
    "torch": "from types import SimpleNamespace as N\n"
    "set_num_threads = int\ncuda = N(is_available=lambda: False)\n",
    "jax": "class Device:\n  platform = 'cpu'\n  device_kind = 'cpu'\n"
    "devices = lambda: [Device()]\n",
    "openvino": "class Core:\n  available_devices = ['CPU']\n  set_property = print\n",
}
STAGES = [
    "0_INITIAL",
    "1_MODEL_LOADED",
    "2_BEFORE_INFERENCE",
    "3_FIRST_INFERENCE",
    "4_SECOND_INFERENCE",
    "5_FINAL",
]


class KerasWorkerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.preset = pathlib.Path(folder.name, "preset")
        self.preset.mkdir()
        (self.preset / "config.json").write_text("{}")
        self.packages = pathlib.Path(folder.name, "packages")
        self.packages.mkdir()
        for name, text in FRAMEWORKS.items():
            (self.packages / f"{name}.py").write_text(text)

    def run_row(self, row, ids_of_a=(7, 65), **changes) -> watcher.Outcome:
        run = {
            "model": str(self.preset),
            "threads": 2,
            "generations": [
                watcher.generation("A", list(ids_of_a), 3),
                watcher.generation("BC", [7, 66, 67], 5),
            ],
        }
        paths = [HERE / "keras_stand_in", self.packages, WORKERS]
        environment = {"PYTHONPATH": ":".join(map(str, paths)), "OMP_NUM_THREADS": "2"}
        command = [sys.executable, str(WORKERS / "keras_worker.py"), row]
        return watcher.run_worker(command, run | changes, environment)

    def notes(self) -> list[dict]:
        lines = (self.preset / "notes.jsonl").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def test_a_row_goes_through_all_stages_and_reports_ids_and_text(self):
        outcome = self.run_row("keras-torch")
        self.assertEqual(outcome.exit_code, 0, outcome.stderr)
        self.assertEqual(outcome.hello["backend"], "keras-torch")
        self.assertEqual(outcome.hello["device"], "cpu (CUDA available: False)")
        self.assertEqual(outcome.stages, STAGES)
        first, second = outcome.last["generations"]
        self.assertEqual(first["ids"], [202, 203, 204])
        self.assertEqual(second["ids"], [203, 204, 205, 206, 207])
        self.assertEqual(second["prompt_tokens"], 3)
        self.assertEqual(second["text"], " and on")

    def test_a_gpu_row_without_a_gpu_is_no_device_before_it_loads_anything(self):
        for row in ("keras-tensorflow", "keras-torch", "keras-jax", "keras-openvino"):
            with self.subTest(row):
                outcome = self.run_row(row + ":gpu", device="gpu")
                self.assertEqual(outcome.last.get("code"), "no-device", outcome.stderr)
                self.assertIn("sees no GPU", outcome.last["message"])
                self.assertEqual(outcome.stages, [])

    def test_a_row_on_cuda_names_its_gpu_and_tells_keras(self):
        (self.packages / "torch.py").write_text(
            "from types import SimpleNamespace as N\nset_num_threads = int\n"
            "cuda = N(is_available=lambda: True, get_device_name=lambda: 'H100')\n"
        )
        outcome = self.run_row("keras-torch:gpu", device="gpu")
        self.assertEqual(outcome.last.get("type"), "result", outcome.stderr)
        self.assertEqual(outcome.hello["device"], "H100")
        self.assertEqual(self.notes()[0]["torch_device"], "cuda")
        (self.preset / "notes.jsonl").unlink()
        self.assertEqual(self.run_row("keras-torch").last.get("type"), "result")
        self.assertEqual(self.notes()[0]["torch_device"], "cpu")

    def test_a_worker_that_was_started_for_another_device_refuses(self):
        outcome = self.run_row("keras-jax", device="gpu")
        self.assertEqual(outcome.last["code"], "no-device")

    def test_only_the_framework_of_a_row_can_be_imported(self):
        rows = {
            "keras-tensorflow": ["tensorflow"],
            "keras-torch": ["torch"],
            "keras-jax": ["jax"],
            "keras-openvino": ["openvino"],
            "keras-openvino-2025.2": ["tensorflow", "openvino"],
        }
        for row, expected in rows.items():
            with self.subTest(row):
                (self.preset / "notes.jsonl").unlink(missing_ok=True)
                outcome = self.run_row(row)
                self.assertEqual(outcome.last.get("type"), "result", outcome.stderr)
                self.assertEqual(self.notes()[0]["frameworks"], expected)
                self.assertEqual(self.notes()[0]["dtype"], "float32")

    def test_decoding_is_timed_by_the_same_shape_with_one_token_left_to_make(self):
        first, second = self.run_row("keras-jax").last["generations"]
        self.assertNotIn("decode_ns", first)
        self.assertEqual(second["token_ns"], [])
        # Four of the five tokens at 20 ms each.
        self.assertGreater(second["decode_ns"], 60_000_000)
        self.assertLess(second["decode_ns"], second["total_ns"])
        masks = [note["mask"] for note in self.notes() if "mask" in note]
        self.assertEqual(masks[1], [1, 1, 1, 0, 0, 0, 0, 0])
        self.assertEqual(masks[2], [1, 1, 1, 1, 1, 1, 1, 0])
        self.assertEqual(len(masks), 3)
        self.assertTrue(all(note["stop"] is None for note in self.notes() if "mask" in note))

    def test_other_prompt_ids_than_the_other_rows_is_an_error_and_not_a_difference(self):
        outcome = self.run_row("keras-torch", ids_of_a=(65,))
        self.assertEqual(outcome.last["code"], "run-error")
        self.assertIn("ids [7, 65]", outcome.last["message"])
        self.assertIn("[65]", outcome.last["message"])
        self.assertEqual(outcome.stages[-1], "2_BEFORE_INFERENCE")

    def test_a_prompt_without_text_goes_by_its_ids(self):
        generations = [watcher.generation("", [9, 8], 3), watcher.generation("", [8, 9], 2)]
        outcome = self.run_row("keras-torch", generations=generations)
        self.assertEqual(outcome.last.get("type"), "result", outcome.stderr)
        first, second = outcome.last["generations"]
        self.assertEqual(first["ids"], [202, 203, 204])
        self.assertEqual(second["text"], "2 tokens")
        self.assertIn("decode_ns", second)

    def test_a_preprocessor_that_needs_a_hidden_framework_is_done_without(self):
        preset = self.preset.rename(self.preset.parent / "with_tensorflow")
        outcome = self.run_row("keras-torch", model=str(preset), ids_of_a=(9, 8))
        self.assertEqual(outcome.last.get("type"), "result", outcome.stderr)
        first, second = outcome.last["generations"]
        self.assertEqual(first["ids"], [202, 203, 204], "of the ids, not of the text")
        self.assertEqual(second["text"], "5 tokens")
        texts = {"type": "tokenize", "model": str(preset), "texts": ["A"]}
        refused = self.run_row("keras-torch", **texts).last
        self.assertEqual((refused["code"], "TensorFlow" in refused["message"]), ("unsupported", True))
        outcome = self.run_row("keras-tensorflow", model=str(preset))
        self.assertEqual(outcome.last["generations"][1]["text"], " and on")

    def test_samplers(self):
        self.assertEqual(self.run_row("keras-torch", sampler="top_k").last["type"], "result")
        self.assertEqual(self.run_row("keras-torch").last["type"], "result")
        samplers = [note["sampler"] for note in self.notes() if "sampler" in note]
        self.assertEqual(samplers, ["top_k", "greedy"])
        refused = self.run_row("keras-torch", sampler="lucky")
        self.assertIn("greedy and top_k only, not lucky", refused.last["message"])
        self.assertEqual(refused.stages, ["0_INITIAL"])

    def test_what_cannot_be_run_is_a_load_error(self):
        other = self.run_row("keras-torch", threads=3)
        self.assertEqual(other.last["code"], "load-error")
        self.assertIn("got 3 threads, but the worker was started with OMP_NUM_THREADS=2", other.last["message"])
        missing = self.run_row("keras-torch", model=str(self.packages))
        self.assertEqual(missing.last["code"], "load-error")
        self.assertIn("not a KerasHub preset", missing.last["message"])

    def test_an_unknown_row_lists_the_known_ones(self):
        outcome = self.run_row("keras-caffe")
        self.assertEqual(outcome.exit_code, 1)
        self.assertIn("keras-tensorflow, keras-torch", outcome.stderr)


if __name__ == "__main__":
    unittest.main()
