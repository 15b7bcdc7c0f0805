#!/usr/bin/env python3
"""Makes the first inputs of hdf5_fuzz: the helper's output for the files of tests/hostile/hdf5.

usage: make_hdf5_corpus.py HELPER      HELPER: the program tare-hdf5 of a build
"""

import pathlib
import socket
import subprocess
import sys


def records(helper, path):
    ours, theirs = socket.socketpair()
    with ours, subprocess.Popen([helper, "list", path], stdin=theirs) as process:
        theirs.close()
        said = b""
        while piece := ours.recv(1 << 16):
            said += piece
        process.wait()
    return said


def main():
    tests = pathlib.Path(__file__).resolve().parent.parent
    corpus = tests / "fuzz" / "corpus" / "hdf5_fuzz"
    corpus.mkdir(parents=True, exist_ok=True)
    for path in sorted((tests / "hostile" / "hdf5").glob("*.h5")):
        size = min(path.stat().st_size, (1 << 16) - 1)
        (corpus / path.stem).write_bytes(size.to_bytes(2, "little") + records(sys.argv[1], path))


if __name__ == "__main__":
    main()
