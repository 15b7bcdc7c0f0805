"""Errors of `tare generate --backend openvino`; no OpenVINO is needed.

usage: python backend_command_test.py TARE PRESET     (needs g++)
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

TARE = None
PRESET = None
# The part of OpenVINO's C library that reports its version.
LIBRARY = """
struct Version { const char* build; const char* description; };
extern "C" int ov_get_openvino_version(Version* version) { version->build = "2025.4.1-1"; return 0; }
extern "C" void ov_version_free(Version*) {}
extern "C" const char* ov_get_last_err_msg() { return ""; }
"""


class Refused(unittest.TestCase):
    def refused(self, *flags, **environment):
        done = subprocess.run([TARE, "generate", "-m", PRESET, "-n", "1", *flags, "the"],
                              capture_output=True, text=True, env={**os.environ, **environment})
        self.assertIn(done.returncode, (1, 2), done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_another_release_is_named_whatever_it_lacks(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "bin").mkdir()
            (folder / "bin/python").symlink_to(sys.executable)
            libraries = folder / "lib/python3.11/site-packages/openvino/libs"
            libraries.mkdir(parents=True)
            subprocess.run(["g++", "-shared", "-fPIC", "-x", "c++", "-", "-o",
                            libraries / "libopenvino_c.so.2541"], input=LIBRARY, text=True,
                           check=True)
            said = self.refused("--backend", "openvino",
                                TARE_BACKEND_OPENVINO_PYTHON=str(folder / "bin/python"))
            self.assertIn("is OpenVINO 2025.4.1-1, expected 2026.4", said)

    def test_measures_of_a_backend_that_has_none(self):
        self.assertIn("try: --backend openvino", self.refused("--openvino-measures", "no-drop"))


if __name__ == "__main__":
    TARE, PRESET = sys.argv[1], sys.argv[2]
    unittest.main(argv=sys.argv[:1])
