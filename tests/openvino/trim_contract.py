"""Reads src/trim/contract.h ($TARE_CONTRACT) for the tests: variables and events, and checks reports against them.

A report line that the header does not define, or with another number of fields, is an error.
"""

import os
import pathlib
import re

_HEADER = os.environ.get("TARE_CONTRACT") or pathlib.Path(__file__).resolve().parents[2] / "src/trim/contract.h"
_TEXT = pathlib.Path(_HEADER).read_text(encoding="utf-8")

# Constant -> name: {"kLogVariable": "TARE_OPENVINO_LOG"}
VARIABLES = dict(re.findall(r'\b(k\w+Variable)\[\] =\s*"(\w+)"', _TEXT))
# Event -> [(field, "EventText" or "EventNumber")]
EVENTS = {}
for _types, _name, _fields in re.findall(
        r'TrimEvent<([\w,\s]+)> k\w+Event = \{\s*"([\w-]+)",\s*\{([^}]*)\}\}', _TEXT):
    _names, _kinds = re.findall(r'"(\w+)"', _fields), re.findall(r"\w+", _types)
    assert len(_names) == len(_kinds), f"{_name}: {_names} are not as many as {_kinds}"
    EVENTS[_name] = list(zip(_names, _kinds))
assert len(EVENTS) == _TEXT.count("inline constexpr TrimEvent<"), "an event was not understood"


def events_in(lines):
    """[(event, {field: text or number})] for a report's lines."""
    events = []
    for line in lines:
        assert line.endswith("\n"), f"cut short: {line!r}"
        name, process, *texts = line[:-1].split("\t")
        fields = EVENTS[name]
        assert process.isdigit() and len(texts) == len(fields), f"not as {fields}: {line!r}"
        events.append((name, {field: int(text) if kind == "EventNumber" else text
                              for (field, kind), text in zip(fields, texts)}))
    return events


def reported(kind, variable="kHookReportVariable"):
    """The fields of each event of one kind in this process's report, in order."""
    path = os.environ.get(VARIABLES[variable])
    if not path:
        return []
    with open(path, encoding="utf-8") as report:
        return [fields for name, fields in events_in(report) if name == kind]
