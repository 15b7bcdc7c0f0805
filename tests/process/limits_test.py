"""Limits of the system or of a flag lead to a message and an exit code, never to a signal.

Environment: TARE, the program.
"""

import json
import os
import resource
import subprocess
import tempfile
import unittest
from pathlib import Path

TARE = os.environ["TARE"]
CONTEXT = 64


def limited(kind, value):
    """For preexec_fn: sets a limit for the child only."""
    return lambda: resource.setrlimit(kind, (value, value))


class PidsCgroup:
    """A cgroup whose processes cannot start threads; `folder` is None if none can be created."""

    def __init__(self, most):
        self.folder = None
        for line in Path("/proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers == "pids":
                self.make(Path("/sys/fs/cgroup/pids" + path), most)
            elif controllers == "" and Path("/sys/fs/cgroup/cgroup.controllers").exists():
                self.make(Path("/sys/fs/cgroup" + path), most)

    def make(self, parent, most):
        folder = parent / f"tare-test-{os.getpid()}"
        try:
            folder.mkdir()
            self.folder = folder
            (folder / "pids.max").write_text(str(most))
        except OSError:
            self.remove()

    def remove(self):
        if self.folder:
            self.folder.rmdir()
        self.folder = None

    def enter(self):
        (self.folder / "cgroup.procs").write_text("0")


class LimitsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        preset = str(Path(cls.folder.name, "preset"))
        cls.model = str(Path(cls.folder.name, "model.gguf"))  # read without a helper process
        shape = f"gpt2:layers=2,heads=2,width=256,vocabulary=4000,context={CONTEXT}"
        subprocess.run([TARE, "synth", shape, preset], check=True, capture_output=True)
        subprocess.run([TARE, "convert", preset, cls.model], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def tare(self, *arguments, preexec=None):
        # A sanitizer's leak check would need a thread of its own.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        ran = subprocess.run([TARE, *arguments], capture_output=True, text=True, timeout=120,
                             preexec_fn=preexec, env=os.environ | {"ASAN_OPTIONS": sanitizer})
        return ran.returncode, ran.stdout, ran.stderr

    def generate(self, *arguments, preexec=None):
        return self.tare("generate", "-m", self.model, "--ignore-eos", *arguments, "Hello",
                         preexec=preexec)

    def assert_refused(self, arguments, *texts):
        code, out, err = self.tare(*arguments)
        self.assertEqual(code, 2, (arguments, out, err))
        for text in texts:
            self.assertIn(text, err, arguments)

    def test_threads_outside_their_range_are_refused(self):
        for threads in ("0", "-2", "1025", "20000", "100000", "99999999999999999999", "two"):
            for command in (["generate", "-m", self.model, "Hi"], ["score", "-m", self.model, "Hi"],
                            ["bench", "-m", self.model]):
                self.assert_refused([*command, "-t", threads], "--threads",
                                    "from 1 to 1024, or -1 for the default")

    def test_minus_one_is_the_default_of_threads_and_new_tokens(self):
        code, default, err = self.generate()
        self.assertEqual(code, 0, err)
        self.assertEqual(self.generate("-t", "-1", "-n", "-1")[:2], (0, default))

    def test_minus_one_new_tokens_goes_on_to_the_end_of_the_context(self):
        code, out, err = self.generate("-n", "-1", "--json")
        self.assertEqual(code, 0, err)
        self.assertEqual(json.loads(out)["stop_reason"], "context")

    def test_a_context_that_the_model_does_not_have_is_refused_with_its_range(self):
        for context in ("-1", "65", "999999"):
            self.assert_refused(["generate", "-m", self.model, "-c", context, "Hi"],
                                f"got {context} tokens, expected 1 to {CONTEXT}")
        self.assertEqual(self.generate("-c", "0", "-n", "2")[0], 0)
        self.assertEqual(self.generate("-c", str(CONTEXT), "-n", "2")[0], 0)

    def test_log_probabilities_below_none_are_refused(self):
        self.assert_refused(["generate", "-m", self.model, "--json", "--logprobs", "-1", "Hi"],
                            "--logprobs", "from 0 to")

    def test_a_drawn_seed_is_told_and_gives_the_same_text_again(self):
        sampler = ("--sampler", "random", "-n", "24", "--json")
        code, out, err = self.generate("--seed", "-1", *sampler)
        self.assertEqual(code, 0, err)
        drawn = json.loads(out)
        self.assertIn(f"tare: seed {drawn['seed']}\n", err)
        _, again, err = self.generate("--seed", str(drawn["seed"]), *sampler)
        self.assertNotIn("seed", err)
        self.assertEqual(json.loads(again)["ids"], drawn["ids"])
        _, other, _ = self.generate("--seed", "-1", *sampler)
        self.assertNotEqual(json.loads(other)["seed"], drawn["seed"])

    def test_want_of_address_space_is_an_error_at_every_limit(self):
        """From far too little to enough: each limit gives either text or a message."""
        start = subprocess.run([TARE, "--version"], capture_output=True,
                               preexec_fn=limited(resource.RLIMIT_AS, 400 << 20))
        if start.returncode != 0:
            self.skipTest("this build reserves address space of its own: a sanitizer's")
        messages = set()
        for mebibytes in (*range(12, 40), *range(40, 200, 8)):
            limit = mebibytes << 20
            code, out, err = self.generate("-n", "2", "-t", "2",
                                           preexec=limited(resource.RLIMIT_AS, limit))
            if "error while loading shared libraries" in err:
                continue
            self.assertIn(code, (0, 1), (mebibytes, code, err))
            if code == 1:
                messages.add("out of memory")
                self.assertIn(f"{limit} bytes of address space", err)
                self.assertRegex(err, r"tare: error: .*[0-9]+ bytes")
        self.assertEqual(messages, {"out of memory"})

    def test_without_threads_to_be_had_the_calling_one_works(self):
        cgroup = PidsCgroup(1)
        if not cgroup.folder:
            self.skipTest("no cgroup with pids.max can be made")
        try:
            _, expected, _ = self.generate("-n", "4", "-t", "1")
            code, out, err = self.generate("-n", "4", "-t", "2", preexec=cgroup.enter)
        finally:
            cgroup.remove()
        self.assertEqual(code, 0, err)
        self.assertEqual(out, expected)
        self.assertIn("tare: started 1 of 2 threads: ", err)


if __name__ == "__main__":
    unittest.main()
