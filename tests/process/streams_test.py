"""tare's output arrives completely or not at all: slow readers, readers that leave, signals, limits.

Environment: TARE, the program; TARE_FAKE_WORKER, the worker that rows of tare bench run.
"""

import contextlib
import fcntl
import json
import os
import pty
import resource
import signal
import sqlite3
import struct
import subprocess
import tempfile
import termios
import time
import unittest
from pathlib import Path

TARE = os.environ["TARE"]
SMALL = "gpt2:layers=1,heads=2,width=16,vocabulary=500,context=64"
# About 200 MiB: a signal sent at the first bytes arrives long before the last ones.
LARGE = "gpt2:layers=4,heads=4,width=1024,inner=4096,vocabulary=500,context=64"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StreamsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.models = tempfile.TemporaryDirectory()
        cls.small = cls.synthesize(SMALL, "small")

    @classmethod
    def tearDownClass(cls):
        cls.models.cleanup()

    @classmethod
    def synthesize(cls, shape, name):
        path = str(Path(cls.models.name, name))
        subprocess.run([TARE, "synth", shape, path], check=True, capture_output=True)
        return path

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    # --- Standard streams ---

    def output_through_non_blocking_pipe(self, arguments, stream):
        """The exit code and all output through a non-blocking pipe whose reader starts late."""
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        other = subprocess.PIPE
        process = subprocess.Popen([TARE, *arguments], stdin=subprocess.DEVNULL,
                                   stdout=write_end if stream == 1 else other,
                                   stderr=write_end if stream == 2 else other)
        os.close(write_end)
        time.sleep(0.3)  # fills the pipe; the test passes even if it does not
        got = b""
        while chunk := os.read(read_end, 1000):
            got += chunk
        os.close(read_end)
        process.communicate()
        return process.returncode, got

    def test_a_non_blocking_pipe_gets_all_output(self):
        for arguments in (["--help-all"], ["inspect", self.small, "--json", "--tensors"],
                          ["generate", "--help"]):
            expected = subprocess.run([TARE, *arguments], capture_output=True, check=True).stdout
            # The smallest unit of a kernel pipe is 4,096 bytes.
            self.assertGreater(len(expected), 4096, arguments)
            code, got = self.output_through_non_blocking_pipe(arguments, stream=1)
            self.assertEqual(code, 0)
            self.assertEqual(got, expected)

    def test_more_than_a_pipe_holds_gets_through_a_non_blocking_one(self):
        lines = "".join(json.dumps("the weight of an empty container " * 40) + "\n"
                        for _ in range(400))
        (self.folder / "lines").write_text(lines)
        arguments = ["tokenize", "-m", self.small, "--jsonl"]
        with open(self.folder / "lines") as source:
            expected = subprocess.run([TARE, *arguments], stdin=source, capture_output=True,
                                      check=True).stdout
        self.assertGreater(len(expected), 1 << 17)
        script = 'exec "$0" "$@" < ' + str(self.folder / "lines")
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        process = subprocess.Popen(["sh", "-c", script, TARE, *arguments], stdout=write_end)
        os.close(write_end)
        time.sleep(0.3)
        with open(read_end, "rb") as reader:
            got = reader.read()
        self.assertEqual(process.wait(), 0)
        self.assertEqual(got, expected)

    def test_standard_input_may_be_non_blocking(self):
        for arguments, text, expected in (
                (["tokenize", "-m", self.small, "--decode"], ["[72, ", "105]"], 0),
                (["tokenize", "-m", self.small, "--jsonl"], ['"a"\n"', 'b"\n', '"c"'], 3)):
            read_end, write_end = os.pipe()
            os.set_blocking(read_end, False)
            process = subprocess.Popen([TARE, *arguments], stdin=read_end, stdout=subprocess.PIPE)
            os.close(read_end)
            for piece in text:
                time.sleep(0.1)
                os.write(write_end, piece.encode())
            os.close(write_end)
            out, _ = process.communicate()
            self.assertEqual(process.returncode, 0, arguments)
            self.assertEqual(out.count(b"\n"), expected, out)

    def test_messages_reach_a_non_blocking_standard_error_whole(self):
        name = "x" * 100_000
        code, got = self.output_through_non_blocking_pipe(["generate", "-m", "m", "--" + name],
                                                          stream=2)
        self.assertEqual(code, 2)
        self.assertIn(name.encode(), got)

    def output_on_terminal(self, arguments, columns):
        """The output on a terminal of that width."""
        ours, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen([TARE, *arguments], stdin=subprocess.DEVNULL, stdout=its)
        os.close(its)
        got = b""
        with contextlib.suppress(OSError):  # the error after the terminal's programs have exited
            while chunk := os.read(ours, 1000):
                got += chunk
        os.close(ours)
        self.assertEqual(process.wait(), 0)
        return got.decode().replace("\r\n", "\n")

    def test_tables_fit_a_terminal_and_100_columns_elsewhere(self):
        for arguments in (["backends", "list"], ["inspect", self.small, "--tensors"]):
            piped = subprocess.run([TARE, *arguments], capture_output=True, text=True, check=True).stdout
            for text, columns in ((piped, 100), (self.output_on_terminal(arguments, 200), 100),
                                  (self.output_on_terminal(arguments, 70), 70)):
                # Paths stick out instead of breaking.
                lines = [line for line in text.splitlines() if self.small not in line]
                self.assertGreater(len(lines), 10)
                self.assertLessEqual(max(map(len, lines)), columns, arguments)
            wide = subprocess.run([TARE, *arguments, "--wide"], capture_output=True, text=True,
                                  check=True).stdout
            widths = [max(map(len, text.splitlines())) for text in (piped, wide)]
            self.assertGreaterEqual(widths[1], widths[0], arguments)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        for restore in (True, False):  # False: SIGPIPE is ignored, as Python and some CI have it
            for arguments in (["inspect", self.small], ["--help"], ["tokenize", self.small, "a"]):
                read_end, write_end = os.pipe()
                os.close(read_end)
                process = subprocess.run([TARE, *arguments], stdout=write_end, check=False,
                                         stderr=subprocess.PIPE, restore_signals=restore)
                os.close(write_end)
                self.assertEqual(process.stderr, b"", arguments)
                self.assertEqual(process.returncode, -signal.SIGPIPE, arguments)

    def test_a_standard_error_that_nobody_reads_ends_nothing(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        out = self.folder / "model.gguf"
        process = subprocess.run([TARE, "convert", self.small, out], stderr=write_end, check=False)
        os.close(write_end)
        self.assertEqual(process.returncode, 0)
        self.assertTrue(out.exists())

    # --- Signals ---

    def interrupted_while_writing(self, arguments, number):
        """Sends the signal while a temporary file exists; returns how the program ended."""
        process = subprocess.Popen([TARE, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        while not any(".tmp-" in name for name in os.listdir(self.folder)):
            self.assertIsNone(process.poll(), "ended before it wrote anything")
        process.send_signal(signal.SIGSTOP)
        time.sleep(0.01)
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)
        process.communicate()
        return process.returncode

    def test_a_signal_leaves_no_temporary_and_nothing_under_the_final_name(self):
        large = self.synthesize(LARGE, "large")
        for number in SIGNALS:
            for arguments in (["synth", LARGE, self.folder / "preset"],
                              ["convert", large, self.folder / "model.gguf"],
                              ["convert", large, self.folder / "hf", "--to", "hf"],
                              ["convert", large, self.folder / "keras", "--to", "keras"]):
                self.assertEqual(self.interrupted_while_writing(arguments, number), -number)
                self.assertEqual(os.listdir(self.folder), [], (arguments[0], number))

    def test_a_shell_sees_128_and_the_signals_number(self):
        # Not SIGINT: without a terminal, a shell makes programs started with "&" ignore it.
        for number, code in ((signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            script = ('"$0" synth "$1" "$2" & p=$!; until ls "$3" | grep -q tmp; do :; done; '
                      f'kill -{int(number)} $p; wait $p; echo $?')
            done = subprocess.run(["bash", "-c", script, TARE, LARGE, self.folder / "preset",
                                   self.folder], capture_output=True, text=True, check=True)
            self.assertEqual(done.stdout, f"{code}\n", done.stderr)
            self.assertEqual(os.listdir(self.folder), [])

    def test_an_interrupted_bench_leaves_no_half_made_model(self):
        suite = self.folder / "suite.json"
        suite.write_text(json.dumps({"model": {"synth": LARGE}}))
        cache = self.folder / "cache"
        process = subprocess.Popen(
            [TARE, "bench", "--suite", suite, "--store", self.folder / "r.db"],
            env=os.environ | {"XDG_CACHE_HOME": str(cache)}, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        models = cache / "tare" / "models"
        while not (models.exists() and any(".tmp-" in name for name in os.listdir(models))):
            self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertEqual(os.listdir(models), [])

    # --- Limits, exports ---

    def test_a_limit_on_file_sizes_is_an_error_that_names_it(self):
        limit = 1 << 14
        for arguments in (["synth", "llama3-tiny", self.folder / "preset"],
                          ["convert", self.small, self.folder / "model.gguf", "--type", "f32"]):
            process = subprocess.run(
                [TARE, *arguments], capture_output=True, text=True, check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertEqual(process.returncode, 1, process.stderr)
            self.assertIn("File too large", process.stderr)
            self.assertIn(f"no file may be larger than {limit} bytes here", process.stderr)
            self.assertEqual(os.listdir(self.folder), [])

    def test_a_limit_reaches_standard_output_too(self):
        with open(self.folder / "out", "wb") as out:
            process = subprocess.run(
                [TARE, "--help-all"], stdout=out, stderr=subprocess.PIPE, text=True, check=False,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)))
        self.assertEqual(process.returncode, 1)
        self.assertIn("standard output: cannot be written: File too large", process.stderr)

    def bench(self, *arguments, **options):
        fake = os.environ["TARE_FAKE_WORKER"]
        return subprocess.Popen(
            [TARE, "bench", self.small, "--backends", "keras-torch", "-w", "0", "--store",
             self.folder / "r.db", "--export-json", self.folder / "out.json", *arguments],
            env=os.environ | {"TARE_BACKEND_KERAS_TORCH_PYTHON": fake}, stderr=subprocess.PIPE,
            **options)

    def test_exports_are_written_though_nobody_reads_the_table(self):
        read_end, write_end = os.pipe()
        os.close(read_end)
        process = self.bench("-r", "1", stdout=write_end)
        os.close(write_end)
        _, err = process.communicate()
        self.assertEqual(process.returncode, -signal.SIGPIPE, err)
        self.assertEqual(len(json.loads((self.folder / "out.json").read_text())["runs"]), 1)

    def runs_stored(self):
        try:
            with contextlib.closing(sqlite3.connect(self.folder / "r.db", timeout=30)) as database:
                return database.execute("SELECT count(*) FROM run").fetchone()[0]
        except sqlite3.OperationalError:  # before the tables exist
            return 0

    def test_an_export_of_an_interrupted_bench_is_whole(self):
        process = self.bench("-r", "1000", stdout=subprocess.DEVNULL)
        while self.runs_stored() == 0:
            self.assertIsNone(process.poll())
        self.assertNotIn("out.json", os.listdir(self.folder))
        process.send_signal(signal.SIGTERM)
        process.communicate()
        self.assertEqual(process.returncode, 130)
        self.assertTrue(json.loads((self.folder / "out.json").read_text())["runs"])
        self.assertFalse([name for name in os.listdir(self.folder) if ".tmp-" in name])


if __name__ == "__main__":
    unittest.main()
