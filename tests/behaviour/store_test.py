"""A store from an earlier Tare still opens, and its contents are still shown and compared.

These commands made golden/store.db:

    tare synth gpt2:layers=2,heads=4,width=64,vocabulary=997,context=512 gpt2 --seed 11
    tare bench -m gpt2 --backends native -p 16 -n 8 -t 1 -r 3 --store store.db      (twice)

It is never made again: `record.py` only reads it.
"""

import json
import shutil

import guard
from json_fields_test import fields

FIGURES = ("peak_rss_bytes", "growth_bytes", "tare_bytes", "load_ns", "ttft_ns", "decode_tokens_per_second",
           "prefill_tokens_per_second")


def observe(g):
    shutil.copy(guard.GOLDEN / "store.db", g.folder / "old.db")
    store = ("--store", "old.db")
    session = g.json("report", "1", "--tables", "-o", "json", *store)
    compared = g.json("compare", "last~1", "last", "-o", "json", *store)
    row = session["summaries"][0]["rows"][0]
    texts = {
        "report": g.run("report", *store),
        "report --tables": g.run("report", "--tables", *store),
        "report 1 -o md": g.run("report", "1", "-o", "md", *store),
        "report 1 -o csv": g.run("report", "1", "-o", "csv", *store),
        "report --list": g.run("report", "--list", *store),
        "compare": g.run("compare", "last~1", "last", *store),
    }
    (g.folder / "exported.json").write_text(json.dumps(session))
    again = g.json("report", "exported.json", "--tables", "-o", "json", *store)
    return {
        "written": {name: bool(text.strip()) for name, text in texts.items()},
        "fields of the session": sorted(fields(session)),
        "session": {key: session[key] for key in ("session_id", "started_at", "rows", "runs_per_row")},
        "medians": {name: row[name]["median"] for name in FIGURES},
        "ids": [run["result"]["generations"][0]["ids"] for run in session["runs"]],
        "its export reads back the same": again == session | {"session_id": 0},
        "fields of the comparison": sorted(fields(compared)),
        "comparison": compared,
        "unchanged by reading": (g.folder / "old.db").read_bytes() == (guard.GOLDEN / "store.db").read_bytes(),
    }


record = observe


class StoreTest(guard.GuardTest):
    theme = "store"
    observe = staticmethod(observe)

    def test_an_old_store_opens_and_says_what_it_said(self):
        self.expect_same(self.observed, self.expected)


if __name__ == "__main__":
    guard.main()
