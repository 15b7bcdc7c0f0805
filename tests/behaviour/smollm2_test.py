"""The tokens of tokens_test.py from a real model, SmolLM2 in Q4_1, in the file TARE_TEST_MODEL."""

import os
import unittest

import guard
import tokens_test

MODEL = os.environ.get("TARE_TEST_MODEL")


def observe(g):
    return {"smollm2": tokens_test.tokens_of(g, os.path.abspath(MODEL))}


def record(g):
    return tokens_test.without_ties(observe(g))


@unittest.skipUnless(MODEL, "TARE_TEST_MODEL names no model (scripts/get_model.sh)")
class SmolLm2Test(tokens_test.TokensTest):
    theme = "smollm2"
    observe = staticmethod(observe)

if __name__ == "__main__":
    guard.main()
