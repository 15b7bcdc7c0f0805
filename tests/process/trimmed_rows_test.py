"""Rows of tare bench under tare run, with a stand-in for the interpreter.

Environment: TARE, the program; TARE_FAKE_WORKER, the worker that the rows run.
"""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

TARE = os.environ["TARE"]
FAKE = os.environ["TARE_FAKE_WORKER"]


class TrimmedRowsTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.model = str(self.root / "model")
        shape = "gpt2:layers=1,heads=2,width=16,vocabulary=500,context=64"
        subprocess.run([TARE, "synth", shape, self.model], check=True, capture_output=True)

    def tearDown(self):
        self.folder.cleanup()

    def interpreter(self, name, commands):
        """A stand-in for Python that runs commands before it becomes the worker."""
        path = self.root / name
        path.write_text(f"#!/bin/sh\n{commands}\nexec {FAKE} \"$@\"\n")
        path.chmod(0o755)
        return str(path)

    def bench(self, rows, strict="1", **interpreters):
        temporary = self.root / "tmp"
        temporary.mkdir(exist_ok=True)
        variables = {f"TARE_BACKEND_{row}_PYTHON": path for row, path in interpreters.items()}
        done = subprocess.run(
            [TARE, "bench", "-m", self.model, "--backends", rows, "-r", "1", "-w", "0", "-o",
             "json", "--store", str(self.root / "results.db")],
            env=os.environ | variables | {"TMPDIR": str(temporary), "TARE_RUN_STRICT": strict}, capture_output=True, text=True,
            timeout=120)
        self.assertEqual(list(temporary.iterdir()), [], "a file was left behind")
        return done, {run["row"]: run for run in json.loads(done.stdout)["runs"]}

    def test_the_worker_is_run_beneath_tare_run_and_what_was_done_is_kept(self):
        # Only `tare run` sets the report of lean loading; unmodified rows get none.
        python = self.interpreter("python", "[ -z \"$TARE_LEAN_REPORT\" ] || "
                                  "printf 'lean\\t1\\ttorch\\t4096\\t0\\t0\\n' >>$TARE_LEAN_REPORT")
        done, runs = self.bench("keras-torch,keras-torch+tare", KERAS_TORCH=python)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(runs["keras-torch+tare"]["trim"]["lean"]["shared_bytes"], 4096)
        self.assertNotIn("trim", runs["keras-torch"])
        for run in runs.values():
            self.assertEqual(run["memory"]["processes_seen"], 1)

    def test_an_event_that_is_not_known_is_noted_and_for_tests_an_error(self):
        python = self.interpreter("python", "printf 'washed\\t1\\tclean\\n' >>$TARE_LEAN_REPORT")
        wrong = 'line 1: unknown event "washed"'
        done, runs = self.bench("keras-torch+tare", KERAS_TORCH=python, strict="")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(wrong, runs["keras-torch+tare"]["exit_note"])
        done, runs = self.bench("keras-torch+tare", KERAS_TORCH=python)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(runs["keras-torch+tare"]["failure"]["reason"], "protocol-error")
        self.assertIn(wrong, runs["keras-torch+tare"]["failure"]["message"])

    def test_a_worker_that_is_killed_keeps_what_was_done(self):
        python = self.interpreter("python", "printf 'lean\\t1\\ttorch\\t4096\\t0\\t0\\n' "
                                  ">>$TARE_LEAN_REPORT; kill -9 $$")
        done, runs = self.bench("keras-torch+tare", KERAS_TORCH=python)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(runs["keras-torch+tare"]["failure"]["reason"], "signal 9")
        self.assertEqual(runs["keras-torch+tare"]["trim"]["lean"]["shared_bytes"], 4096)

    def test_a_row_whose_hook_cannot_be_built_fails_and_the_others_go_on(self):
        python = self.interpreter("python", "[ \"$1\" != -c ] || exit 0")
        done, runs = self.bench("keras-openvino+tare,keras-torch", KERAS_OPENVINO=python,
                                KERAS_TORCH=FAKE)
        self.assertEqual(done.returncode, 3)
        failure = runs["keras-openvino+tare"]["failure"]
        self.assertEqual(failure["reason"], "load-error")
        self.assertIn("finds no openvino package", failure["message"])
        self.assertNotIn("failure", runs["keras-torch"])


if __name__ == "__main__":
    unittest.main()
