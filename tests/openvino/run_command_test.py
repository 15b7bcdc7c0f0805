"""Messages of `tare run` before a program starts, and what it passes on; no OpenVINO is needed.

usage: python run_command_test.py TARE
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

TARE = None
# The symbol of compile_model(model, config) in a library with the old string ABI.
COMPILE_MODEL = b"_ZN2ov4Core13compile_modelERKSt10shared_ptrIKNS_5ModelEERKSt3mapISsNS_3AnyE"


def run(*arguments, cwd=None, **environment):
    variables = {name: value for name, value in os.environ.items()
                 if name not in ("OpenVINO_DIR", "INTEL_OPENVINO_DIR")}
    variables.update(environment)
    return subprocess.run([TARE, "run", *arguments], capture_output=True, text=True, env=variables,
                          cwd=cwd)


class RunCommand(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name, "openvino").resolve()
        self.root.mkdir()

    def tearDown(self):
        self.folder.cleanup()

    def install(self, version, library, text=b""):
        header = self.root / "include/openvino/core/version.hpp"
        header.parent.mkdir(parents=True)
        parts = zip(("MAJOR", "MINOR", "PATCH"), version.split("."))
        header.write_text("".join(f"#define OPENVINO_VERSION_{a} {b}\n" for a, b in parts))
        (self.root / "libs").mkdir()
        (self.root / "libs" / library).write_bytes(text)

    def compiler(self, script):
        """A PATH whose g++ is this script."""
        compiler = self.root / "bin/g++"
        compiler.parent.mkdir()
        compiler.write_text(f"#!/bin/sh\n{script}\n")
        compiler.chmod(0o755)
        return f"{compiler.parent}:{os.environ['PATH']}"

    def refused(self, *arguments, **environment):
        done = run(*arguments, **environment)
        self.assertIn(done.returncode, (1, 2), "neither a signal nor the program's own")
        self.assertNotIn("started", done.stdout)
        self.assertTrue(done.stderr.startswith("tare: error: "), done.stderr)
        return done.stderr

    def test_a_program_that_is_not_there(self):
        self.assertIn("no such program", self.refused("--", "no-such-program"))

    def test_a_program_without_openvino(self):
        self.assertIn("cannot tell which OpenVINO", self.refused("--", "echo", "started"))

    def test_an_interpreter_without_openvino(self):
        python = self.root / "python"
        python.write_text("#!/bin/sh\n")
        python.chmod(0o755)
        self.assertIn("finds no openvino package", self.refused("--", str(python)))

    def test_a_version_that_is_not_known(self):
        self.install("2024.1.0", "libopenvino.so.2410")
        said = self.refused("--openvino", str(self.root), "--", "echo", "started")
        self.assertIn("is OpenVINO 2024.1.0, expected one of the tested versions", said)

    def test_headers_of_another_version(self):
        self.install("2025.2.0", "libopenvino.so.2530")
        said = self.refused("--openvino", str(self.root), "--", "echo", "started")
        self.assertIn("are of OpenVINO 2025.2.0 (expected libopenvino.so.2520)", said)

    def test_no_headers(self):
        (self.root / "libs").mkdir()
        (self.root / "libs/libopenvino.so.2520").write_bytes(b"")
        said = self.refused("--openvino", str(self.root), "--", "echo", "started")
        self.assertIn("no headers beside it", said)

    def test_no_compiler(self):
        self.install("2025.2.0", "libopenvino.so.2520", COMPILE_MODEL)
        said = self.refused("--openvino", str(self.root), "--", "/bin/echo", "started",
                            PATH=str(self.root), XDG_CACHE_HOME=str(self.root / "cache"))
        self.assertIn("install g++", said)

    def test_an_interrupted_build_leaves_nothing(self):
        self.install("2025.2.0", "libopenvino.so.2520", COMPILE_MODEL)
        path = self.compiler("kill -INT $PPID; sleep 20")
        done = run("--openvino", str(self.root), "--", "/bin/echo", "started", PATH=path,
                   XDG_CACHE_HOME=str(self.root / "cache"))
        self.assertEqual(done.returncode, 130)
        self.assertIn("g++ was interrupted", done.stderr)
        self.assertNotIn("started", done.stdout)
        self.assertEqual(list((self.root / "cache/tare/openvino").iterdir()), [])

    def test_a_folder_is_no_program(self):
        self.assertIn("no such program", self.refused("--", str(self.root)))
        self.assertIn("no such program", self.refused("--", ""))

    def test_what_an_interpreter_prints_as_it_starts_is_not_its_answer(self):
        self.unknown_package()
        (self.root.parent / "sitecustomize.py").write_text(
            "import sys; print('a banner'); print('a warning', file=sys.stderr)\n")
        said = self.refused("--", sys.executable, "-c", "print('started')",
                            PYTHONPATH=str(self.root.parent))
        self.assertIn("is OpenVINO 2024.1.0, expected one of the tested versions", said)

    def test_scripts_of_python(self):
        self.unknown_package()
        python = pathlib.Path(sys.executable)
        firsts = [f"#!{python}\n", f"#!/usr/bin/env {python.name}\n",
                  f"#!/usr/bin/env -S {python.name} -u\n",
                  f"#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n"]
        for first in firsts:
            with self.subTest(first):
                script = self.root / "script"
                script.write_text(first + "print('started')\n")
                script.chmod(0o755)
                said = self.refused("--", str(script), PYTHONPATH=str(self.root.parent),
                                    PATH=f"{python.parent}:{os.environ['PATH']}")
                self.assertIn("is OpenVINO 2024.1.0, expected one of the tested versions", said)

    def unknown_package(self):
        self.install("2024.1.0", "libopenvino.so.2410")
        (self.root / "__init__.py").write_text("")

    def test_a_cache_that_cannot_be_preloaded_from_or_written(self):
        self.install("2025.2.0", "libopenvino.so.2520", COMPILE_MODEL)
        (self.root / "file").write_text("")
        for cache, reason in (("a cache", "spaces and colons"), ("a:cache", "spaces and colons"),
                              ("file", "no folder for the hook")):
            with self.subTest(cache):
                said = self.refused("--openvino", str(self.root), "--", "/bin/echo", "started",
                                    XDG_CACHE_HOME=str(self.root / cache))
                self.assertIn(reason, said)
                self.assertIn("XDG_CACHE_HOME", said)

    def test_relative_folders_are_the_same_wherever_the_program_goes(self):
        self.install("2025.2.0", "libopenvino.so.2520", COMPILE_MODEL)
        path = self.compiler('for last; do :; done; echo "$@" > "$last"')
        show = 'cat "${LD_PRELOAD%hook.so}pass.so"; echo "$TARE_OPENVINO_PARK_DIR"'
        done = run("--openvino", ".", "--park-dir", "parked", "--no-lean", "--", "/bin/sh", "-c",
                   f"cd /; {show}", cwd=self.root, XDG_CACHE_HOME="cache",
                   PATH=path)
        self.assertEqual(done.returncode, 0, done.stderr)
        built, parked = done.stdout.splitlines()
        self.assertIn(f" {self.root}/libs/libopenvino.so.2520 -Wl,-rpath,{self.root}/libs ", built)
        self.assertEqual(parked, f"{self.root}/parked")


class Streams(unittest.TestCase):
    """If a message cannot be written, only the message is lost."""

    def test_the_status_is_the_programs_where_nothing_can_be_said(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([TARE, "run", "--no-einsum", "--no-park", "--", "sh", "-c", "exit 7"],
                                  stderr=full)
        self.assertEqual(done.returncode, 7)

    def test_data_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([TARE, "backends", "doctor"], stdout=full, stderr=subprocess.PIPE,
                                  text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("tare: error: standard output: cannot be written: No space left", done.stderr)


class Signals(unittest.TestCase):
    def start(self, code, **more):
        return subprocess.Popen([TARE, "run", "--no-einsum", "--no-park", "--", sys.executable, "-c",
                                 code], stdout=subprocess.PIPE, text=True, **more)

    def test_what_a_process_sends_us_reaches_the_program(self):
        code = ("import signal, sys; wait = [{0}]; signal.pthread_sigmask(signal.SIG_BLOCK, wait); "
                "print('ready', flush=True); done = signal.sigtimedwait(wait, 20); "
                "sys.exit(7 if done else 1)")
        for sent in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(sent):
                process = self.start(code.format(int(sent)))
                self.assertEqual(process.stdout.readline(), "ready\n")
                process.send_signal(sent)
                process.communicate()
                self.assertEqual(process.returncode, 7)

    def test_the_end_is_seen_where_ends_of_children_are_ignored(self):
        process = self.start("raise SystemExit(7)",
                             preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        try:
            process.communicate(timeout=30)
        finally:
            process.kill()
        self.assertEqual(process.returncode, 7)


class Exec(unittest.TestCase):
    """`--exec` replaces tare with the program, which keeps the process id and open descriptors."""

    def start(self, *arguments, **more):
        command = [TARE, "run", "--no-einsum", "--no-park", *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                **more)

    def test_the_program_has_our_number_descriptors_and_nothing_is_said(self):
        ours, theirs = os.pipe()
        with os.fdopen(ours) as reader:
            process = self.start("--exec", "--", "sh", "-c", f"echo $$; echo there >&{theirs}; exit 7",
                                 pass_fds=(theirs,))
            os.close(theirs)
            out, err = process.communicate()
            self.assertEqual(reader.read(), "there\n")
        self.assertEqual((int(out), err, process.returncode), (process.pid, "", 7))

    def test_a_program_that_is_not_there(self):
        process = self.start("--exec", "--", "no-such-program")
        _, err = process.communicate()
        self.assertIn(process.returncode, (1, 2))
        self.assertRegex(err, "^tare: error: .*no-such-program")

    def test_the_report_is_left_where_it_was_asked_for(self):
        code = ("import os; file = open(os.environ['TARE_LEAN_REPORT'], 'a'); "
                "os.chdir('/'); file.write('lean\\t1\\ttorch\\t2097152\\t0\\t0\\n')")
        for how in (["--exec"], []):
            with self.subTest(how), tempfile.TemporaryDirectory() as folder:
                process = self.start(*how, "--report", "left", "--", sys.executable, "-c", code,
                                     cwd=folder)
                _, err = process.communicate()
                self.assertEqual(process.returncode, 0, err)
                self.assertEqual(pathlib.Path(folder, "left").read_text(),
                                 "lean\t1\ttorch\t2097152\t0\t0\n")
                self.assertEqual("2 MiB used from the mapped file" in err, not how, err)

    def test_an_event_that_is_not_known_is_a_warning_and_for_tests_an_error(self):
        code = "import os; open(os.environ['TARE_LEAN_REPORT'], 'a').write('washed\\t1\\tclean\\n')"
        for strict, status in (("", 0), ("1", 1)):
            with self.subTest(strict):
                process = self.start("--", sys.executable, "-c", code,
                                     env=os.environ | {"TARE_RUN_STRICT": strict})
                _, err = process.communicate()
                self.assertEqual(process.returncode, status, err)
                self.assertIn('line 1: unknown event "washed"', err)
                self.assertEqual("tare: warning: " in err, not strict, err)


if __name__ == "__main__":
    TARE = sys.argv.pop(1)
    unittest.main()
