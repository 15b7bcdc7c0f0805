"""tare bench, compare and report as processes: no measurement is lost or counted twice.

Environment: TARE, the program; TARE_FAKE_WORKER, the worker that the rows run; TARE_KILLS, the number of kills (50).
"""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import uuid
from pathlib import Path

TARE = os.environ["TARE"]
KILLS = int(os.environ.get("TARE_KILLS", 50))
HANG_SECONDS = 600  # longer than any step takes under a sanitizer on a busy machine
RUNS, WARMUPS, ROWS = 6, 1, ("keras-torch", "keras-jax")


class BenchHistoryTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.model = str(Path(cls.folder.name, "model"))
        shape = "gpt2:layers=1,heads=2,width=16,vocabulary=500,context=64"
        subprocess.run([TARE, "synth", shape, cls.model], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def setUp(self):
        self.store = str(Path(self.folder.name, f"{uuid.uuid4()}.db"))
        self.mark = f"TARE_TEST_MARK={uuid.uuid4()}"
        fake = os.environ["TARE_FAKE_WORKER"]
        self.environment = os.environ | {
            "TARE_BACKEND_KERAS_TORCH_PYTHON": fake,
            "TARE_BACKEND_KERAS_JAX_PYTHON": fake,
            self.mark.split("=")[0]: self.mark.split("=")[1],
        }

    def start(self, *arguments):
        return subprocess.Popen([TARE, *arguments, "--store", self.store], env=self.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def tare(self, *arguments):
        process = self.start(*arguments)
        out, err = process.communicate(timeout=HANG_SECONDS)
        return process.returncode, out, err

    def bench_arguments(self, runs=RUNS):
        return ("bench", "-m", self.model, "--backends", ",".join(ROWS), "-r", str(runs), "-w",
                str(WARMUPS))

    def query(self, sql):
        with contextlib.closing(sqlite3.connect(self.store, timeout=30)) as database:
            return database.execute(sql).fetchall()

    def finished_runs(self):
        if not os.path.exists(self.store):
            return {}
        try:
            return {tuple(row[:4]): row[4] for row in
                    self.query("SELECT session, scenario, round, row, record FROM run")}
        except sqlite3.OperationalError:  # killed before it created the tables
            return {}

    def survivors(self):
        """Processes left by a killed bench, found by the mark in their environment."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                if self.mark.encode() in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        return found

    def expect_no_survivors(self):
        deadline = time.monotonic() + 10
        while self.survivors() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(self.survivors(), [])

    def expect_all_runs_once(self, session=1):
        rows = self.query(f"SELECT round, row FROM run WHERE session = {session} ORDER BY round, row")
        expected = [(i, row) for i in range(WARMUPS + RUNS) for row in sorted(ROWS)]
        self.assertEqual(rows, expected)
        self.assertEqual(self.query(f"SELECT state FROM session WHERE id = {session}"),
                         [("complete",)])

    def test_killed_at_any_moment_no_finished_run_is_lost_and_none_is_made_twice(self):
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        seen = {}
        start_seconds = self.seconds_to_begin()
        kills = 1
        while kills < KILLS:
            resuming = self.states()[-1:] not in ([], ["complete"])
            process = self.start(*(("bench", "--resume") if resuming else self.bench_arguments()))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=chance.uniform(0.01, start_seconds * (0.75 if resuming else 2)))
            kills += process.poll() is None
            process.kill()
            process.communicate()
            self.expect_no_survivors()
            now = self.finished_runs()
            for run, record in seen.items():
                self.assertEqual(now.get(run), record, f"run {run} was lost or changed; seed {seed}")
            seen = now
        if self.states()[-1] != "complete":
            code, _, err = self.tare("bench", "--resume")
            self.assertEqual(code, 0, err)
        for session in range(1, len(self.states()) + 1):
            self.expect_all_runs_once(session)
        now = self.finished_runs()
        for run, record in seen.items():
            self.assertEqual(now[run], record, f"run {run} was made again; seed {seed}")

    def seconds_to_begin(self):
        """Time until a new session is in the store; kills the process at that moment."""
        start = time.monotonic()
        process = self.start(*self.bench_arguments())
        while not self.states():
            self.assertIsNone(process.poll(), "it ended before it had begun")
            time.sleep(0.01)
        process.kill()
        process.communicate()
        return time.monotonic() - start

    def states(self):
        """The states of all sessions, oldest first."""
        try:
            return [row[0] for row in self.query("SELECT state FROM session ORDER BY id")]
        except sqlite3.OperationalError:  # killed before it created the tables
            return []

    def test_an_interrupt_keeps_results_and_ends_the_workers(self):
        process = self.start(*self.bench_arguments())
        while len(self.finished_runs()) < 3 and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=HANG_SECONDS)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("INTERRUPTED", out)
        self.assertIn("--resume 1", err)
        self.expect_no_survivors()
        self.assertEqual(self.tare("bench", "--resume", "1")[0], 0)
        self.expect_all_runs_once()
        code, _, err = self.tare("bench", "--resume", "1")
        self.assertEqual(code, 2)
        self.assertIn("is complete", err)

    def test_two_at_a_time_then_compared_and_reported(self):
        both = [self.start(*self.bench_arguments()) for _ in range(2)]
        for process in both:
            _, err = process.communicate(timeout=HANG_SECONDS)
            self.assertEqual(process.returncode, 0, err)
            self.assertNotIn("\r", err, "progress is for terminals")
        for session in (1, 2):
            self.expect_all_runs_once(session)
        code, out, err = self.tare("report", "--list")
        self.assertEqual(code, 0, err)
        self.assertEqual(out.count("complete"), 2)
        code, out, err = self.tare("report", "1", "--tables", "-o", "json")
        self.assertEqual(len(json.loads(out)["runs"]), 2 * (RUNS + WARMUPS), err)
        export = str(Path(self.folder.name, "base.json"))
        Path(export).write_text(out)
        code, out, err = self.tare("compare", export, "last", "--metric", "peak_rss_bytes",
                                   "--threshold", "50", "--fail-on-regression", "-o", "json")
        self.assertEqual(code, 0, err)
        rows = json.loads(out)["scenarios"][0]["rows"]
        self.assertEqual([row["new_runs"] for row in rows], [RUNS, RUNS])

    def test_too_few_runs_give_no_verdict(self):
        for _ in range(2):
            self.assertEqual(self.tare(*self.bench_arguments(runs=3))[0], 0)
        code, _, err = self.tare("compare", "last~1", "last", "--metric", "peak_rss_bytes",
                                 "--fail-on-regression")
        self.assertEqual(code, 2)
        self.assertIn("at least 5", err)

    def test_a_model_that_changed_is_not_gone_on_with(self):
        process = self.start(*self.bench_arguments())
        while len(self.finished_runs()) < 1 and process.poll() is None:
            time.sleep(0.02)
        process.kill()
        process.communicate()
        config = Path(self.model, "tokenizer.json")
        before = config.read_text()
        try:
            config.write_text(before + "\n")
            code, _, err = self.tare("bench", "--resume")
        finally:
            config.write_text(before)
        self.assertEqual(code, 2, err)
        self.assertIn("model SHA-256", err)


if __name__ == "__main__":
    unittest.main()
