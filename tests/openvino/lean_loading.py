"""Tests lean loading on this interpreter's Keras, under `tare run` or with tare_lean imported.

usage: KERAS_BACKEND=... python lean_loading.py     (python/tare_lean/site in PYTHONPATH)
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

from trim_contract import VARIABLES, reported

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
os.environ["KERAS_TORCH_DEVICE"] = "cpu"
REPORT = tempfile.NamedTemporaryFile("w+")
os.environ[VARIABLES["kLeanReportVariable"]] = REPORT.name

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy  # noqa: E402

import tare_lean  # noqa: E402
from tare_lean import report  # noqa: E402

WIDTH = 256  # 256 KiB per kernel
BACKEND = keras.backend.backend()


def model(units=WIDTH):
    inner = [keras.layers.Dense(units, name=f"dense_{i}") for i in range(2)]
    return keras.Sequential([keras.Input((WIDTH,)), *inner])


def values_of(variable):
    return numpy.array(keras.ops.convert_to_numpy(variable))


def values(of):
    return [values_of(variable) for variable in of.variables]


def counted():
    """Bytes shared, copied and left untouched since the last call."""
    report.flush()
    events = reported("lean", "kLeanReportVariable")
    REPORT.truncate(0)
    return [sum(event[f"{what}_bytes"] for event in events)
            for what in ("shared", "copied", "untouched")]


class LeanLoading(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = pathlib.Path(self.folder.name) / "model.weights.h5"
        self.saved = model()
        self.saved.save_weights(self.path)
        self.expected = values(self.saved)
        self.bytes_before = self.path.read_bytes()
        counted()

    def tearDown(self):
        self.folder.cleanup()

    def load(self, path=None):
        with tare_lean.loading():
            loaded = model()
            loaded.load_weights(path or self.path)
        return loaded

    def assert_values(self, of, expected=None):
        for got, wanted in zip(values(of), expected or self.expected, strict=True):
            numpy.testing.assert_array_equal(got, wanted)

    def test_values_are_the_files(self):
        loaded = self.load()
        shared, copied, untouched = counted()
        kernels = 2 * WIDTH * WIDTH * 4
        self.assertEqual(shared + copied, kernels)
        self.assertEqual(untouched, kernels)
        if BACKEND in ("openvino", "torch"):
            self.assertEqual(copied, 0)
        self.assert_values(loaded)

    def test_a_write_after_the_load_stays_out_of_the_file(self):
        loaded = self.load()
        kernel = loaded.layers[0].kernel
        kernel.assign(numpy.full(kernel.shape, 3, "float32"))
        if BACKEND == "torch":
            loaded.layers[1].kernel.value.data.mul_(2)
            numpy.testing.assert_array_equal(values(loaded)[2], self.expected[2] * 2)
        self.assertTrue((values(loaded)[0] == 3).all())
        self.assertEqual(self.path.read_bytes(), self.bytes_before)
        self.assert_values(self.load())

    @unittest.skipIf(BACKEND == "openvino", "Keras cannot train on OpenVINO")
    def test_training_changes_the_variables_alone(self):
        loaded = self.load()
        loaded.compile("sgd", "mse")
        loaded.fit(numpy.ones((4, WIDTH)), numpy.zeros((4, WIDTH)), verbose=0)
        self.saved.compile("sgd", "mse")
        self.saved.fit(numpy.ones((4, WIDTH)), numpy.zeros((4, WIDTH)), verbose=0)
        for got, wanted in zip(values(loaded), values(self.saved), strict=True):
            numpy.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)
        self.assertFalse((values(loaded)[0] == self.expected[0]).all())
        self.assertEqual(self.path.read_bytes(), self.bytes_before)

    def test_the_file_may_be_removed_and_replaced(self):
        loaded = self.load()
        self.path.unlink()
        self.path.write_bytes(b"another file")
        self.assert_values(loaded)

    def test_weights_can_be_saved_over_the_file_that_they_lie_in(self):
        loaded = self.load()
        loaded.save_weights(self.path)
        self.assert_values(loaded)
        self.assert_values(self.load())

    def test_what_is_not_loaded_has_its_initial_values(self):
        seeded = keras.initializers.GlorotUniform(seed=7)
        with tare_lean.loading():
            layer = keras.layers.Dense(WIDTH, kernel_initializer=seeded)
            layer.build((None, WIDTH))
        plain = keras.layers.Dense(WIDTH, kernel_initializer=keras.initializers.GlorotUniform(7))
        plain.build((None, WIDTH))
        numpy.testing.assert_array_equal(values(layer)[0], values(plain)[0])

    def test_outside_a_load_nothing_waits(self):
        self.assertTrue(values(model())[0].any())
        self.assertEqual(counted(), [0, 0, 0])

    def test_chunked_and_compressed_datasets_are_read_by_keras(self):
        with h5py.File(self.path, "a") as file:
            for name in ("dense", "dense_1"):
                group = file[f"layers/{name}/vars"]
                kernel = group["0"][()]
                del group["0"]
                group.create_dataset("0", data=kernel, chunks=(64, 64), compression="gzip")
        self.assert_values(self.load())
        self.assertEqual(counted()[:2], [0, 0])

    def test_another_type_is_converted_by_keras(self):
        with h5py.File(self.path, "a") as file:
            for name in ("dense", "dense_1"):
                group = file[f"layers/{name}/vars"]
                kernel = group["0"][()]
                del group["0"]
                group["0"] = kernel.astype("float64")
        self.assert_values(self.load())
        self.assertEqual(counted()[0], 0)

    @unittest.skipIf(keras.__version__ < "3.13", "this Keras was not asked to shard")
    def test_sharded_weights(self):
        path = pathlib.Path(self.folder.name) / "model.weights.json"
        self.saved.save_weights(path, max_shard_size=0.0003)
        self.assertGreater(len(list(path.parent.glob("*_0*.h5"))), 1)
        counted()
        loaded = self.load(path)
        self.assertGreater(sum(counted()[:2]), 0)
        self.assert_values(loaded)

    def test_one_array_for_two_variables_is_shared_once(self):
        loaded = model()
        with h5py.File(self.path) as file:
            from tare_lean import store

            array = store.map_dataset(file["layers/dense/vars/0"])
        first, second = loaded.layers[0].kernel, loaded.layers[1].kernel
        first.assign(array)
        second.assign(array)
        first.assign(first * 2)
        numpy.testing.assert_array_equal(values(loaded)[2], self.expected[0])


@unittest.skipUnless(BACKEND == "openvino", "only there reading compiles models")
class Reading(unittest.TestCase):
    TYPES = ("bool", "float16", "float32", "int8", "int16", "int32", "int64", "uint8")

    def setUp(self):
        from keras.src.backend.openvino import core

        self.core = core
        self.compiled = 0
        compile_model = core.compile_model

        def counting(*arguments, **keywords):
            self.compiled += 1
            return compile_model(*arguments, **keywords)

        core.compile_model = counting
        self.addCleanup(setattr, core, "compile_model", compile_model)

    def test_constants_are_read_as_keras_reads_them_without_compiling(self):
        as_keras_does = getattr(self.core.convert_to_numpy, "__wrapped__", None)
        if keras.__version__ < "3.13":
            self.assertIsNotNone(as_keras_does)
        generator = numpy.random.default_rng(0)
        for name in self.TYPES:
            with self.subTest(type=name):
                array = generator.integers(0, 2 if name == "bool" else 100, (3, 5)).astype(name)
                tensor = keras.ops.convert_to_tensor(array)
                self.compiled = 0
                got = keras.ops.convert_to_numpy(tensor)
                self.assertEqual(self.compiled, 0)
                self.assertEqual(got.dtype, array.dtype)
                numpy.testing.assert_array_equal(got, array)
                if as_keras_does:
                    before = as_keras_does(tensor)
                    self.assertEqual(self.compiled, 1)
                    self.assertEqual(got.dtype, before.dtype)
                    numpy.testing.assert_array_equal(got, before)

    def test_what_was_read_is_the_readers_own(self):
        variable = keras.Variable(numpy.arange(6, dtype="float32"))
        got = keras.ops.convert_to_numpy(variable)
        got += 1
        numpy.testing.assert_array_equal(values_of(variable), numpy.arange(6))

    def test_what_has_to_be_computed_is_computed_by_openvino(self):
        tensor = keras.ops.convert_to_tensor(numpy.arange(6, dtype="float32")) + 2
        numpy.testing.assert_array_equal(keras.ops.convert_to_numpy(tensor), numpy.arange(6) + 2)
        self.assertEqual(self.compiled, 1)


class Start(unittest.TestCase):
    def test_the_programs_own_sitecustomize_runs(self):
        site = pathlib.Path(tare_lean.__file__).parent / "site"
        with tempfile.TemporaryDirectory() as folder:
            own = pathlib.Path(folder) / "sitecustomize.py"
            own.write_text("print('its own')")
            code = "import sitecustomize, sys; print('tare_lean' in sys.modules, sitecustomize.__file__)"
            done = subprocess.run(
                [sys.executable, "-B", "-c", code], capture_output=True, text=True, check=True,
                env=os.environ | {"PYTHONPATH": f"{site}:{folder}"})
        self.assertEqual(done.stdout.split("\n")[:2], ["its own", f"True {own}"])
        self.assertEqual(done.stderr, "")

    def test_another_keras_is_left_as_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            module = pathlib.Path(folder) / "keras/src/saving"
            module.mkdir(parents=True)
            for package in (module, module.parent, module.parent.parent):
                (package / "__init__.py").touch()
            (module / "saving_lib.py").write_text("class H5IOStore:\n  pass\n")
            done = subprocess.run(
                [sys.executable, "-B", "-c", "import tare_lean, keras.src.saving.saving_lib"],
                capture_output=True, text=True, check=True,
                env=os.environ | {"PYTHONPATH":
                                  f"{folder}:{pathlib.Path(tare_lean.__file__).parents[1]}"})
        self.assertEqual(done.stderr.count("tare: lean loading falls back to Keras"), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
