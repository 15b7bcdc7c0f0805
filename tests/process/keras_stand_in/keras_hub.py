"""A model that reads letters as their codes and continues a text with 200, 201, …

Each new token takes 20 ms. Prompts start with token 7, which is not in the text, as KerasHub's
GPT-2 prompts start with an extra token. Requests to the model are recorded in the preset's
directory.
"""

import importlib
import json
import os
import time
from types import SimpleNamespace

import numpy

START = 7
NEW_TOKEN_S = 0.02


class Model:
    def __init__(self, preset: str):
        self.preset = preset
        self.generate_function = None
        tokenizer = SimpleNamespace(detokenize=lambda ids: f"{len(ids)} tokens")
        self.preprocessor = SimpleNamespace(tokenizer=tokenizer)

    def note(self, **what):
        with open(os.path.join(self.preset, "notes.jsonl"), "a") as notes:
            notes.write(json.dumps(what) + "\n")

    def compile(self, sampler):
        self.note(sampler=sampler)

    def make_generate_function(self):
        return self.generate_function or self.step

    def step(self, inputs, stop_token_ids=None):
        ids, mask = inputs["token_ids"][0], inputs["padding_mask"][0]
        self.note(mask=[int(m) for m in mask], stop=stop_token_ids, dtype=inputs["token_ids"].dtype)
        time.sleep(NEW_TOKEN_S * mask.count(0))
        made = [old if given else 200 + i for i, (old, given) in enumerate(zip(ids, mask))]
        return {"token_ids": numpy.ndarray([made], "int32")}

    def generate(self, text, max_length, stop_token_ids):
        ids = [START] + [ord(letter) for letter in text]
        padding = [0] * (max_length - len(ids))
        inputs = {
            "token_ids": numpy.ndarray([ids + padding], "int32"),
            "padding_mask": numpy.ndarray([[1] * len(ids) + padding], "bool"),
        }
        self.make_generate_function()(inputs, stop_token_ids=stop_token_ids)
        return text + " and on"


def found(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return importlib.util.find_spec(name) is not None


def from_preset(preset, dtype):
    model = Model(preset)
    frameworks = [name for name in ("tensorflow", "torch", "jax", "openvino") if found(name)]
    torch_device = os.environ["KERAS_TORCH_DEVICE"]
    model.note(dtype=dtype, frameworks=frameworks, torch_device=torch_device)
    return model


models = SimpleNamespace(CausalLM=SimpleNamespace(from_preset=from_preset))
