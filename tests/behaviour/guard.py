"""Shared by the themes of the guard: the program, presets to test it with, and recorded values.

A theme is NAME_test.py. Its `observe(guard)` runs the program and returns JSON, and its tests compare that with
golden/NAME.json, which record.py writes. Environment: TARE, the program; TARE_LOGITS, the test program that writes
logits; TARE_TEST_MODEL, SmolLM2's file.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden"
SKIPPED = 77  # what CTest counts as skipped

# Small, but with several layers, groups of heads, and a width that is a multiple of a quantised
# block.
SHAPES = {
    "gpt2": "gpt2:layers=2,heads=4,width=64,vocabulary=997,context=512",
    "llama3": "llama3:layers=2,heads=4,kv_heads=2,width=64,inner=96,vocabulary=991,context=512",
}
SEED = "11"


class Guard:
    """Runs the program in its own folder, so that its output contains no path of this machine."""

    def __init__(self):
        self.tare = os.path.abspath(os.environ["TARE"])
        self._folder = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self._folder.name)
        # Hide local installations and settings for other tests. The instruction set may be chosen.
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith("TARE_") or name == "TARE_CPU_ISA"}
        self.environment = kept | {
            "TARE_HOME": str(self.folder / "home"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "LC_ALL": "C.UTF-8",
        }

    def close(self):
        self._folder.cleanup()

    def call(self, *arguments, stdin=b"", program=None, environment=None):
        return subprocess.run(
            [program or self.tare, *map(str, arguments)], cwd=self.folder, input=stdin,
            env=self.environment | (environment or {}), capture_output=True, timeout=120)

    def run(self, *arguments, **options):
        """Returns the standard output of a call that must succeed."""
        done = self.call(*arguments, **options)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")[-4000:]  # bench reports failures in its report
            raise AssertionError(f"{arguments}: exit {done.returncode}\n{said}")
        return done.stdout

    def json(self, *arguments, **options):
        return json.loads(self.run(*arguments, **options))

    def presets(self):
        """Writes one preset per family, named after it."""
        for family, shape in SHAPES.items():
            if not (self.folder / family).exists():
                self.run("synth", shape, family, "--seed", SEED)
        return list(SHAPES)

    def isas(self):
        """The instruction sets that Tare supports on this processor."""
        preset = self.presets()[0]
        return [isa for isa in ("portable", "avx2", "avx512")
                if self.call("score", "-m", preset, "ab", environment={"TARE_CPU_ISA": isa}).returncode == 0]


def golden(theme):
    return json.loads((GOLDEN / f"{theme}.json").read_text())


def dump(value, indent=""):
    """JSON with one line per entry and one line per text in a long list; a list of numbers stays on one line."""
    inner = indent + " "
    if isinstance(value, list) and len(value) > 8 and isinstance(value[0], str):
        return "[\n" + ",\n".join(inner + json.dumps(entry) for entry in value) + f"\n{indent}]"
    if isinstance(value, dict) and any(isinstance(entry, (dict, list)) for entry in value.values()):
        entries = (f"{inner}{json.dumps(key, ensure_ascii=False)}: {dump(entry, inner)}"
                   for key, entry in value.items())
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    return json.dumps(value, ensure_ascii=False)


def write_golden(theme, value):
    (GOLDEN / f"{theme}.json").write_text(dump(value) + "\n")


class GuardTest(unittest.TestCase):
    """A test of one theme; `self.observed` and `self.expected` are its complete values."""

    theme = None

    @classmethod
    def setUpClass(cls):
        cls.maxDiff = None
        guard = Guard()
        try:
            cls.observed = cls.observe(guard)
        finally:
            guard.close()
        cls.expected = golden(cls.theme)

    def expect_same(self, observed, expected):
        """Fails once per differing entry; no entry may be missing or new."""
        self.assertEqual(sorted(observed), sorted(expected))
        for name, value in expected.items():
            with self.subTest(name):
                self.assertEqual(observed[name], value)


def main():
    program = unittest.main(exit=False, module="__main__")
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.skipped else 0)
