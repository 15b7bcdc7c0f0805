"""Runs llama.cpp through llama-cpp-python; greedy, by the argmax of the last position's logits."""

import sys
from collections.abc import Callable

import llama_cpp
import numpy

import tare_worker

SCORED_AT_ONCE = 32  # tokens: 32 MiB of logits of a large vocabulary


def logits_of_all(model: llama_cpp.Llama, ids: list[int], begin: int) -> numpy.ndarray:
    """Runs more tokens, the first at position `begin`; [len(ids), vocabulary] in llama.cpp's memory."""
    batch = llama_cpp.llama_batch_init(len(ids), 0, 1)
    batch.n_tokens = len(ids)
    for i, token in enumerate(ids):
        batch.token[i] = token
        batch.pos[i] = begin + i
        batch.n_seq_id[i] = 1
        batch.seq_id[i][0] = 0
        batch.logits[i] = True
    status = llama_cpp.llama_decode(model.ctx, batch)
    llama_cpp.llama_batch_free(batch)
    if status != 0:
        raise RuntimeError(f"llama_decode gave {status}")
    logits = llama_cpp.llama_get_logits(model.ctx)
    return numpy.ctypeslib.as_array(logits, shape=(len(ids), model.n_vocab()))


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
        # The package's own eval keeps the logits of a batch's last token only.
        llama_cpp.llama_memory_clear(llama_cpp.llama_get_memory(model.ctx), True)
        scored = ids[:-1]
        logits = numpy.empty((len(scored), vocabulary), numpy.float32)
        for begin in range(0, len(scored), SCORED_AT_ONCE):
            part = scored[begin : begin + SCORED_AT_ONCE]
            logits[begin : begin + len(part)] = logits_of_all(model, part, begin)
        model.reset()
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
