"""Records what lean loading did, as events in the report file of `tare run`."""

import atexit
import os
import sys

from . import contract

# Bytes of variables used from the mapped file, copied from it, and loaded without a random
# initialisation before.
_BYTES = ("shared", "copied", "untouched")
# Number of values read without compiling a model.
_READ = "read"
_counts = dict.fromkeys((*_BYTES, _READ), 0)
_reasons: set[str] = set()
_backend = ""


def use_backend(name: str) -> None:
    global _backend
    _backend = name


def add(field: str, count: int) -> None:
    _counts[field] += count


def step_aside(reason: str) -> None:
    """Says once, on stderr and in the report, why something is left to Keras."""
    reason = " ".join(reason.split())
    if reason in _reasons:
        return
    _reasons.add(reason)
    print(f"tare: lean loading falls back to Keras: {reason}", file=sys.stderr)
    _append("lean-aside", reason=reason)


def flush() -> None:
    """Writes the counts since the last flush; a program may be killed before it exits."""
    if any(_counts[name] for name in _BYTES):
        _append("lean", backend=_backend, **{f"{name}_bytes": _counts[name] for name in _BYTES})
    if _counts[_READ]:
        _append("lean-read", values=_counts[_READ])
    _reset()


def _reset() -> None:
    _counts.update(dict.fromkeys(_counts, 0))


def _append(event: str, **fields: object) -> None:
    path = os.environ.get(contract.REPORT_VARIABLE)
    if not path:
        return
    texts = [str(fields[name]) for name in contract.EVENTS[event]]
    line = "\t".join([event, str(os.getpid()), *texts]) + "\n"
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND)  # `tare run` created it
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)
    except OSError:
        pass  # without its report, the program goes on


atexit.register(flush)
os.register_at_fork(after_in_child=_reset)
