"""Compares Tare's chat templates with Jinja2 as Transformers sets it up, on random conversations and expressions.

    python tests/oracle/chat_template_oracle.py --jinja build/release/bin/tare_render_jinja --random 1000

Refusals must agree too. Fails if any text differs, and names the templates.
"""

import argparse
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "golden"))

import chat_template_cases  # noqa: E402
import make_jinja  # noqa: E402

PIECES = ["a", "B", " ", "\n", "\t", "é", "😀", "'", '"', "\\", "<|im_end|>", "<think>", "</think>", "{{ x }}", "0", "-",
          "\u00a0", "\u2028", "ß", "Σ", "İ", "\x7f", "<tool_response>", "</tool_response>"]
LITERALS = ["1", "0", "-2", "2.5", "true", "false", "none", "'ab'", "'é😀'", "''", "[1, 2]", "[]", "(1,)", "{'k': 1}", "x", "s",
            "l", "d", "u"]
BINARY = ["+", "-", "*", "//", "/", "%", "~", "==", "!=", "<", ">=", "in", "not in", "and", "or"]
SUFFIXES = ["[0]", "[-1]", "[1:]", "[::-1]", "[:2]", ".k", "['k']", "|length", "|upper", "|trim", "|list", "|string", "|tojson",
            "|join('-')", "|first", "|last", "|int", "|default('z')", "|sort", "|unique|list", "|reverse|list", ".split()",
            ".strip()", ".split('a')", "|capitalize", "|title", "|map('string')|list", " is string", " is defined", " is mapping",
            " is iterable", "|abs", "|float", "|replace('a', 'bb')", ".items()|list", "|dictsort", "|items|list"]


def text(draw):
    return "".join(draw.choice(PIECES) for _ in range(draw.randrange(12)))


def value(draw, depth=0):
    kind = draw.randrange(8 if depth < 3 else 6)
    simple = [None, True, draw.randrange(-9, 99), draw.choice([0.5, 1e16, -2.0, 1e-7, 3.25]), text(draw), text(draw)]
    if kind < 6:
        return simple[kind]
    if kind == 6:
        return [value(draw, depth + 1) for _ in range(draw.randrange(4))]
    return {text(draw): value(draw, depth + 1) for _ in range(draw.randrange(4))}


def message(draw):
    role = draw.choice(["user", "assistant", "system", "tool"])
    made = {"role": role, "content": text(draw)}
    if role == "assistant" and draw.random() < 0.3:
        call = {"name": "f", "arguments": {text(draw): value(draw)}}
        made["tool_calls"] = [{"type": "function", "id": "123456789", "function": call}]
    if role == "tool":
        made |= {"name": "f", "tool_call_id": "123456789"}
    return made


def conversation(draw):
    made = {"messages": [message(draw) for _ in range(draw.randrange(1, 7))], "tools": None, "documents": None,
            "add_generation_prompt": draw.random() < 0.5, "bos_token": "<s>", "eos_token": "</s>"}
    if draw.random() < 0.4:
        made["tools"] = chat_template_cases.TOOLS
    if draw.random() < 0.3:
        made["enable_thinking"] = draw.random() < 0.5
    return made


def expression(draw, depth=0):
    if depth == 3 or draw.random() < 0.3:
        return draw.choice(LITERALS)
    if draw.random() < 0.5:
        return f"({expression(draw, depth + 1)} {draw.choice(BINARY)} {expression(draw, depth + 1)})"
    return f"({expression(draw, depth + 1)}){draw.choice(SUFFIXES)}"


def cases(draw, count):
    names = {"x": 7, "s": " aXa b", "l": ["b", "a", 3], "d": {"k": "v", "a": [1]}}
    # Dates depend on the clock.
    templates = [t for t in chat_template_cases.TEMPLATES.values() if "strftime_now" not in t]
    for _ in range(count):
        yield draw.choice(templates), conversation(draw)
        yield "{{ " + expression(draw) + " }}", names
        yield "{{ v }}{{ v|tojson }}{{ v|tojson(indent=2) }}{{ v|string|upper|lower|title }}", {"v": value(draw)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jinja", required=True, help="the program tare_render_jinja")
    parser.add_argument("--random", type=int, default=300, help="random cases of each kind (default: 300)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    listed = list(cases(random.Random(args.seed), args.random))
    lines = "".join(json.dumps({"template": t, "variables": v}) + "\n" for t, v in listed)
    run = subprocess.run([args.jinja], input=lines, capture_output=True, text=True, check=True)
    wrong = refused = 0
    for (template, variables), line in zip(listed, run.stdout.rstrip("\n").split("\n"), strict=True):
        got, expected = json.loads(line), make_jinja.render(template, variables)
        refused += expected is None
        if got.get("text") == expected:
            continue
        # Python prints an address; Tare says what it cannot do.
        if expected is not None and (" at 0x" in expected or "not supported" in got.get("error", "")):
            continue
        wrong += 1
        print(f"differs: {template[:200]!r} {json.dumps(variables)[:500]}\n  expected {expected!r}\n  got {got}")
    print(f"{len(listed)} cases, {refused} refused by the reference, {wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
