"""Runs llama.cpp through llama-cpp-python; greedy, by the argmax of the last position's logits."""

import sys
from collections.abc import Callable

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

    def last_logits() -> numpy.ndarray:
        logits = llama_cpp.llama_get_logits_ith(model.ctx, -1)
        return numpy.ctypeslib.as_array(logits, shape=(vocabulary,))

    def next_token() -> int:
        return int(numpy.argmax(last_logits()))

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

    def score(ids: list[int]) -> numpy.ndarray:
        model.reset()
        logits = numpy.empty((len(ids) - 1, vocabulary), numpy.float32)
        for i, token in enumerate(ids[:-1]):
            model.eval([token])
            logits[i] = last_logits()
        return logits

    return tare_worker.LoadedModel(generate, decode, score)


def tokenizer_of(model_path: str) -> Callable[[str], list[int]]:
    model = llama_cpp.Llama(model_path, vocab_only=True, verbose=False)
    vocabulary = llama_cpp.llama_model_get_vocab(model.model)
    if llama_cpp.llama_vocab_type(vocabulary) == llama_cpp.LLAMA_VOCAB_TYPE_NONE:
        raise tare_worker.WorkerError("unsupported", "the file has no tokenizer for llama.cpp")
    starts = [model.token_bos()] if llama_cpp.llama_vocab_get_add_bos(vocabulary) else []
    # add_special would add an end token to some models' prompts too.
    return lambda text: starts + model.tokenize(text.encode(), add_bos=False, special=False)


if __name__ == "__main__":
    packages = ["llama-cpp-python"]
    sys.exit(tare_worker.serve("llama-cpp-python", packages, "CPU", load, tokenizer_of))
