"""Checks that rows under `tare run` make the tokens of the unmodified rows and report what was done.

    tests/openvino/trimmed_rows.py TARE PRESET ROW…      (unmodified rows: keras-openvino …)

Exit status 1 if a row fails, makes other tokens, or was not trimmed.
"""

import json
import os
import subprocess
import sys
import tempfile


def measure(tare: str, preset: str, rows: list[str]) -> dict[str, dict]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [tare, "bench", "-m", preset, "--backends", ",".join(rows), "-r", "1", "-w", "0",
             "-o", "json", "--store", os.path.join(folder, "results.db")],
            stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout:
        sys.exit(f"tare bench ended with {done.returncode}")
    return {run["row"]: run for run in json.loads(done.stdout)["runs"]}


def problem_of(plain: dict, trimmed: dict) -> str:
    for run in (plain, trimmed):
        if "failure" in run:
            return f"{run['row']} failed: {run['failure']}\n{run['output_tail']}"
    tokens = [[g["ids"] for g in run["result"]["generations"]] for run in (plain, trimmed)]
    if tokens[0] != tokens[1]:
        return f"tokens are {tokens[1]}, without tare run {tokens[0]}"
    hook, lean = trimmed["trim"]["hook"], trimmed["trim"]["lean"]
    if hook["aside"] or hook["refused"] or lean["aside"]:
        return f"not trimmed: {hook} {lean}"
    if "openvino" in plain["row"] and not any(not e["left_because"] for e in hook["einsums"]):
        return f"no einsum was rewritten: {hook}"
    return ""


def main() -> int:
    tare, preset, *rows = sys.argv[1:]
    runs = measure(tare, preset, [name for row in rows for name in (row, f"{row}+tare")])
    bad = 0
    for row in rows:
        problem = problem_of(runs[row], runs[f"{row}+tare"])
        trim = runs[f"{row}+tare"].get("trim")
        print(f"{row}+tare: {problem or 'tokens equal'}; {trim}")
        bad += bool(problem)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
