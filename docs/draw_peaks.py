#!/usr/bin/env python3
"""Draws docs/results/NAME.json as docs/results/NAME.svg: peak memory of every backend beside the model's weights.

usage: draw_peaks.py [FOLDER]      where to write, default: docs/results; files with a title are drawn

A backend whose name ends in "+tare" is the one before it under `tare run`; the two share a line, the smaller peak in
front. Standard library only.
"""

import json
import pathlib
import sys

RESULTS = pathlib.Path(__file__).resolve().parent / "results"
LABEL_WIDTH, PLOT_WIDTH, BAR_HEIGHT, LINE_HEIGHT, TOP = 190, 410, 15, 24, 64
NATIVE, TRIMMED, PLAIN, WEIGHTS = "#1b7f5c", "#3c78b4", "#b9bec6", "#c0392b"


def lines_of(backends):
    """(name, peak, peak under `tare run` or None) of each line, smallest peak first."""
    peaks = {backend["name"]: median(backend["peak_mib"]) for backend in backends}
    lines = [(name, peak, peaks.get(name + "+tare")) for name, peak in peaks.items() if not name.endswith("+tare")]
    return sorted(lines, key=lambda line: line[1])


def median(figure):
    return figure[0] if isinstance(figure, list) else figure


def text(x, y, content, **attributes):
    extra = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in attributes.items())
    return f'<text x="{x:g}" y="{y:g}"{extra}>{content}</text>'


def bar(y, width, colour):
    return f'<rect x="{LABEL_WIDTH}" y="{y:g}" width="{width:.1f}" height="{BAR_HEIGHT}" fill="{colour}"/>'


def draw(results):
    lines = lines_of(results["backends"])
    scale = PLOT_WIDTH / max(peak for _, peak, _ in lines)
    bottom = TOP + LINE_HEIGHT * len(lines)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {bottom + 34}" font-family="sans-serif" '
           'font-size="13">',
           '<rect width="100%" height="100%" fill="#fff"/>',
           text(12, 24, results["title"], font_weight="bold", font_size=15)]
    legend = [("Tare's engine", NATIVE), ("other backends", PLAIN)]
    if any(trimmed for _, _, trimmed in lines):
        legend.append(("the same under tare run", TRIMMED))
    x = LABEL_WIDTH
    for label, colour in legend:
        out += [f'<rect x="{x}" y="36" width="12" height="12" fill="{colour}"/>', text(x + 17, 47, label)]
        x += 34 + 7 * len(label)
    for index, (name, peak, trimmed) in enumerate(lines):
        y = TOP + LINE_HEIGHT * index
        out.append(text(LABEL_WIDTH - 8, y + 12, name, text_anchor="end"))
        out.append(bar(y, peak * scale, NATIVE if name == "native" else PLAIN))
        label = f"{peak:,.0f}"
        if trimmed:
            out.append(bar(y, trimmed * scale, TRIMMED))
            label = f"{peak:,.0f} → {trimmed:,.0f}"
        out.append(text(LABEL_WIDTH + peak * scale + 6, y + 12, label))
    x = LABEL_WIDTH + results["weights_mib"] * scale
    out += [f'<line x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{bottom}" stroke="{WEIGHTS}" stroke-width="2" '
            'stroke-dasharray="5 3"/>',
            text(round(x, 1), bottom + 18, f'weights: {results["weights_mib"]:,.1f} MiB', text_anchor="middle",
                 fill=WEIGHTS),
            "</svg>"]
    return "\n".join(out) + "\n"


def main():
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    for path in sorted(RESULTS.glob("*.json")):
        results = json.loads(path.read_text(encoding="utf-8"))
        if "title" in results:
            (folder / f"{path.stem}.svg").write_text(draw(results), encoding="utf-8")


if __name__ == "__main__":
    main()
