"""What `tare run` says before a program starts where no OpenVINO can be found.

usage: python run_command_test.py TARE
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TARE = None


def run(*arguments, **environment):
    variables = {name: value for name, value in os.environ.items()
                 if name not in ("OpenVINO_DIR", "INTEL_OPENVINO_DIR")}
    variables.update(environment)
    return subprocess.run([TARE, "run", *arguments], capture_output=True, text=True, env=variables)


class RunCommand(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)

    def tearDown(self):
        self.folder.cleanup()

    def install(self, version, library, text=b""):
        header = self.root / "include/openvino/core/version.hpp"
        header.parent.mkdir(parents=True)
        parts = zip(("MAJOR", "MINOR", "PATCH"), version.split("."))
        header.write_text("".join(f"#define OPENVINO_VERSION_{a} {b}\n" for a, b in parts))
        (self.root / "libs").mkdir()
        (self.root / "libs" / library).write_bytes(text)

    def refused(self, *arguments, **environment):
        done = run(*arguments, **environment)
        self.assertNotEqual(done.returncode, 0)
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
        self.assertIn("OpenVINO 2024.1.0 is none of the versions", said)

    def test_headers_of_another_version(self):
        self.install("2025.2.0", "libopenvino.so.2530")
        said = self.refused("--openvino", str(self.root), "--", "echo", "started")
        self.assertIn("are of OpenVINO 2025.2.0, whose library is libopenvino.so.2520", said)

    def test_no_headers(self):
        (self.root / "libs").mkdir()
        (self.root / "libs/libopenvino.so.2520").write_bytes(b"")
        said = self.refused("--openvino", str(self.root), "--", "echo", "started")
        self.assertIn("no headers beside it", said)

    def test_no_compiler(self):
        name = b"_ZN2ov4Core13compile_modelERKSt10shared_ptrIKNS_5ModelEERKSt3mapISsNS_3AnyE"
        self.install("2025.2.0", "libopenvino.so.2520", name)
        said = self.refused("--openvino", str(self.root), "--", "/bin/echo", "started",
                            PATH=str(self.root), XDG_CACHE_HOME=str(self.root / "cache"))
        self.assertIn("install g++", said)


if __name__ == "__main__":
    TARE = sys.argv.pop(1)
    unittest.main()
