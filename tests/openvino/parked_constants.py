"""What a program may do with constants that move to disk while the CPU plugin packs them.

usage: tare run -- python parked_constants.py
"""

import gc
import os
import resource
import tempfile
import threading
import unittest

import numpy
import openvino
from openvino import opset13 as ops

from trim_contract import reported

WIDE = 1024  # its square is 4 MiB of f32, large enough to be parked


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

    def reported(self, kind, action):
        """The events of one kind that an action adds to the report, and the action's result."""
        before = len(reported(kind))
        result = action()
        return reported(kind)[before:], result

    def test_constants_are_parked(self):
        events, _ = self.reported("park", lambda: self.compiled(product_with(matrix(1), False)[0]))
        parked = [event["parked_bytes"] for event in events]
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
        model = openvino.Model(outputs, [x, rows], "tied")
        events, compiled = self.reported("transposed", lambda: self.compiled(model))
        self.assertEqual([event["count"] for event in events], [1])
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

    def test_a_cancelled_inference(self):
        weights = matrix(9)
        request = self.compiled(product_with(weights, False)[0]).create_infer_request()
        for _ in range(3):
            request.start_async([self.row])
            request.cancel()
            try:
                request.wait()
            except RuntimeError:
                pass  # cancelled in time
        request.infer([self.row])
        self.assertTrue(numpy.array_equal(request.get_output_tensor().data, self.row @ weights))

    def test_several_models_before_any_inference(self):
        weights = [matrix(seed) for seed in range(20, 24)]
        compiled = [self.compiled(product_with(w, i % 2 == 0)[0]) for i, w in enumerate(weights)]
        for i in (2, 0, 3, 1):
            self.assertTrue(numpy.array_equal(compiled[i](self.row)[0], self.row @ weights[i]))

    def test_freed_constants_are_memory_as_any(self):
        for seed in range(30, 34):
            weights = matrix(seed)
            expected = self.row @ weights
            model, constant = product_with(weights, True)
            compiled = self.compiled(model)
            if seed % 2 == 0:
                compiled(self.row)
            del weights, model, constant
            gc.collect()
            zeros = [numpy.zeros((WIDE, WIDE), numpy.float32) for _ in range(3)]
            self.assertFalse(any(zero.any() for zero in zeros))
            for zero in zeros:
                zero[:] = seed
            self.assertTrue(numpy.array_equal(compiled(self.row)[0], expected))
            self.assertTrue(all((zero == seed).all() for zero in zeros))

    def test_a_child_writes_to_pages_of_its_own(self):
        weights = matrix(40)
        compiled = self.compiled(product_with(weights, True)[0])
        child = os.fork()
        if child == 0:
            right = numpy.array_equal(weights, matrix(40))
            weights[:] = 0
            os._exit(0 if right and not weights.any() else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertTrue(numpy.array_equal(compiled(self.row)[0], self.row @ matrix(40)))
        self.assertTrue(numpy.array_equal(weights, matrix(40)))

    def test_a_private_map_of_a_file_keeps_writes_and_the_file_its_bytes(self):
        with tempfile.NamedTemporaryFile(dir="/var/tmp") as file:
            matrix(41).tofile(file.name)
            weights = numpy.memmap(file.name, numpy.float32, "c", shape=(WIDE, WIDE))
            weights[3] = 5.0  # before compiling: the computation must use it
            expected = self.row @ weights
            events, compiled = self.reported(
                "park", lambda: self.compiled(product_with(weights, True)[0]))
            self.assertEqual([(event["parked_bytes"], event["file_backed_bytes"]) for event in events],
                             [(0, weights.nbytes)])
            weights[7] = 6.0  # on a page that has been dropped
            compiled(self.row)
            after = matrix(41)
            after[3], after[7] = 5.0, 6.0
            self.assertTrue(numpy.array_equal(weights, after))
            again = self.compiled(product_with(weights, True)[0])
            self.assertTrue(numpy.array_equal(again(self.row)[0], self.row @ after))
            self.assertFalse(numpy.array_equal(expected, self.row @ matrix(41)))
            self.assertTrue(
                numpy.array_equal(numpy.fromfile(file.name, numpy.float32), matrix(41).ravel()))

    def test_a_disk_that_is_full_midway(self):
        first, second = matrix(42), matrix(43)
        x = ops.parameter(openvino.PartialShape([-1, WIDE]), numpy.float32)
        product = ops.matmul(ops.matmul(x, ops.constant(first), False, False),
                             ops.constant(second), False, False)
        model = openvino.Model([product], [x], "two")
        old = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (7 << 20, old[1]))
        try:
            events, compiled = self.reported("park", lambda: self.compiled(model))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, old)
        self.assertEqual(len(events), 1)
        self.assertLess(events[0]["parked_bytes"], 2 * first.nbytes - (1 << 20))
        self.assertIn("files may not be larger", events[0]["left_because"])
        self.assertTrue(numpy.array_equal(compiled(self.row)[0], self.row @ first @ second))

    def test_a_scaled_query_is_scaled_after_its_product(self):
        weights = matrix(44)
        x = ops.parameter(openvino.PartialShape([-1, -1, WIDE]), numpy.float32)
        keys = ops.parameter(openvino.PartialShape([-1, 16, 64, -1]), numpy.float32)
        query = ops.reshape(ops.matmul(x, ops.constant(weights), False, False),
                            ops.constant(numpy.array([0, 0, 16, 64])), True)
        scaled = ops.multiply(query, ops.constant(numpy.float32(0.125)))
        moved = ops.transpose(scaled, ops.constant(numpy.array([0, 2, 1, 3])))
        model = openvino.Model([ops.matmul(moved, keys, False, False)], [x, keys], "scores")
        events, compiled = self.reported("scaled", lambda: self.compiled(model))
        self.assertEqual([event["count"] for event in events], [1])
        random = numpy.random.default_rng(45)
        for rows in (5, 1):
            left = random.integers(-4, 5, (2, rows, WIDE)).astype(numpy.float32)
            right = random.integers(-4, 5, (2, 16, 64, 7)).astype(numpy.float32)
            query = (left @ weights).reshape(2, rows, 16, 64).transpose(0, 2, 1, 3)
            self.assertTrue(numpy.array_equal(compiled([left, right])[0], query @ right * 0.125))

    def test_a_model_that_is_refused(self):
        model, constant = product_with(matrix(7), False)
        with self.assertRaises(RuntimeError):
            self.core.compile_model(model, "CPU", {"NO_SUCH_PROPERTY": "1"})
        self.assertTrue(numpy.array_equal(constant.data, matrix(7)))


if __name__ == "__main__":
    unittest.main()
