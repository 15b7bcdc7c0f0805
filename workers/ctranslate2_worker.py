"""Runs CTranslate2's Generator on a folder that ctranslate2_prepare.py wrote."""

import json
import os
import sys

import ctranslate2
import numpy
import tokenizers

import tare_worker

NO_TOKEN = 2**31 - 1  # never occurs, so generations have a fixed length
COMPUTE_TYPES = {"f32": "float32", "bf16": "bfloat16", "int8": "int8"}


def load(
    model_path: str, threads: int, context_tokens: int, precision: str
) -> tare_worker.LoadedModel:
    del context_tokens  # the cache grows by itself
    # "default": the type in which the weights are stored.
    compute_type = COMPUTE_TYPES.get(precision, "default")
    generator = ctranslate2.Generator(
        model_path, "cpu", compute_type=compute_type, inter_threads=1, intra_threads=threads
    )
    with open(os.path.join(model_path, "vocabulary.json"), encoding="utf-8") as file:
        tokens = json.load(file)
    tokenizer = tokenizers.Tokenizer.from_file(os.path.join(model_path, "tokenizer.json"))

    def generate(ids: list[int], new_tokens: int, clock: tare_worker.TokenClock) -> list[int]:
        generated = []

        def note(step: ctranslate2.GenerationStepResult) -> bool:
            generated.append(step.token_id)
            clock.tick()
            return False

        generator.generate_batch(
            [[tokens[i] for i in ids]],
            max_length=new_tokens,
            end_token=[NO_TOKEN],
            include_prompt_in_result=False,
            callback=note,
        )
        return generated

    def score(ids: list[int]) -> numpy.ndarray:
        words = [tokens[i] for i in ids[:-1]]
        found = generator.forward_batch([words], return_log_probs=True)
        return numpy.array(found.to(ctranslate2.DataType.float32))[0]

    return tare_worker.LoadedModel(generate, tokenizer.decode, score)


if __name__ == "__main__":
    sys.exit(tare_worker.serve("ctranslate2", ["ctranslate2", "tokenizers"], "CPU", load))
