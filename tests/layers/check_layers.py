#!/usr/bin/env python3
"""Checks that every #include goes down the house, never up or across, and that only families name themselves.

usage: check_layers.py [ROOT]      ROOT: the repository; default: the one of this file

Rooms are folders of src/ (`os`, `bench/watch`). The table in docs/architecture.md lists what each room may use, and
CMake links by the same table; a folder missing from it is an error. Tests, and files in a folder testing/, may use
whatever any room of their folder of src/ may. Public headers (include/tare) may use only each other. No chain of
includes may form a cycle. family_names.py defines where a model family may be named.
"""

import pathlib
import re
import sys

import family_names

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| `([a-z_/]+)` \|.*\|([^|]*)\|$", re.MULTILINE)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"([^"]+)"', re.MULTILINE)


def documented_table():
    """room -> rooms that it may use directly"""
    text = (REPOSITORY / "docs/architecture.md").read_text(encoding="utf-8")
    return {room: re.findall(r"`([a-z_/]+)`", below) for room, below in ROW.findall(text)}


def rooms_below(stands_on):
    """room -> all rooms that it may use, including itself"""
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
    """The file that `#include "name"` in `file` refers to; None if it is not one of ours."""
    for folder in (file.parent, root / "src", root / "include"):
        candidate = (folder / name).resolve()
        if candidate.is_file() and candidate.is_relative_to(root):
            return candidate
    return None


def room_of(root, file, rooms):
    """The room of a source file; None for a public header."""
    parts = file.relative_to(root).parts
    if parts[0] != "src":
        return None
    folder = "/".join(parts[1:-1])
    inner = [room for room in rooms if folder == room or folder.startswith(room + "/")]
    return max(inner, key=len, default=parts[1])


def is_test(file):
    return "testing" in file.parts or file.stem.endswith(("_test", "_bench"))


def folder_of(room):
    return room.split("/")[0]


def allowed_rooms(file, room, below):
    """The rooms that a file of src/ may use; tests may use those of their whole src/ folder, and its helpers."""
    if not is_test(file):
        return below[room]
    rooms = [below[each] for each in below if folder_of(each) == folder_of(room)]
    return {folder_of(room)}.union(*rooms)


def may_include(file, target, used, allowed):
    if used is None or not is_test(target):
        return used is None or used in allowed
    # Only tests may use test helpers.
    return is_test(file) and folder_of(used) in {folder_of(each) for each in allowed}


def include_violations(root, below):
    graph = {}
    folders = {folder_of(room) for room in below}
    for file in sources(root / "src") + sources(root / "include"):
        where, room = file.relative_to(root), room_of(root, file, below)
        if room is not None and room not in below and not (is_test(file) and folder_of(room) in folders):
            yield f"{where}: room '{room}' is not in the table; give it a place in the house"
            continue
        allowed = set() if room is None else allowed_rooms(file, room, below)
        graph[file] = []
        for match in INCLUDE.finditer(file.read_text(encoding="utf-8")):
            name = match.group(1)
            target = resolve(root, file, name)
            if target is None:
                if name.split("/")[0] in {*folders, "tare"}:
                    yield f'{where}: "{name}" is not there'
                continue
            graph[file].append(target)
            used = room_of(root, target, below)
            if room is None and used is not None:
                yield f'{where}: a public header includes "{name}", which users do not have'
            elif not may_include(file, target, used, allowed):
                others = ", ".join(sorted(allowed - {room})) or "no other room"
                yield f'{where}: {room} includes "{name}", but may use only: {others}'
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


def violations(root, stands_on=None):
    """One sentence per violation; an empty list if the rules hold."""
    root = pathlib.Path(root).resolve()
    below = rooms_below(documented_table() if stands_on is None else stands_on)
    return list(include_violations(root, below))


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else REPOSITORY
    found = violations(root) + list(family_names.violations(root))
    for sentence in found:
        print(sentence)
    if not found:
        print("layers: every include goes down, and no family is named outside its folder")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
