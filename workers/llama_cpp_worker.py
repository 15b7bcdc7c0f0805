"""Runs llama.cpp through llama-cpp-python; greedy, by the argmax of the last position's logits."""

import sys

import llama_cpp
import numpy

import tare_worker


def load(
    model_path: str, threads: int, context_tokens: int, precision: str
) -> tare_worker.LoadedModel:
    del precision  # the file's own
    model = llama_cpp.Llama(
        model_path,
        n_ctx=context_tokens,
        n_threads=threads,
        n_threads_batch=threads,
        n_gpu_layers=0,
        verbose=False,
    )
    vocabulary = model.n_vocab()

    def next_token() -> int:
        logits = llama_cpp.llama_get_logits_ith(model.ctx, -1)
        return int(numpy.argmax(numpy.ctypeslib.as_array(logits, shape=(vocabulary,))))

    def generate(ids: list[int], new_tokens: int, clock: tare_worker.TokenClock) -> list[int]:
        model.reset()
        model.eval(ids)
        generated = []
        while len(generated) < new_tokens:
            generated.append(next_token())
            clock.tick()
            if len(generated) < new_tokens:
                model.eval(generated[-1:])
        return generated

    def decode(ids: list[int]) -> str:
        return model.detokenize(ids).decode(errors="replace")

    return tare_worker.LoadedModel(generate, decode)


if __name__ == "__main__":
    sys.exit(tare_worker.serve("llama-cpp-python", ["llama-cpp-python"], "CPU", load))
