#!/usr/bin/env python3
"""Runs every command of the README with the built program, and compares its output with the README's.

Environment: TARE, the program; TARE_TEST_MODEL, a chat model (scripts/get_model.sh). Commands run in a temporary
folder with their own store. A command whose backend is not installed is skipped by name; the exit status is then 77.
Commands in scripts/ build and test Tare; they must exist but are not run.
"""

import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import readme

TARE = Path(os.environ.get("TARE", readme.REPOSITORY / "build/release/bin/tare")).resolve()
MODEL = os.environ.get("TARE_TEST_MODEL")
DATA = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
BACKENDS = Path(os.environ.get("TARE_HOME") or DATA / "tare") / "backends"
SHOWN = (readme.REPOSITORY / "README.md").read_text(encoding="utf-8")

skipped = []


def environment(folder, command):
    """PATH has the program, and Keras's interpreter as `python` if the command needs it."""
    path = [str(TARE.parent)]
    path += [str(BACKENDS / name / "bin") for name in readme.backends_needed(command)
             if name.startswith("keras-")]
    return {**os.environ, "PATH": ":".join([*path, os.environ["PATH"]]), "MODEL": str(Path(MODEL or "none").resolve()),
            "XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "100"}


def run(command, folder):
    """Returns the lines that a command prints on stdout and stderr."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment(folder, command),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise AssertionError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return (done.stdout + done.stderr).splitlines()


class CommandsTest(unittest.TestCase):
    def setUp(self):
        self.uses, self.files = readme.read(SHOWN)

    def test_scripts_are_there(self):
        named = set(re.findall(r"scripts/[\w.]+", SHOWN))
        self.assertIn("scripts/demo.sh", named)
        self.assertIn("scripts/test.sh", named)
        for name in named:
            self.assertTrue(os.access(readme.REPOSITORY / name, os.X_OK), f"{name} is not there, or cannot be run")

    def test_every_command_runs_and_prints_what_is_shown(self):
        if not MODEL:
            skipped.append("all commands: TARE_TEST_MODEL names no model (scripts/get_model.sh)")
            self.skipTest(skipped[-1])
        ran = 0
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            for name, body in self.files.items():
                (folder / name).write_text(body, encoding="utf-8")
            for use in self.uses:
                ran += self.try_use(use, folder)
        self.assertGreater(ran, 5)

    def try_use(self, use, folder):
        printed, ran, complete = [], 0, True
        for command in use.commands:
            if command.startswith("scripts/"):
                continue
            missing = [name for name in readme.backends_needed(command) if not (BACKENDS / name).is_dir()]
            if missing:
                skipped.append(f"{command}: not installed: {', '.join(missing)}")
                complete = False
                continue
            print(f"$ {command}", flush=True)
            printed += run(command, folder)
            ran += 1
        if complete:
            self.assertEqual(readme.missing_lines(use.output, printed), [], "\n".join(printed))
        return ran


class ReadingTest(unittest.TestCase):
    """The rules for reading the README can fail."""

    def test_a_failing_command_fails(self):
        with tempfile.TemporaryDirectory() as temporary:
            with self.assertRaisesRegex(AssertionError, "exit 2"):
                run("tare no-such-command", Path(temporary))

    def test_commands_and_output(self):
        uses, files = readme.read("```sh\ntare a \\\n  b   # why\n# only a comment\ntare c '#1'\n```\n"
                                  "```\nx  1 of 3\n```\n"
                                  "```python\n# p.py\nprint()\n```\n")
        self.assertEqual(uses, [readme.Use(["tare a    b", "tare c '#1'"], ["x  1 of 3"])])
        self.assertEqual(files, {"p.py": "# p.py\nprint()\n"})

    def test_output_without_a_command_is_an_error(self):
        with self.assertRaises(ValueError):
            readme.read("```\nx\n```\n")

    def test_backends(self):
        self.assertEqual(readme.backends_needed("tare bench --backends native,llama.cpp,keras-jax+tare"),
                         {"llama.cpp", "keras-jax"})
        self.assertEqual(readme.backends_needed("KERAS_BACKEND=openvino tare run -- python p.py"), {"keras-openvino"})
        self.assertEqual(readme.backends_needed("tare backends install llama.cpp"), {"llama.cpp"})
        self.assertEqual(readme.backends_needed("tare inspect -m m"), set())

    def test_missing_lines(self):
        printed = ["backend   peak MiB", "native       102.6  equal", "done: 1,000 bytes of q8_0, at last"]
        right = ["backend  peak MiB", "native  99.1  equal", "done: 7 bytes …"]
        self.assertEqual(readme.missing_lines(right, printed), [])
        wrong = ["backend  overhead MiB", "llama.cpp 1", "native  99.1  differ", "done: 7 bytes of q4_0"]
        self.assertEqual(readme.missing_lines(wrong, printed), wrong)


if __name__ == "__main__":
    passed = unittest.main(exit=False, verbosity=2).result.wasSuccessful()
    for line in skipped:
        print(f"skipped: {line}", flush=True)
    sys.exit(77 if passed and skipped else 0 if passed else 1)
