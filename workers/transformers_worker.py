"""Hugging Face Transformers on PyTorch: generate() as it comes, greedy and of a fixed length."""

import os
import sys

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing of a row comes from a network
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import torch  # noqa: E402
import transformers  # noqa: E402

import tare_worker  # noqa: E402

DTYPES = {"": "auto", "f32": torch.float32, "bf16": torch.bfloat16}


class ClockingStreamer:
    """Gets the prompt first, then each token as it is made."""

    def __init__(self, clock: tare_worker.TokenClock):
        self._clock = clock
        self._has_prompt = False

    def put(self, tokens) -> None:
        del tokens
        if self._has_prompt:
            self._clock.tick()
        self._has_prompt = True

    def end(self) -> None:
        pass


def load(
    model_path: str, threads: int, context_tokens: int, precision: str
) -> tare_worker.LoadedModel:
    del context_tokens  # the cache grows by itself
    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(model_path, dtype=DTYPES[precision])
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_path)
    # A fixed length: no token ends it.
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0

    def generate(ids: list[int], new_tokens: int, clock: tare_worker.TokenClock) -> list[int]:
        prompt = torch.tensor([ids])
        output = model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=new_tokens,
            do_sample=False,
            streamer=ClockingStreamer(clock),
        )
        return output[0, len(ids) :].tolist()

    return tare_worker.LoadedModel(generate, tokenizer.decode)


if __name__ == "__main__":
    packages = ["transformers", "torch", "tokenizers"]
    sys.exit(tare_worker.serve("transformers", packages, "CPU", load))
