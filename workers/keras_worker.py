"""Runs KerasHub's CausalLM on one of Keras's backends, in the way of the study's script.

The first argument is the row's name: `keras_worker.py keras-torch --fd-in 3 --fd-out 4`. A name that
ends in ":gpu" runs on a GPU. docs/keras_rows.md says what each row imports, how its tokens are timed
and how it differs from the script.
"""

import functools
import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

DTYPES = {"": "float32", "f32": "float32", "bf16": "bfloat16"}
FRAMEWORKS = {"tensorflow", "tensorflow_text", "torch", "jax", "openvino"}


@dataclass(frozen=True)
class Row:
    keras_backend: str
    needs: frozenset[str]  # of FRAMEWORKS; hides the others even if they are installed
    packages: tuple[str, ...]


ROWS = {
    "keras-tensorflow": Row(
        "tensorflow", frozenset({"tensorflow"}), ("tensorflow-cpu", "tensorflow")
    ),
    "keras-torch": Row("torch", frozenset({"torch"}), ("torch",)),
    "keras-jax": Row("jax", frozenset({"jax"}), ("jax", "jaxlib")),
    "keras-openvino": Row("openvino", frozenset({"openvino"}), ("openvino", "scipy")),
    # KerasHub 0.24's tokenizers use TensorFlow operations.
    "keras-openvino-2025.2": Row(
        "openvino",
        frozenset({"openvino", "tensorflow", "tensorflow_text"}),
        ("openvino", "scipy", "tensorflow-cpu", "tensorflow-text"),
    ),
}


class FinderWithout:
    """A module finder that hides some packages."""

    def __init__(self, finder, hidden: set[str]):
        self._finder = finder
        self._hidden = hidden

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self._hidden:
            return None
        return self._finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self._finder, name)


def row_of_command_line() -> tuple[str, Row]:
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    row = name.removesuffix(":gpu")
    if row not in ROWS:
        sys.exit(f'keras_worker.py: expected one of {", ".join(ROWS)} first, got "{name}"')
    return name, ROWS[row]


def cuda_is_available() -> bool:
    import torch

    return torch.cuda.is_available()


ROW_NAME, ROW = row_of_command_line()
ON_GPU = ROW_NAME.endswith(":gpu")
KIND = "gpu" if ON_GPU else "cpu"
# All four frameworks fix their threads before the run message comes; bench sets the variable.
THREADS = int(os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count())))
os.environ["NPROC"] = str(THREADS)  # XLA's CPU thread pool
os.environ["KERAS_BACKEND"] = ROW.keras_backend
# By default TensorFlow and JAX take nearly all of a GPU's memory.
os.environ["TF_FORCE_GPU_ALLOW_GROWTH"] = "true"
os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"
warnings.filterwarnings("ignore")
# Importing openvino would start a process that sends usage statistics; it does not belong to the row.
HIDDEN = FRAMEWORKS - ROW.needs | {"openvino_telemetry"}
sys.meta_path[:] = [FinderWithout(finder, HIDDEN) for finder in sys.meta_path]
# Keras would fail to import for a missing device.
ON_CUDA = ON_GPU and ROW.keras_backend == "torch" and cuda_is_available()
os.environ["KERAS_TORCH_DEVICE"] = "cuda" if ON_CUDA else "cpu"

import keras  # noqa: E402
import keras_hub  # noqa: E402
import numpy  # noqa: E402

import tare_worker  # noqa: E402


def device_of(library: str, every: str, gpus: Callable[[], list[str]]) -> tare_worker.Device:
    """The GPUs' names for a row on GPUs; else all devices."""
    if not ON_GPU:
        return tare_worker.Device("cpu", every)
    names = ", ".join(gpus())
    missing = "" if names else f"{library} sees no GPU; its devices: {every}"
    return tare_worker.Device("gpu", names or "none", missing)


def prepare_tensorflow() -> tare_worker.Device:
    import tensorflow

    config = tensorflow.config
    config.threading.set_intra_op_parallelism_threads(THREADS)
    config.threading.set_inter_op_parallelism_threads(THREADS)
    every = ", ".join(device.name for device in config.list_logical_devices())

    def gpus() -> list[str]:
        return [
            config.experimental.get_device_details(gpu).get("device_name", gpu.name)
            for gpu in config.list_physical_devices("GPU")
        ]

    return device_of("TensorFlow", every, gpus)


def prepare_torch() -> tare_worker.Device:
    import torch

    torch.set_num_threads(THREADS)
    every = f"cpu (CUDA available: {torch.cuda.is_available()})"
    return device_of("PyTorch", every, lambda: [torch.cuda.get_device_name()] if ON_CUDA else [])


def prepare_jax() -> tare_worker.Device:
    import jax

    found = jax.devices()
    every = ", ".join(str(device) for device in found)
    return device_of("JAX", every, lambda: [d.device_kind for d in found if d.platform == "gpu"])


def prepare_openvino() -> tare_worker.Device:
    import keras_openvino_gaps
    import openvino

    keras_openvino_gaps.mend_loops()
    # KerasHub compiles with its own core. Older versions use the module's, which has no name and
    # compiles only for the CPU.
    try:
        from keras_hub.src.utils import openvino_utils
    except ImportError:
        core = openvino.Core()
    else:
        core = openvino_utils.get_core()
        openvino_utils.get_device = KIND.upper  # by default it takes a GPU if there is one
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": THREADS})
    found = core.available_devices

    def gpus() -> list[str]:
        names = [name for name in found if name.startswith("GPU")]
        return [core.get_property(name, "FULL_DEVICE_NAME") for name in names]

    return device_of("OpenVINO", ", ".join(found), gpus)


def prepare() -> tare_worker.Device:
    """Sets the backend's threads; returns its devices as the study's script prints them."""
    prepare_backend = {
        "tensorflow": prepare_tensorflow,
        "torch": prepare_torch,
        "jax": prepare_jax,
        "openvino": prepare_openvino,
    }[ROW.keras_backend]
    return prepare_backend()


def as_list(tensor) -> list[int]:
    return [int(value) for value in numpy.asarray(keras.ops.convert_to_numpy(tensor))[0]]


class WatchedFunction:
    """Wraps a model's compiled generate function.

    `generate` takes and returns text. This class sees the token ids on both sides, and times only the
    function.
    """

    def __init__(self, function):
        self._function = function
        self.expected_ids: list[int] = []
        self.last_inputs: dict = {}
        self.last_ids: list[int] = []
        self.took_ns = 0

    def __call__(self, inputs, stop_token_ids=None):
        prompt_length = sum(as_list(inputs["padding_mask"]))
        prompt_ids = as_list(inputs["token_ids"])[:prompt_length]
        if prompt_ids != self.expected_ids:
            raise tare_worker.WorkerError(
                "run-error",
                f"Keras encodes the prompt as ids {prompt_ids[:16]} ({prompt_length} in all), the "
                f"other backends as {self.expected_ids[:16]} ({len(self.expected_ids)}); does the "
                "preset's tokenizer match the model's?",
            )
        self.last_inputs = inputs
        start_ns = time.monotonic_ns()
        outputs = self._function(inputs, stop_token_ids=stop_token_ids)
        self.last_ids = as_list(outputs["token_ids"])  # waits for a pending result
        self.took_ns = time.monotonic_ns() - start_ns
        return outputs

    def time_last_token_alone(self) -> int:
        """Repeats the last call with all its tokens except the last in the prompt; returns its ns."""
        # Same shapes and types as before, so that nothing is compiled again.
        inputs = inputs_of(self.last_ids[:-1], 1)
        inputs = {name: like(self.last_inputs[name], inputs[name]) for name in inputs}
        start_ns = time.monotonic_ns()
        as_list(self._function(inputs, stop_token_ids=None)["token_ids"])
        return time.monotonic_ns() - start_ns


def inputs_of(ids: list[int], new_tokens: int) -> dict:
    """The output of KerasHub's preprocessor for a text with these ids."""
    return {
        "token_ids": numpy.array([ids + [0] * new_tokens], dtype="int32"),
        "padding_mask": numpy.array([[1] * len(ids) + [0] * new_tokens], dtype="bool"),
    }


def like(tensor, values):
    if isinstance(tensor, numpy.ndarray):
        return values.astype(tensor.dtype)
    dtype = keras.backend.standardize_dtype(tensor.dtype)
    return keras.ops.convert_to_tensor(values, dtype=dtype)


def preprocessor_of(preset: str):
    """The preset's preprocessor; None where KerasHub's needs TensorFlow and the row hides it."""
    try:
        return keras_hub.models.CausalLMPreprocessor.from_preset(preset)
    except ImportError:
        return None


def load(
    sampler: str, preset: str, threads: int, context: int, precision: str
) -> tare_worker.TextModel:
    del context  # each call of generate has its own length
    if threads != THREADS:
        raise tare_worker.WorkerError(
            "load-error", f"got {threads} threads, but the worker was started with OMP_NUM_THREADS={THREADS}"
        )
    if not os.path.isfile(os.path.join(preset, "config.json")):
        raise tare_worker.WorkerError("load-error", f"{preset}: not a KerasHub preset: it has no config.json")
    # Made first: whether there is one must be known before the weights are read.
    preprocessor = preprocessor_of(preset)
    model = keras_hub.models.CausalLM.from_preset(
        preset, dtype=DTYPES[precision], preprocessor=preprocessor
    )
    if preprocessor is None:
        tokenizer = keras_hub.tokenizers.Tokenizer.from_preset(preset)
    else:
        tokenizer = preprocessor.tokenizer
    model.compile(sampler=sampler)
    if ROW.keras_backend == "openvino":
        import keras_openvino_gaps

        model.generate_step = keras_openvino_gaps.without_absent(model.generate_step)
    watched = WatchedFunction(model.make_generate_function())
    model.generate_function = watched

    def generate(text: str, ids: list[int], new_tokens: int) -> tuple[list[int], str]:
        watched.expected_ids = ids
        if text and preprocessor is not None:
            output = model.generate(text, max_length=len(ids) + new_tokens, stop_token_ids=None)
            return watched.last_ids[len(ids) :], output.removeprefix(text)
        watched(inputs_of(ids, new_tokens), stop_token_ids=None)
        generated = watched.last_ids[len(ids) :]
        return generated, tokenizer.detokenize(generated)

    def decode_ns() -> int:
        return watched.took_ns - watched.time_last_token_alone()

    def score(ids: list[int]) -> numpy.ndarray:
        # The task is a functional model from ids to logits; its own predict() takes text.
        functional = keras.Model(model.inputs, model.outputs)
        logits = functional.predict_on_batch(inputs_of(ids[:-1], 0))
        return numpy.asarray(logits)[0].astype(numpy.float32)

    return tare_worker.TextModel(generate, decode_ns, score)


def tokenizer_of(preset: str) -> Callable[[str], list[int]]:
    preprocessor = preprocessor_of(preset)
    if preprocessor is None:
        raise tare_worker.WorkerError(
            "unsupported", "KerasHub's preprocessor of this model needs TensorFlow"
        )

    def encode(text: str) -> list[int]:
        room = len(text.encode()) + 2  # a token is at least a byte; start and end
        inputs = preprocessor.generate_preprocess([text], sequence_length=room)
        return as_list(inputs["token_ids"])[: sum(as_list(inputs["padding_mask"]))]

    return encode


if __name__ == "__main__":
    DEVICE = prepare()
    packages = ["keras", "keras-hub", *ROW.packages]
    loads = {name: functools.partial(load, name) for name in ("greedy", "top_k")}
    sys.exit(tare_worker.serve(ROW_NAME, packages, DEVICE, loads, tokenizer_of))
