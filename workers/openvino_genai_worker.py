"""Runs OpenVINO GenAI on the GGUF file; all settings except the thread count are defaults.

The first argument is the row's name: "openvino-genai" or "openvino-genai:gpu".
"""

import sys
from collections.abc import Callable

# Importing openvino would start a process that sends usage statistics; its memory and traffic do not
# belong to the row.
sys.modules["openvino_telemetry"] = None

import numpy  # noqa: E402
import openvino  # noqa: E402
import openvino_genai  # noqa: E402

import tare_worker  # noqa: E402

ROW_NAME = sys.argv.pop(1) if len(sys.argv) > 1 else ""
ON_GPU = ROW_NAME.endswith(":gpu")
GGUF_READER = "gguf_utils"  # the folder of its source, which its errors name


class ClockingStreamer(openvino_genai.StreamerBase):
    """Receives tokens as they are generated; several at once if the pipeline batches them."""

    def __init__(self, clock: tare_worker.TokenClock):
        super().__init__()
        self._clock = clock

    def write(self, tokens) -> openvino_genai.StreamingStatus:
        for _ in tokens if isinstance(tokens, list) else [tokens]:
            self._clock.tick()
        return openvino_genai.StreamingStatus.RUNNING

    def end(self) -> None:
        pass


def device() -> tare_worker.Device:
    if not ON_GPU:
        return tare_worker.Device("cpu", "CPU")
    core = openvino.Core()
    names = [
        core.get_property(found, "FULL_DEVICE_NAME")
        for found in core.available_devices
        if found.startswith("GPU")
    ]
    missing = "" if names else f"OpenVINO sees no GPU; its devices: {core.available_devices}"
    return tare_worker.Device("gpu", ", ".join(names) or "none", missing)


def pipeline_of(model_path: str, threads: int) -> openvino_genai.LLMPipeline:
    settings = {} if ON_GPU else {"INFERENCE_NUM_THREADS": threads}
    try:
        return openvino_genai.LLMPipeline(model_path, "GPU" if ON_GPU else "CPU", **settings)
    except RuntimeError as error:
        # Its reader of GGUF knows a few architectures and types.
        if GGUF_READER not in str(error):
            raise
        why = str(error).strip().splitlines()[-1]
        message = f"OpenVINO GenAI's reader of GGUF does not take this model: {why}"
        raise tare_worker.WorkerError("unsupported", message) from error


def load(
    model_path: str, threads: int, context_tokens: int, precision: str
) -> tare_worker.LoadedModel:
    del precision  # the file's own
    del context_tokens  # the cache grows by itself
    pipeline = pipeline_of(model_path, threads)
    tokenizer = pipeline.get_tokenizer()

    def generate(ids: list[int], new_tokens: int, clock: tare_worker.TokenClock) -> list[int]:
        config = openvino_genai.GenerationConfig()
        config.max_new_tokens = new_tokens
        config.ignore_eos = True
        config.do_sample = False
        prompt = numpy.array([ids], dtype=numpy.int64)
        inputs = openvino_genai.TokenizedInputs(
            openvino.Tensor(prompt), openvino.Tensor(numpy.ones_like(prompt))
        )
        result = pipeline.generate(inputs, config, ClockingStreamer(clock))
        return [int(token) for token in result.tokens[0]]

    return tare_worker.LoadedModel(generate, tokenizer.decode)


def tokenizer_of(model_path: str) -> Callable[[str], list[int]]:
    tokenizer = openvino_genai.Tokenizer(model_path)
    return lambda text: [int(token) for token in tokenizer.encode(text).input_ids.data[0]]


if __name__ == "__main__":
    packages = ["openvino-genai", "openvino", "openvino-tokenizers"]
    sys.exit(tare_worker.serve(ROW_NAME, packages, device(), load, tokenizer_of))
