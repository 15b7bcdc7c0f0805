"""Runs Hugging Face Transformers on PyTorch: generate() unmodified, greedy, with a fixed length.

Started with the row's name first, "transformers" or "transformers:gpu".
"""

import os
import sys
from collections.abc import Callable

os.environ["HF_HUB_OFFLINE"] = "1"  # never use the network
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import numpy  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402

import tare_worker  # noqa: E402

ROW_NAME = sys.argv.pop(1) if len(sys.argv) > 1 else ""
ON_GPU = ROW_NAME.endswith(":gpu")
ON_CUDA = ON_GPU and torch.cuda.is_available()
TORCH_DEVICE = "cuda" if ON_CUDA else "cpu"
DTYPES = {"": "auto", "f32": torch.float32, "bf16": torch.bfloat16}


class ClockingStreamer:
    """Gets the prompt first, then each token as it is generated."""

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


def device() -> tare_worker.Device:
    if not ON_GPU:
        return tare_worker.Device("cpu", "CPU")
    if ON_CUDA:
        return tare_worker.Device("gpu", torch.cuda.get_device_name())
    return tare_worker.Device("gpu", "none", "PyTorch sees no GPU: CUDA is not available")


def load(
    model_path: str, threads: int, context_tokens: int, precision: str
) -> tare_worker.LoadedModel:
    del context_tokens  # the cache grows by itself
    torch.set_num_threads(threads)
    model = transformers.AutoModelForCausalLM.from_pretrained(model_path, dtype=DTYPES[precision])
    model = model.to(TORCH_DEVICE)
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_path)
    # A fixed length: no token ends it.
    model.generation_config.eos_token_id = None
    model.generation_config.pad_token_id = 0

    def generate(ids: list[int], new_tokens: int, clock: tare_worker.TokenClock) -> list[int]:
        prompt = torch.tensor([ids], device=TORCH_DEVICE)
        output = model.generate(
            prompt,
            attention_mask=torch.ones_like(prompt),
            max_new_tokens=new_tokens,
            do_sample=False,
            streamer=ClockingStreamer(clock),
        )
        return output[0, len(ids) :].tolist()

    def score(ids: list[int]) -> numpy.ndarray:
        with torch.inference_mode():
            logits = model(torch.tensor([ids[:-1]], device=TORCH_DEVICE)).logits[0]
        return logits.float().cpu().numpy()

    return tare_worker.LoadedModel(generate, tokenizer.decode, score)


def tokenizer_of(model_path: str) -> Callable[[str], list[int]]:
    tokenizer = transformers.AutoTokenizer.from_pretrained(model_path)

    def encode(text: str) -> list[int]:
        ids = tokenizer(text, split_special_tokens=True).input_ids
        return ids[:-1] if ids and ids[-1] == tokenizer.eos_token_id else ids

    return encode


if __name__ == "__main__":
    packages = ["transformers", "torch", "tokenizers"]
    sys.exit(tare_worker.serve(ROW_NAME, packages, device(), load, tokenizer_of))
