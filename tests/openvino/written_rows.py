"""Compares written rows of a tensor, which the hook copies one by one, with NumPy.

usage: tare run --no-lean -- python written_rows.py
"""

import collections
import random
import unittest

import numpy
import openvino
from openvino import opset13 as ops

from trim_contract import reported

SHAPE = (1, 6, 2, 5, 3)


def ints(*values):
    return ops.constant(numpy.array(values, numpy.int64))


def copied_rows():
    """The number of rows copied so far."""
    return sum(event["count"] for event in reported("rows"))


class Taken:
    """A row of a tensor: the nodes that take it, and its NumPy values."""

    def __init__(self, node, array):
        self.node, self.array = node, array

    def gather(self, axis, index, keep=True, written_axis=None):
        indices = ints(index) if keep else ops.constant(numpy.int64(index))
        axis_node = ops.constant(numpy.int64(axis if written_axis is None else written_axis))
        node = ops.gather(self.node, indices, axis_node)
        return Taken(node, numpy.take(self.array, [index] if keep else index, axis))

    def squeeze(self, axis):
        return Taken(ops.squeeze(self.node, ints(axis)), numpy.squeeze(self.array, axis))

    def written(self, kind, number):
        """The row with `number` in its first place, set by one of OpenVINO's scatters."""
        array = self.array.copy()
        if kind == "nd":
            array[0] = number
            updates = numpy.full((1, *array.shape[1:]), number, numpy.float32)
            node = ops.scatter_nd_update(self.node, ints([0]), ops.constant(updates))
        elif kind == "update":
            array[0] = number
            updates = numpy.full((1, *array.shape[1:]), number, numpy.float32)
            node = ops.scatter_update(self.node, ints(0), ops.constant(updates), ints(0))
        else:
            array[(0,) * array.ndim] = number
            ones = (1,) * array.ndim
            node = ops.scatter_elements_update(
                self.node, ops.constant(numpy.zeros(ones, numpy.int64)),
                ops.constant(numpy.full(ones, number, numpy.float32)), ints(0))
        return Taken(node, array)


def keys_and_values(whole):
    """Takes each layer's keys and values and writes a token to each, as KerasHub does."""
    for layer in range(SHAPE[1]):
        of_layer = whole.gather(1, layer).squeeze(1)
        for i in range(2):
            yield of_layer.gather(1, i).squeeze(1).written("nd", 10 * layer + i)


def whole(source=lambda parameter: parameter):
    parameter = ops.parameter(SHAPE, numpy.float32)
    array = numpy.random.default_rng(0).standard_normal(SHAPE).astype(numpy.float32)
    return parameter, Taken(source(parameter), array)


class WrittenRows(unittest.TestCase):
    def compile(self, outputs, parameters, copied):
        before = copied_rows()
        model = openvino.Model([ops.result(output) for output in outputs], parameters)
        compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
        self.assertEqual(copied_rows() - before, copied)
        return compiled

    def check(self, taken, parameter, array, copied):
        compiled = self.compile([each.node for each in taken], [parameter], copied)
        for _ in range(2):  # the first run must not write to what the second reads
            got = compiled([array]).to_tuple()
            for output, each in zip(got, taken, strict=True):
                numpy.testing.assert_array_equal(output, each.array)
        return compiled

    def test_a_cache_is_copied_row_by_row(self):
        for source in (lambda x: x, ops.relu):
            parameter, cache = whole(source)
            array = cache.array
            if source is ops.relu:
                cache.array = numpy.maximum(array, 0)
            taken = [*keys_and_values(cache), Taken(ops.abs(cache.node), numpy.abs(cache.array))]
            compiled = self.check(taken, parameter, array, 12)
            kinds = collections.Counter(node.get_rt_info()["layerType"].astype(str)
                                        for node in compiled.get_runtime_model().get_ops())
            self.assertEqual(kinds["ScatterNDUpdate"], 12)
            self.assertEqual(kinds["Reorder"], 0)  # copies of the whole tensor

    def test_random_rows(self):
        generator = random.Random(5)
        for i in range(60):
            parameter, row = whole()
            array = row.array
            with self.subTest(i):
                steps = 0
                while steps < 3 and row.array.ndim > 2 and row.array.size > 3 and generator.random() < 0.9:
                    ones = next(k for k, length in enumerate(row.array.shape) if length > 1)
                    if ones > 0 and generator.random() < 0.4:
                        row = row.squeeze(generator.randrange(ones))
                        continue
                    axis = generator.randrange(ones + 1)
                    steps += row.array.shape[axis] > 1
                    row = row.gather(axis, generator.randrange(row.array.shape[axis]),
                                     keep=generator.random() < 0.5,
                                     written_axis=axis - generator.choice([0, row.array.ndim]))
                written = row.written(generator.choice(["nd", "update", "elements"]), 7)
                others = Taken(ops.abs(parameter), numpy.abs(array))
                self.check([written, others], parameter, array, 1 if steps > 0 else 0)

    def test_in_a_loop(self):
        parameter, cache = whole()
        inner, _ = whole()
        taken = list(keys_and_values(Taken(inner, cache.array)))
        ones = ops.constant(numpy.float32(1))
        body = openvino.Model(
            [ops.result(ops.constant(True)), ops.result(ops.add(inner, ones)),
             *(ops.result(each.node) for each in taken)], [inner])
        loop = ops.loop(ints(2), ops.constant(True))
        loop.set_function(body)
        loop.set_special_body_ports([-1, 0])
        loop.set_merged_input(inner, parameter.output(0), body.results[1].output(0))
        outputs = [loop.get_iter_value(result.output(0), -1) for result in body.results[1:]]
        compiled = self.compile(outputs, [parameter], 12)
        got = compiled([cache.array]).to_tuple()
        numpy.testing.assert_array_equal(got[0], cache.array + 1 + 1)
        # The second round's rows belong to the first round's cache, which no round wrote to.
        later = keys_and_values(Taken(inner, cache.array + numpy.float32(1)))
        for output, each in zip(got[1:], later, strict=True):
            numpy.testing.assert_array_equal(output, each.array)

    def test_rows_that_need_no_copy_or_are_none_are_left(self):
        parameter, cache = whole()
        array = cache.array
        plain = cache.gather(1, 2).squeeze(1)
        negative = Taken(ops.gather(parameter, ints(-1), ints(1)), array[:, -1:])
        apart = cache.gather(3, 2)  # its bytes are not contiguous
        several = Taken(ops.gather(parameter, ints(2, 3), ints(1)), array[:, 2:4])
        self.check([Taken(ops.abs(plain.node), numpy.abs(plain.array)), negative.written("nd", 1),
                    apart.written("nd", 2), several.written("nd", 3)], parameter, array, 0)
        # This row's tensor has no other reader.
        parameter, cache = whole(lambda x: ops.add(x, ops.constant(numpy.float32(1))))
        array, cache.array = cache.array, cache.array + numpy.float32(1)
        self.check([cache.gather(1, 2).squeeze(1).written("nd", 1)], parameter, array, 0)

    def test_unknown_lengths(self):
        parameter = ops.parameter([1, 6, -1, 3], numpy.float32)
        array = numpy.random.default_rng(1).standard_normal((1, 6, 4, 3)).astype(numpy.float32)
        cache = Taken(parameter, array)
        rows = [cache.gather(1, i).squeeze(1).gather(0, 0).squeeze(0).written("nd", i)
                for i in range(6)]
        self.check(rows, parameter, array, 6)
        batch = ops.parameter([-1, 6, 4, 3], numpy.float32)  # rows that may not be contiguous
        rows = [Taken(batch, array).gather(1, i).squeeze(1).written("nd", i) for i in range(6)]
        self.check(rows, batch, array, 0)


if __name__ == "__main__":
    unittest.main()
