"""Compares attention in OpenVINO models, fused by the hook to ScaledDotProductAttention, with NumPy.

usage: tare run --sdpa -- python attention_models.py
"""

import os
import random
import unittest

import numpy
import openvino
from openvino import opset13 as ops

from trim_contract import VARIABLES, reported

SDPA = VARIABLES["kSdpaVariable"]
LENGTHS = {"b": 2, "h": 3, "t": 5, "s": 7, "d": 4, "v": 6}


def number(value):
    return ops.constant(numpy.float32(value))


def fused_and_left():
    """The numbers of fused and unchanged attentions so far."""
    events = reported("attention")
    left = sum(event["count"] for event in events if event["left_because"])
    return sum(event["count"] for event in events) - left, left


class Case:
    """An attention of tensors with any order of axes."""

    def __init__(self, query="bthd", key="bshd", value="bshv", scores="bhts", output="bthv",
                 dynamic=False, lengths=None):
        self.terms = {"query": query, "key": key, "value": value}
        self.scores, self.output = scores, output
        lengths = {**LENGTHS, **(lengths or {})}
        generator = numpy.random.default_rng(3)
        self.arrays, self.parameters = {}, {}
        for name, term in self.terms.items():
            shape = [lengths[label] for label in term]
            self.arrays[name] = generator.standard_normal(shape).astype(numpy.float32)
            self.parameter(name, dynamic)

    def parameter(self, name, dynamic):
        array = self.arrays[name]
        shape = [-1] * array.ndim if dynamic else array.shape
        self.parameters[name] = ops.parameter(openvino.PartialShape(shape), array.dtype)

    def mask(self, kept, dynamic=False):
        self.arrays["mask"] = kept
        self.parameter("mask", dynamic)
        return self.parameters["mask"]

    def product(self):
        p = self.parameters
        return ops.einsum([p["key"], p["query"]],
                          f"{self.terms['key']},{self.terms['query']}->{self.scores}")

    def weighted(self, probabilities):
        return ops.einsum([probabilities, self.parameters["value"]],
                          f"{self.scores},{self.terms['value']}->{self.output}")

    def run(self, output, more=()):
        model = openvino.Model([output, *more], list(self.parameters.values()), "attention")
        compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        return compiled(list(self.arrays.values()))[0]

    def expected(self, scale=1.0, kept=None, added=None, zeroed=False):
        a = {name: array.astype(numpy.float64) for name, array in self.arrays.items()}
        scores = scale * numpy.einsum(f"{self.terms['query']},{self.terms['key']}->{self.scores}",
                                      a["query"], a["key"])
        if kept is not None:
            scores = numpy.where(kept, scores, -1e9)
        if added is not None:
            scores = scores + added
        axis = self.scores.index("s")
        shares = numpy.exp(scores - scores.max(axis, keepdims=True))
        shares /= shares.sum(axis, keepdims=True)
        if zeroed:
            shares = numpy.where(kept, shares, 0)
        return numpy.einsum(f"{self.scores},{self.terms['value']}->{self.output}", shares,
                            a["value"])


class Checks(unittest.TestCase):
    def check(self, case, output, expected, fused=1, more=()):
        before = fused_and_left()
        got = case.run(output, more)
        after = fused_and_left()
        self.assertEqual((after[0] - before[0], after[1] - before[1]), (fused, 1 - fused))
        self.assertEqual(got.shape, expected.shape)
        # Error of sums of a few products of normal numbers in f32.
        self.assertLess(numpy.max(numpy.abs(got - expected)), 1e-5)

    def kept(self, *shape):
        kept = numpy.random.default_rng(5).random(shape) < 0.5
        kept[..., 0] = True
        kept[:, :, 2 % shape[2]] = False  # a token that attends to nothing
        return kept


class Attention(Checks):
    def test_any_order_of_labels(self):
        generator = random.Random(11)

        def shuffled(term):
            return "".join(generator.sample(term, len(term)))

        for i in range(40):
            case = Case(*(shuffled(term) for term in ("bthd", "bshd", "bshv", "bhts", "bthv")),
                        dynamic=i % 2 == 1)
            softmax = ops.softmax(case.product(), case.scores.index("s"))
            with self.subTest(case.terms):
                self.check(case, case.weighted(softmax), case.expected())

    def test_masks_as_keras_writes_them(self):
        for shape in ((2, 1, 5, 7), (1, 1, 5, 7), (2, 3, 5, 7), (2, 1, 1, 7)):
            for zeroed in (False, True):
                with self.subTest(shape=shape, zeroed=zeroed):
                    kept = self.kept(*shape)
                    case = Case()
                    mask = case.mask(kept)
                    scores = ops.multiply(case.product(), number(0.5))
                    shares = ops.softmax(ops.select(mask, scores, number(-1e9)), 3)
                    if zeroed:
                        shares = ops.select(mask, shares, number(0))
                    self.check(case, case.weighted(shares),
                               case.expected(0.5, kept=kept, zeroed=zeroed))

    def test_masks_that_are_added(self):
        for zeroed in (False, True):
            with self.subTest(zeroed=zeroed):
                kept = self.kept(2, 1, 5, 7)
                case = Case()
                mask = ops.convert(case.mask(kept), "f32")
                adder = ops.multiply(ops.subtract(number(1), mask), number(-1e9))
                shares = ops.softmax(ops.add(ops.divide(case.product(), number(4)), adder), 3)
                if zeroed:
                    shares = ops.multiply(shares, mask)
                if zeroed:
                    expected = case.expected(0.25, kept=kept, zeroed=True)
                else:  # f32 rounding decides a row with only -1e9; avoid such rows
                    case.arrays["mask"] = kept = kept | (numpy.arange(5)[:, None] == 2)
                    expected = case.expected(0.25, added=numpy.where(kept, 0, -1e9))
                self.check(case, case.weighted(shares), expected)

    def test_products_that_are_matmuls(self):
        case = Case("bhtd", "bhsd", "bhsv", "bhts", "bhtv", dynamic=True)
        p = case.parameters
        shares = ops.softmax(ops.matmul(p["query"], p["key"], False, True), 3)
        self.check(case, ops.matmul(shares, p["value"], False, False), case.expected())

    def test_a_batch_that_is_stretched(self):
        case = Case("bhtd", "bhsd", "bhsv", "bhts", "bhtv", dynamic=True)
        case.arrays["key"], case.arrays["value"] = (case.arrays[name][:1] for name in
                                                    ("key", "value"))
        p = case.parameters
        shares = ops.softmax(ops.matmul(p["query"], p["key"], False, True), 3)
        expected = case.expected()
        self.check(case, ops.matmul(shares, p["value"], False, False), expected)

    def test_a_mask_that_may_be_larger_is_left(self):
        case = Case(dynamic=True, lengths={"t": 1})
        mask = case.mask(self.kept(2, 1, 5, 7), dynamic=True)
        shares = ops.softmax(ops.select(mask, case.product(), number(-1e9)), 3)
        expected = case.expected(kept=case.arrays["mask"])
        self.check(case, case.weighted(shares), expected, fused=0)

    def test_scores_that_are_read_elsewhere_are_left(self):
        case = Case()
        scores = case.product()
        self.check(case, case.weighted(ops.softmax(scores, 3)), case.expected(), fused=0,
                   more=(scores,))

    def test_a_softmax_over_other_axes_is_left(self):
        case = Case()
        scores = case.product()
        weighted = case.weighted(ops.softmax(scores, 2))
        plain = numpy.einsum("bthd,bshd->bhts", case.arrays["query"], case.arrays["key"])
        shares = numpy.exp(plain) / numpy.exp(plain).sum(2, keepdims=True)
        self.check(case, weighted, numpy.einsum("bhts,bshv->bthv", shares, case.arrays["value"]),
                   fused=0)

    def test_a_weak_mask_is_left(self):
        case = Case()
        mask = case.mask(self.kept(2, 1, 5, 7))
        shares = ops.softmax(ops.select(mask, case.product(), number(-1.0)), 3)
        a = case.arrays
        plain = numpy.einsum("bthd,bshd->bhts", a["query"], a["key"])
        powers = numpy.exp(numpy.where(a["mask"], plain, -1))
        shares_expected = powers / powers.sum(3, keepdims=True)
        self.check(case, case.weighted(shares),
                   numpy.einsum("bhts,bshv->bthv", shares_expected, a["value"]), fused=0)


class WhatGains(Checks):
    """Without --sdpa, fuses only where that saves time and costs no memory, which holds for long scores only."""

    LONG = {"h": 8, "t": 300, "s": 301}

    def setUp(self):
        self.choice = os.environ.get(SDPA, "")
        os.environ[SDPA] = ""

    def tearDown(self):
        os.environ[SDPA] = self.choice

    def scaled(self, case):
        """Scales the queries before the product, as Keras does."""
        query = ops.multiply(case.parameters["query"], number(0.5))
        return ops.einsum([case.parameters["key"], query],
                          f"{case.terms['key']},{case.terms['query']}->{case.scores}")

    def test_long_scores_are_fused(self):
        for batch in (2, -1):
            with self.subTest(batch=batch):
                case = Case(lengths=self.LONG)
                for name, term in case.terms.items():
                    shape = [batch, *case.arrays[name].shape[1:]]
                    case.parameters[name] = ops.parameter(openvino.PartialShape(shape), numpy.float32)
                kept = self.kept(1, 1, 300, 301)
                mask = case.mask(kept)
                shares = ops.softmax(ops.select(mask, self.scaled(case), number(-1e9)), 3)
                shares = ops.select(mask, shares, number(0))
                self.check(case, case.weighted(shares), case.expected(0.5, kept=kept, zeroed=True))

    def test_others_are_left(self):
        short, unknown = Case(), Case(dynamic=True, lengths=self.LONG)
        for case in (short, unknown):
            weighted = case.weighted(ops.softmax(self.scaled(case), 3))
            self.check(case, weighted, case.expected(0.5), fused=0)
        case = Case("bhtd", "bhsd", "bhsv", "bhts", "bhtv", lengths=self.LONG)
        p = case.parameters
        shares = ops.softmax(ops.matmul(p["query"], p["key"], False, True), 3)
        self.check(case, ops.matmul(shares, p["value"], False, False), case.expected(), fused=0)


if __name__ == "__main__":
    unittest.main()
