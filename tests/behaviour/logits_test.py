"""Logits of small models, stored in every type, run all at once and token by token.

Records every 29th logit over all positions; 29 divides no vocabulary. The tolerance is measured, as in
tests/oracle/comparison.py. While recording, E is the largest difference between the machine's instruction sets, and
between a prompt run at once and token by token. A logit may differ from its recorded value by 4 E.
"""

import os
import struct

import guard

STRIDE = 29
ALLOWANCE = 4
TOKENS = 12
VOCABULARY = {"gpt2": 997, "llama3": 991}
# Presets written by KerasHub, with their vocabularies. Blocks of 32 do not divide their widths.
KERAS = {"gpt2": 263, "llama3": 267}
KERAS_PRESETS = guard.GOLDEN.parent.parent / "golden/keras_logits"
TYPES = ("f32", "f16", "bf16", "q8_0", "q4_0", "q4_1")
WAYS = {"at once": (), "step by step": ("--step",), "without passes": ("--passes", "none")}


def ids(vocabulary):
    """Tokens spread over the vocabulary, fixed like the weights."""
    return [(17 + 331 * position) % vocabulary for position in range(TOKENS)]


def logits(g, model, vocabulary, flags, isa=None):
    """Every 29th logit over all positions, in order."""
    g.run("-m", model, "--ids", ",".join(map(str, ids(vocabulary))), "--out", "logits", *flags,
          program=os.path.abspath(os.environ["TARE_LOGITS"]), environment={"TARE_CPU_ISA": isa} if isa else None)
    data = (g.folder / "logits").read_bytes()
    values = struct.unpack(f"<{len(data) // 4}f", data)
    if len(values) != TOKENS * vocabulary:
        raise AssertionError(f"{model}: {len(values)} logits, expected {TOKENS} x {vocabulary}")
    return list(values[::STRIDE])


def models(g):
    """Yields (name, model, vocabulary): each family as presets and as GGUF of every type."""
    for family, vocabulary in KERAS.items():
        yield f"{family} by KerasHub", KERAS_PRESETS / family / "preset", vocabulary
    for family in g.presets():
        yield family, family, VOCABULARY[family]
        for dtype in TYPES:
            out = f"{family}-{dtype}.gguf"
            g.run("convert", family, out, "--type", dtype)
            yield f"{family} {dtype}", out, VOCABULARY[family]


def observe(g):
    return {name: {way: logits(g, model, vocabulary, flags) for way, flags in WAYS.items()}
            for name, model, vocabulary in models(g)}


def largest_difference(a, b):
    if len(a) != len(b):
        return float("inf")
    differences = [abs(x - y) for x, y in zip(a, b)]
    return float("inf") if any(d != d for d in differences) else max(differences)


def record(g):
    found = {}
    isas = g.isas()
    for name, model, vocabulary in models(g):
        kept = logits(g, model, vocabulary, ())
        others = [logits(g, model, vocabulary, flags, isa) for flags in WAYS.values() for isa in isas]
        found[name] = {
            "tolerance": ALLOWANCE * max(largest_difference(kept, other) for other in others),
            "logits": [float(f"{value:.8g}") for value in kept],
        }
    return found


class LogitsTest(guard.GuardTest):
    theme = "logits"
    observe = staticmethod(observe)

    def test_logits_are_those_recorded(self):
        self.assertEqual(sorted(self.observed), sorted(self.expected))
        for name, entry in self.expected.items():
            for way, values in self.observed[name].items():
                with self.subTest(model=name, way=way):
                    off = largest_difference(values, entry["logits"])
                    self.assertTrue(off <= entry["tolerance"], f"off by {off}, tolerance {entry['tolerance']}")

    def test_a_nan_and_a_missing_logit_are_differences(self):
        for broken in ([1.0, float("nan")], [1.0]):
            self.assertFalse(largest_difference([1.0, 2.0], broken) <= 1e9)


if __name__ == "__main__":
    guard.main()
