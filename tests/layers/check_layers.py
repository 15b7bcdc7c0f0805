#!/usr/bin/env python3
"""Checks that every #include and every CMake link goes down the house, never up or across.

usage: check_layers.py [ROOT]      ROOT is the repository; default: this file's own

A room (a folder of src/) may use the rooms that it stands on, directly or through another. The table
here is the one of docs/architecture.md; a room that is not in it is an error. Public headers
(include/tare) may use each other only. No chain of includes may come back to where it began.
"""

import pathlib
import re
import sys

STANDS_ON = {
    "base": [],
    "os": ["base"],
    "einsum": ["base"],
    "tensor": ["base"],
    "tokenizer": ["base"],
    "bench": ["os"],
    "format": ["tensor"],
    "kernels": ["tensor"],
    "graph": ["tensor", "einsum"],
    "passes": ["graph"],
    "models": ["graph", "format", "tokenizer"],
    "openvino_engine": ["models"],
    "runtime": ["os", "passes", "models", "kernels", "openvino_engine"],
    "tools": ["models"],
    "openvino": ["einsum"],
    "cli": ["runtime", "tools", "bench"],
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)
ROOM = re.compile(r"\btare_room\(\s*(\w+)([^)]*)\)")


def rooms_below(stands_on):
    """room -> all rooms it may use, itself among them."""
    below = {}

    def visit(room, path):
        if room in path:
            raise ValueError("the table goes in a circle: " + " -> ".join([*path, room]))
        if room not in below:
            below[room] = {room}.union(*(visit(r, [*path, room]) for r in stands_on[room]))
        return below[room]

    for room in stands_on:
        visit(room, [])
    return below


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".cc", ".inc"))


def resolve(root, file, name):
    """The file that `#include "name"` of `file` means, or None if it is not one of ours."""
    for folder in (file.parent, root / "src", root / "include"):
        candidate = (folder / name).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return candidate
    return None


def room_of(root, file):
    """The room of a source file; None for a public header."""
    parts = file.relative_to(root).parts
    return parts[1] if parts[0] == "src" else None


def include_violations(root, below):
    graph = {}
    for file in sources(root / "src") + sources(root / "include"):
        where, room = file.relative_to(root), room_of(root, file)
        if room is not None and room not in below:
            yield f"{where}: room '{room}' is not in the table; give it a place in the house"
            continue
        graph[file] = []
        for match in INCLUDE.finditer(file.read_text(encoding="utf-8")):
            name = match.group(1)
            target = resolve(root, file, name)
            if target is None:
                first = name.split("/")[0]
                if first in below or first == "tare":
                    yield f'{where}: "{name}" is not there'
                continue
            graph[file].append(target)
            used = room_of(root, target)
            if room is None and used is not None:
                yield f'{where}: a public header includes "{name}", which users do not have'
            elif room is not None and used is not None and used not in below[room]:
                allowed = ", ".join(sorted(below[room] - {room})) or "no other room"
                yield f'{where}: {room} includes "{name}", but may use only: {allowed}'
    yield from include_cycles(root, graph)


def include_cycles(root, graph):
    done = set()

    def visit(file, path):
        if file in path:
            circle = [*path[path.index(file) :], file]
            yield "includes go in a circle: " + " -> ".join(str(f.relative_to(root)) for f in circle)
        elif file not in done:
            for target in graph.get(file, []):
                yield from visit(target, [*path, file])
            done.add(file)

    for file in graph:
        yield from visit(file, [])


def link_violations(root, below):
    for file in sorted((root / "src").rglob("CMakeLists.txt")):
        for room, arguments in ROOM.findall(file.read_text(encoding="utf-8")):
            where = file.relative_to(root)
            if room not in below:
                yield f"{where}: room '{room}' is not in the table; give it a place in the house"
                continue
            words = arguments.split()
            for word in words[words.index("DEPS") + 1 :] if "DEPS" in words else []:
                if word == "LINK":
                    break
                if word not in below[room]:
                    yield f"{where}: {room} links {word}, which it does not stand on"


def violations(root, stands_on=None):
    """Sentences, one a violation; an empty list when the house stands."""
    root = pathlib.Path(root).resolve()
    below = rooms_below(STANDS_ON if stands_on is None else stands_on)
    return [*include_violations(root, below), *link_violations(root, below)]


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parents[2]
    found = violations(root)
    for sentence in found:
        print(sentence)
    if not found:
        print("layers: every include goes down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
