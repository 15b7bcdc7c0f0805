"""Greedy tokens of two presets, for Tare's own engine and for Keras on OpenVINO.

golden/keras_tokens.json holds shapes, prompts and their continuations. This test compares Tare's engine with them;
tests/openvino/keras_tokens.py compares Keras, unmodified and under `tare run`, on every OpenVINO. Each token leads by
SURE, far more than OpenVINO versions differ in f32.
"""

import os
import struct

import guard

SEED = "3"
SHAPES = {
    "gpt2": "gpt2:layers=2,heads=4,width=64,vocabulary=4999,context=48",
    "llama3": "llama3:layers=2,heads=6,kv_heads=2,width=96,inner=150,vocabulary=4999,context=48",
}
VOCABULARY = 4999
PROMPT_TOKENS = (1, 2, 29)  # the prompt yields the first new token, a loop the others
LENGTH = 40  # of a prompt and its continuation
SURE = 0.003


def prompt(length):
    return [(length * 584 + 331 * position * position) % VOCABULARY for position in range(length)]


def logits_program(g, model, ids, *arguments):
    return g.run("-m", model, "--ids", ",".join(map(str, ids)), *arguments,
                 program=os.path.abspath(os.environ["TARE_LOGITS"]))


def greedy(g, model, ids):
    return ids + [int(word) for word in logits_program(g, model, ids, "--greedy", LENGTH - len(ids)).split()]


def least_lead(g, model, tokens, prompt_tokens):
    """The smallest lead of a chosen token's logit over the next best one."""
    logits_program(g, model, tokens, "--out", "logits")
    data = (g.folder / "logits").read_bytes()
    row = struct.Struct(f"<{VOCABULARY}f")
    leads = []
    for position in range(prompt_tokens - 1, LENGTH - 1):
        best, second = sorted(row.unpack_from(data, position * row.size))[:-3:-1]
        leads.append(best - second)
    return min(leads)


def observe(g):
    found = {}
    for family, shape in SHAPES.items():
        g.run("synth", shape, family, "--seed", SEED)
        found[family] = {
            "shape": shape,
            "seed": SEED,
            "prompt_tokens": list(PROMPT_TOKENS),
            "tokens": [greedy(g, family, prompt(length)) for length in PROMPT_TOKENS],
        }
    return found


def record(g):
    found = observe(g)
    for family, entry in found.items():
        for length, tokens in zip(PROMPT_TOKENS, entry["tokens"]):
            lead = least_lead(g, family, tokens, length)
            if lead < SURE:
                raise SystemExit(f"{family}, prompt of {length}: a token leads by {lead:.2g}, expected {SURE} at "
                                 "least; choose another prompt")
    return found


class KerasTokensTest(guard.GuardTest):
    theme = "keras_tokens"
    observe = staticmethod(observe)

    def test_tares_own_engine_chooses_the_recorded_tokens(self):
        self.expect_same(self.observed, self.expected)


if __name__ == "__main__":
    guard.main()
