"""Token ids of twenty prompts, and the continuations of two small models.

A near-tie may fall either way on an instruction set that sums in another order. So each recorded token leads the next
best by at least SURE_NATS, far more than the instruction sets differ (docs/numerics.md).
"""

import json

import guard
from prompts import PROMPTS

NEW_TOKENS = 16
SURE_NATS = 0.003


def least_lead(entries):
    """The smallest lead of a chosen token's log-probability over the next best one."""
    return min(entry["likeliest"][0]["log_probability"] - entry["likeliest"][1]["log_probability"]
               for entry in entries)


def tokens_of(g, model):
    """{prompt: its ids, its ids with special tokens parsed, its continuation}"""
    lines = "".join(json.dumps(text) + "\n" for text in PROMPTS.values()).encode()
    plain, special = (
        [json.loads(line) for line in g.run("tokenize", "-m", model, "--jsonl", *flags, stdin=lines).splitlines()]
        for flags in ((), ("--special", "--bos")))
    found = {}
    for (name, text), ids, special_ids in zip(PROMPTS.items(), plain, special):
        back = g.run("tokenize", "-m", model, "--decode", json.dumps(ids)).decode()
        made = g.json("generate", "-m", model, "-n", NEW_TOKENS, "--ignore-eos", "--json", "--logprobs", 2, "-f", "-",
                      stdin=text.encode())
        found[name] = {
            "ids": ids,
            "special_ids": special_ids,
            "decodes_to_the_text": back == text,
            "prompt_ids": made["prompt_ids"],
            "greedy": made["ids"],
            "least_lead_nats": least_lead(made["log_probabilities"]),
        }
    return found


def observe(g):
    return {family: tokens_of(g, family) for family in g.presets()}


def without_ties(found):
    """The values to record, without near-ties."""
    for model, prompts in found.items():
        for name, entry in prompts.items():
            if entry["least_lead_nats"] < SURE_NATS:
                raise SystemExit(f"{model}, \"{name}\": a token leads by {entry['least_lead_nats']:.2g} nats, expected "
                                 f"{SURE_NATS} at least; choose another text in prompts.py")
            del entry["least_lead_nats"]
    return found


def record(g):
    return without_ties(observe(g))


class TokensTest(guard.GuardTest):
    theme = "tokens"
    observe = staticmethod(observe)

    def test_texts_become_the_same_tokens_and_are_continued_by_the_same(self):
        self.assertEqual(sorted(self.observed), sorted(self.expected))
        for model, expected in self.expected.items():
            for entry in self.observed[model].values():
                del entry["least_lead_nats"]
            with self.subTest(model):
                self.expect_same(self.observed[model], expected)


if __name__ == "__main__":
    guard.main()
