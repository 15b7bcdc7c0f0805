#!/usr/bin/env python3
"""Writes src/jinja/unicode_data.cc: upper, lower and title case of single characters, as this Python maps them.

usage: make_case_mappings.py > src/jinja/unicode_data.cc
"""

import sys
import unicodedata

MAPPINGS = {"Upper": str.upper, "Lower": str.lower, "Title": str.title}
ALL = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]


def runs(pairs):
    """[(first, last, step, delta)]: neighbours with one distance and one step between them."""
    found = []
    for code, mapped in pairs:
        delta = mapped - code
        if found:
            first, last, step, before = found[-1]
            gap = code - last
            if delta == before and gap <= 2 and step in (0, gap):
                found[-1] = (first, code, gap, delta)
                continue
        found.append((code, code, 0, delta))
    return [(first, last, step or 1, delta) for first, last, step, delta in found]


def wrapped(cells):
    line = "   "
    for cell in cells:
        if len(line) + len(cell) + 2 > 100:
            yield line
            line = "   "
        line += f" {cell},"
    yield line


def unprintable():
    """Ranges of what repr() escapes, without unassigned code points."""
    found = []
    for code in range(0x110000):
        if unicodedata.category(chr(code)) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs") or code == 0x20:
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def main():
    print("// Made by tests/oracle/make_case_mappings.py from Unicode", unicodedata.unidata_version + ".")
    print('#include "jinja/unicode_data.h"\n\nnamespace tare::jinja {\n')
    for name, function in MAPPINGS.items():
        single = [(c, ord(function(chr(c)))) for c in ALL if len(function(chr(c))) == 1]
        listed = runs([(c, m) for c, m in single if c != m])
        print(f"const CaseRun k{name}Runs[] = {{")
        print(*wrapped(f"{{0x{f:x}, 0x{l:x}, {s}, {d}}}" for f, l, s, d in listed), sep="\n")
        print(f"}};\nconst size_t k{name}RunCount = {len(listed)};\n")
    several = []
    for c in ALL:
        texts = [function(chr(c)) for function in MAPPINGS.values()]
        if any(len(text) > 1 for text in texts):
            cells = ", ".join('U"' + "".join(f"\\U{ord(x):08x}" for x in text) + '"' for text in texts)
            several.append(f"{{0x{c:x}, {cells}}}")
    print("const CaseTexts kCaseTexts[] = {")
    print(*(f"    {cell}," for cell in several), sep="\n")
    print(f"}};\nconst size_t kCaseTextCount = {len(several)};\n")
    listed = unprintable()
    print("const CodeRange kUnprintable[] = {")
    print(*wrapped(f"{{0x{f:x}, 0x{l:x}}}" for f, l in listed), sep="\n")
    print(f"}};\nconst size_t kUnprintableCount = {len(listed)};\n")
    print("}  // namespace tare::jinja")
    return 0


if __name__ == "__main__":
    sys.exit(main())
