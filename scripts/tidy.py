#!/usr/bin/env python3
"""Runs clang-tidy on the sources of the library and the programs, each file only once.

    scripts/tidy.py BUILD_FOLDER [--jobs N]

A file that passed is checked again only when it, a header that it includes, its flags, .clang-tidy or
clang-tidy itself changes. The user's cache remembers which files passed. Build the folder first: Ninja
learns from the build which headers a file includes. Leaves out tests and benchmarks. The exit status is
1 if there is a finding.
"""

import argparse
import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "tare/tidy"
KEPT_SECONDS = 30 * 86400
# The flags are GCC's, which has warnings that clang does not have.
TIDY = ["clang-tidy", "-quiet", "-extra-arg=-Wno-unknown-warning-option"]


@functools.lru_cache(maxsize=None)
def digest(path: str) -> str:
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def is_checked(source: pathlib.Path) -> bool:
    return source.is_relative_to(ROOT / "src") and not source.stem.endswith(("_test", "_bench"))


def included_files(build: pathlib.Path) -> dict[str, list[str]]:
    """For each object, its source and headers."""
    lines = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], check=True,
                           stdout=subprocess.PIPE, text=True).stdout.splitlines()
    files: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("    "):
            files[current].append(str(build / line.strip()))
        elif ": #deps" in line and "(VALID)" in line:
            current = line.split(": #deps")[0]
            files[current] = []
        elif line:  # stale: the next build compiles it again
            current = ""
            files[current] = []
    return files


def key_of(command: dict, files: list[str], tool: str) -> str:
    """A key that is equal in every checkout of the same sources."""
    parts = [tool, digest(str(ROOT / ".clang-tidy")), command["command"].replace(str(ROOT), "")]
    # Sorted without the checkout's folder, which would change their order.
    parts += sorted(os.path.realpath(path).replace(str(ROOT), "") + " " + digest(path) for path in files)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def check(build: pathlib.Path, source: pathlib.Path, passed: pathlib.Path) -> str:
    """The findings; empty if the file passed."""
    done = subprocess.run([*TIDY, "-p", str(build / "tidy"), str(source)], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        return done.stdout or f"clang-tidy ended with {done.returncode}: {source}"
    passed.touch()
    return ""


def forget_old() -> None:
    oldest = time.time() - KEPT_SECONDS
    for entry in CACHE.iterdir():
        if entry.stat().st_mtime < oldest:
            entry.unlink(missing_ok=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    CACHE.mkdir(parents=True, exist_ok=True)

    tool = subprocess.run([TIDY[0], "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    tool += " ".join(TIDY)
    included = included_files(build)
    # A copy, because configuring again would change the file during the run.
    commands = (build / "compile_commands.json").read_text()
    (build / "tidy").mkdir(exist_ok=True)
    (build / "tidy/compile_commands.json").write_text(commands)
    wanted, known = [], 0
    for command in json.loads(commands):
        source = pathlib.Path(command["file"])
        if not is_checked(source):
            continue
        files = included.get(os.path.relpath(build / command["output"], build))
        if not files:
            sys.exit(f"{source} is not built in {build}; try: cmake --build {build}")
        passed = CACHE / key_of(command, files, tool)
        if passed.exists():
            passed.touch()
            known += 1
        else:
            wanted.append((source, passed))

    wanted.sort(key=lambda pair: -pair[0].stat().st_mtime)  # most recently edited files first
    findings = 0
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for found in pool.map(lambda pair: check(build, *pair), wanted):
            findings += bool(found)
            if found:
                print(found, flush=True)
    forget_old()
    print(f"{len(wanted)} checked, {known} unchanged, {findings} with findings")
    return 1 if findings or known + len(wanted) == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
