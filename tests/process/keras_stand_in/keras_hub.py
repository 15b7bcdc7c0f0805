"""A model that reads letters as their codes and continues a text with 200, 201, …

Each new token takes 20 ms. Prompts start with token 7, which is not in the text, as KerasHub's
GPT-2 prompts start with an extra token. Requests to the model are recorded in the preset's
directory. A preset whose name has "tensorflow" in it has a preprocessor that needs TensorFlow.
"""

import importlib
import json
import os
import time
from types import SimpleNamespace

import numpy

START = 7
NEW_TOKEN_S = 0.02


def load_tokenizer(preset: str):
    return SimpleNamespace(detokenize=lambda ids: f"{len(ids)} tokens")


def load_preprocessor(preset: str):
    if "tensorflow" in os.path.basename(preset) and not found("tensorflow"):
        raise ImportError("the preprocessor requires tensorflow")
    return SimpleNamespace(tokenizer=load_tokenizer(preset))


class Model:
    def __init__(self, preset: str, preprocessor):
        self.preset = preset
        self.preprocessor = preprocessor
        self.generate_function = None

    def note(self, **what):
        with open(os.path.join(self.preset, "notes.jsonl"), "a") as notes:
            notes.write(json.dumps(what) + "\n")

    def compile(self, sampler):
        self.note(sampler=sampler)

    def make_generate_function(self):
        return self.generate_function or self.generate_step

    def generate_step(self, inputs, stop_token_ids=None):
        ids, mask = inputs["token_ids"][0], inputs["padding_mask"][0]
        self.note(mask=[int(m) for m in mask], stop=stop_token_ids, dtype=inputs["token_ids"].dtype)
        time.sleep(NEW_TOKEN_S * mask.count(0))
        made = [old if given else 200 + i for i, (old, given) in enumerate(zip(ids, mask))]
        return {"token_ids": numpy.ndarray([made], "int32")}

    def generate(self, text, max_length, stop_token_ids):
        assert self.preprocessor is not None
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


def from_preset(preset, dtype, preprocessor):
    model = Model(preset, preprocessor)
    frameworks = [name for name in ("tensorflow", "torch", "jax", "openvino") if found(name)]
    torch_device = os.environ["KERAS_TORCH_DEVICE"]
    model.note(dtype=dtype, frameworks=frameworks, torch_device=torch_device)
    return model


models = SimpleNamespace(
    CausalLM=SimpleNamespace(from_preset=from_preset),
    CausalLMPreprocessor=SimpleNamespace(from_preset=load_preprocessor),
)
tokenizers = SimpleNamespace(Tokenizer=SimpleNamespace(from_preset=load_tokenizer))
