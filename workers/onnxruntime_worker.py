"""Runs ONNX Runtime on a folder that onnxruntime_prepare.py wrote; greedy, cache buffers bound once."""

import os
import sys

import numpy
import onnxruntime
import tokenizers

import tare_worker


class Decoder:
    """The session and its cache."""

    def __init__(self, path: str, threads: int, context: int):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        inputs = {node.name: node for node in self._session.get_inputs()}
        self._takes_places = "position_ids" in inputs
        self._cache = {}
        for name, node in inputs.items():
            if name.startswith("past."):
                _, heads, _, size = node.shape
                cache = numpy.zeros((1, heads, context, size), numpy.float32)
                self._cache[name] = onnxruntime.OrtValue.ortvalue_from_numpy(cache)

    def step(self, ids: list[int], start: int) -> numpy.ndarray:
        """The logits after `ids`, the first of which is at position `start`: [vocabulary]."""
        total = start + len(ids)
        feeds = {
            "input_ids": numpy.array([ids], numpy.int64),
            "seqlens_k": numpy.array([total - 1], numpy.int32),
            "total_sequence_length": numpy.array(total, numpy.int32),
        }
        if self._takes_places:
            feeds["position_ids"] = numpy.arange(start, total)[None]
        binding = self._session.io_binding()
        for name, values in feeds.items():
            binding.bind_cpu_input(name, values)
        for name, cache in self._cache.items():
            binding.bind_ortvalue_input(name, cache)
            binding.bind_ortvalue_output(name.replace("past.", "present."), cache)
        binding.bind_output("logits")
        self._session.run_with_iobinding(binding)
        return binding.get_outputs()[-1].numpy()[0]


def load(
    model_path: str, threads: int, context_tokens: int, precision: str
) -> tare_worker.LoadedModel:
    del precision  # the graph's own
    decoder = Decoder(os.path.join(model_path, "model.onnx"), threads, context_tokens)
    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(model_path, "tokenizer.json"))

    def generate(ids: list[int], new_tokens: int, clock: tare_worker.TokenClock) -> list[int]:
        generated = []
        given, start = ids, 0
        while len(generated) < new_tokens:
            generated.append(int(decoder.step(given, start).argmax()))
            clock.tick()
            start += len(given)
            given = generated[-1:]
        return generated

    def score(ids: list[int]) -> numpy.ndarray:
        return numpy.stack([decoder.step([token], i) for i, token in enumerate(ids[:-1])])

    return tare_worker.LoadedModel(generate, tokenizer.decode, score)


if __name__ == "__main__":
    sys.exit(tare_worker.serve("onnxruntime", ["onnxruntime", "tokenizers"], "CPU", load))
