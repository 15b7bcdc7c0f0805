"""The hook and the pass of `tare run` under AddressSanitizer and UBSan, inside a real OpenVINO.

usage: python sanitized_hook.py TARE PYTHON [--random N]

A g++ that comes first in PATH adds the sanitizers when tare builds both libraries for the OpenVINO of the interpreter
PYTHON. The tests of attention and written rows, all Keras einsums and N random ones then run with the sanitizer's
runtime preloaded. This needs every dlopen without RTLD_DEEPBIND. Exit status 1 if a test fails or a sanitizer reports
anything. The libraries stay in the cache folder and are rebuilt when their sources change, as without sanitizers.

Under a sanitizer malloc is not the C library's, so no constant moves to disk and no huge page is requested.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

FLAGS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined",
         "-fno-omit-frame-pointer", "-g1", "-O0"]
TESTS = pathlib.Path(__file__).resolve().parent
REPORTED = 99


def text_of(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def cache_folder():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / "tare" / f"sanitized-{zlib.crc32(' '.join(FLAGS).encode()):08x}"


class Sanitized:
    """The environment in which a command runs under the sanitizers."""

    def __init__(self, folder):
        compiler = shutil.which("g++")
        runtime = text_of(compiler, "-print-file-name=libasan.so")
        assert os.path.isabs(runtime), "g++ has no libasan.so"
        wrapper = folder / "bin" / "g++"
        wrapper.parent.mkdir()
        # Keeps the compiler itself out of the sanitizer.
        wrapper.write_text(f'#!/bin/sh\nexec env -u LD_PRELOAD {compiler} "$@" {" ".join(FLAGS)}\n')
        wrapper.chmod(0o755)
        shallow = folder / "shallow_dlopen.so"
        subprocess.run([compiler, "-O1", "-fPIC", "-shared", TESTS / "shallow_dlopen.cc",
                        "-o", shallow], check=True)
        self.reports = folder / "reports"
        self.reports.mkdir()
        both = f"log_path={self.reports}/report:exitcode={REPORTED}:print_stacktrace=1"
        self.variables = os.environ | {
            "PATH": f"{wrapper.parent}:{os.environ['PATH']}",
            "XDG_CACHE_HOME": str(cache_folder()),
            "LD_PRELOAD": f"{shallow}:{runtime}",
            # The interpreter does not free all its memory. The hook comes before the runtime.
            "ASAN_OPTIONS": f"{both}:detect_leaks=0:verify_asan_link_order=0:halt_on_error=1",
            "UBSAN_OPTIONS": f"{both}:halt_on_error=1",
        }

    def run(self, *command):
        """(exit status, output, sanitizer reports)"""
        done = subprocess.run(command, env=self.variables, capture_output=True, text=True)
        found = [path.read_text(errors="replace") for path in sorted(self.reports.iterdir())]
        return done.returncode, done.stdout + done.stderr, "\n".join(found)


def is_instrumented(said):
    hook = re.search(r"^tare: OpenVINO .*, hook (.*)$", said, re.M)  # from --log
    libraries = list(pathlib.Path(hook[1]).parent.glob("*.so")) if hook else []
    return len(libraries) == 2 and all(
        mark in library.read_bytes() for library in libraries
        for mark in (b"__asan_report_load", b"__ubsan_handle"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tare")
    parser.add_argument("python")
    parser.add_argument("--random", type=int, default=50)
    flags = parser.parse_args()
    programs = [(["--sdpa"], ["attention_models.py"]),
                ([], ["written_rows.py"]),
                ([], ["einsum_models.py", "--shapes", "1", "--random", str(flags.random)])]
    with tempfile.TemporaryDirectory() as name:
        sanitized = Sanitized(pathlib.Path(name))
        for of_run, (program, *arguments) in programs:
            status, said, reports = sanitized.run(
                flags.tare, "run", "--no-lean", "--log", *of_run, "--",
                flags.python, "-B", TESTS / program, *arguments)
            if status != 0 or reports:
                found = re.findall(r"^.*(?:SUMMARY: |runtime error: ).*$", reports, re.M)
                print("\n".join([said, reports, f"{program}: exit status {status}", *found]))
                return 1
            if not is_instrumented(said):
                print(f"{program}: the hook and the pass were built without the sanitizers\n{said}")
                return 1
            print(f"{program}: no report")
    return 0


if __name__ == "__main__":
    sys.exit(main())
