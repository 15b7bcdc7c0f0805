"""What a program may do with constants that are parked while the CPU plugin packs them.

usage: tare run -- python parked_constants.py
"""

import gc
import os
import threading
import unittest

import numpy
import openvino
from openvino import opset13 as ops

WIDE = 1024  # a square of it is 4 MiB of f32: large enough to be parked


def matrix(seed):
    return numpy.random.default_rng(seed).integers(-4, 5, (WIDE, WIDE)).astype(numpy.float32)


def product_with(weights, shared):
    x = ops.parameter(openvino.PartialShape([-1, WIDE]), numpy.float32)
    constant = ops.constant(weights, shared_memory=shared)
    return openvino.Model([ops.matmul(x, constant, False, False)], [x], "product"), constant


class ParkedConstants(unittest.TestCase):
    def setUp(self):
        self.core = openvino.Core()
        self.row = numpy.arange(WIDE, dtype=numpy.float32).reshape(1, WIDE) % 7

    def compiled(self, model):
        return self.core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})

    def test_constants_are_parked(self):
        with open(os.environ["TARE_OPENVINO_REPORT"], encoding="utf-8") as report:
            before = len(report.readlines())
            self.compiled(product_with(matrix(1), False)[0])
            report.seek(0)
            lines = [line.split("\t") for line in report.readlines()[before:]]
        parked = [int(line[2]) for line in lines if line[0] == "park"]
        self.assertEqual(len(parked), 1)
        self.assertGreater(parked[0], WIDE * WIDE * 4 - 2 * 65536)

    def test_results_and_constants_are_as_before(self):
        weights = matrix(2)
        model, constant = product_with(weights, False)
        compiled = self.compiled(model)
        for _ in range(3):
            self.assertTrue(numpy.array_equal(compiled(self.row)[0], self.row @ weights))
        self.assertTrue(numpy.array_equal(constant.data, weights))

    def test_a_write_after_compiling_is_kept(self):
        weights = matrix(3)
        compiled = self.compiled(product_with(weights, True)[0])
        weights[5] = 77.0
        compiled(self.row)
        weights[6] = 78.0
        expected = matrix(3)
        expected[5], expected[6] = 77.0, 78.0
        self.assertTrue(numpy.array_equal(weights, expected))

    def test_a_model_and_its_array_may_go_before_the_first_inference(self):
        weights = matrix(4)
        expected = self.row @ weights
        compiled = self.compiled(product_with(weights, True)[0])
        del weights
        gc.collect()
        others = [numpy.full((WIDE, WIDE), i, numpy.float32) for i in range(4)]
        self.assertTrue(numpy.array_equal(compiled(self.row)[0], expected))
        self.assertTrue(all((other == i).all() for i, other in enumerate(others)))

    def test_a_tied_matrix_is_read_as_it_lies(self):
        weights = matrix(8)[:WIDE // 2]
        x = ops.parameter(openvino.PartialShape([-1, WIDE]), numpy.float32)
        rows = ops.parameter(openvino.PartialShape([-1]), numpy.int32)
        table = ops.constant(weights)
        tied = ops.transpose(table, ops.constant(numpy.array([1, 0])))
        outputs = [ops.matmul(x, tied, False, False),
                   ops.gather(table, rows, ops.constant(numpy.int32(0)))]
        with open(os.environ["TARE_OPENVINO_REPORT"], encoding="utf-8") as report:
            before = len(report.readlines())
            compiled = self.compiled(openvino.Model(outputs, [x, rows], "tied"))
            report.seek(0)
            lines = [line.split("\t") for line in report.readlines()[before:]]
        self.assertEqual([int(line[2]) for line in lines if line[0] == "transposed"], [1])
        found = compiled([self.row, numpy.array([3, 5], numpy.int32)])
        self.assertTrue(numpy.array_equal(found[0], self.row @ weights.T))
        self.assertTrue(numpy.array_equal(found[1], weights[[3, 5]]))

    def test_compiling_again(self):
        weights = matrix(5)
        model, _ = product_with(weights, False)
        for _ in range(3):
            self.assertTrue(
                numpy.array_equal(self.compiled(model)(self.row)[0], self.row @ weights))

    def test_several_models_in_threads(self):
        wrong = []

        def work(seed):
            weights = matrix(seed)
            compiled = self.compiled(product_with(weights, seed % 2 == 0)[0])
            for _ in range(3):
                if not numpy.array_equal(compiled(self.row)[0], self.row @ weights):
                    wrong.append(seed)

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(10, 14)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_an_asynchronous_inference(self):
        weights = matrix(6)
        request = self.compiled(product_with(weights, False)[0]).create_infer_request()
        for _ in range(2):
            request.start_async([self.row])
            request.wait()
            self.assertTrue(
                numpy.array_equal(request.get_output_tensor().data, self.row @ weights))

    def test_a_model_that_is_refused(self):
        model, constant = product_with(matrix(7), False)
        with self.assertRaises(RuntimeError):
            self.core.compile_model(model, "CPU", {"NO_SUCH_PROPERTY": "1"})
        self.assertTrue(numpy.array_equal(constant.data, matrix(7)))


if __name__ == "__main__":
    unittest.main()
