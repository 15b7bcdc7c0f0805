"""Prints how much each of several imports adds to this interpreter's resident set.

    PYTHON import_cost.py MODULE…        e.g. ~/.local/share/tare/backends/transformers/bin/python
"""

import importlib
import sys


def rss_mib() -> float:
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def main() -> None:
    before = rss_mib()
    print(f"| Python {sys.version.split()[0]} | {before:.0f} |")
    for name in sys.argv[1:]:
        importlib.import_module(name)
        now = rss_mib()
        print(f"| {name} | {now - before:.0f} |")
        before = now
    print(f"| all | {before:.0f} |")


if __name__ == "__main__":
    main()
