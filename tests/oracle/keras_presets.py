"""Small KerasHub presets with odd sizes and seeded random weights, written by KerasHub itself."""

import json
import os
import pathlib
from dataclasses import dataclass, field

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras_hub  # noqa: E402
import numpy as np  # noqa: E402
from keras_hub import models  # noqa: E402

SPECIAL = {
    "gpt2": ["<|endoftext|>"],
    "llama3": [
        "<|begin_of_text|>",
        "<|end_of_text|>",
        "<|eot_id|>",
        "<|start_header_id|>",
        "<|end_header_id|>",
    ],
}
MERGES = ["l l", "H e", "ll o", "He llo"]


@dataclass(frozen=True)
class Shape:
    """A preset: its family, its backbone's arguments, and the length of its tests."""

    name: str
    family: str
    context: int
    sizes: dict
    stored: str = "float32"
    tied: bool = False  # Llama's output; GPT-2's is always tied
    seed: int = 1
    backbone: dict = field(default_factory=dict)


def letters():
    """The 256 characters that stand for bytes, in GPT-2's order."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    return [chr(b) for b in printable] + [chr(256 + i) for i in range(256 - len(printable))]


def make_tokenizer(family, vocabulary_size):
    """All bytes, four merges, the family's special tokens, and unused names up to the size."""
    merged = [merge.replace(" ", "") for merge in MERGES]
    tokens = [*SPECIAL[family], *letters(), *merged]
    tokens += [f"<unused {i}>" for i in range(vocabulary_size - len(tokens))]
    if len(tokens) != vocabulary_size:
        raise ValueError(f"a vocabulary of {vocabulary_size}, expected at least {len(tokens)}")
    kind = models.GPT2Tokenizer if family == "gpt2" else models.Llama3Tokenizer
    return kind(vocabulary={token: i for i, token in enumerate(tokens)}, merges=MERGES)


def make_backbone(shape):
    arguments = {**shape.sizes, **shape.backbone, "dtype": shape.stored}
    if shape.family == "gpt2":
        return models.GPT2Backbone(max_sequence_length=shape.context, **arguments)
    return models.Llama3Backbone(tie_word_embeddings=shape.tied, **arguments)


def assign_weights(backbone, seed):
    """Matrices that keep a signal of this width at its scale; gains near 1, biases near 0."""
    random = np.random.default_rng(seed)
    for variable in backbone.weights:
        values = random.standard_normal(variable.shape, dtype=np.float32)
        if variable.path.endswith(("gamma", "scale")):
            values = 1 + 0.1 * values
        elif "bias" in variable.path or "beta" in variable.path:
            values = 0.1 * values
        else:
            values = 1.5 / np.sqrt(backbone.hidden_dim) * values
        variable.assign(values.astype(np.float32))


def keep_tied(folder):
    """Restores a tied output: KerasHub 0.32.0 does not save that setting and then cannot load the preset."""
    for name, at in (("config.json", []), ("task.json", ["config", "backbone"])):
        path = pathlib.Path(folder, name)
        document = json.loads(path.read_text())
        inner = document
        for key in at:
            inner = inner[key]
        inner["config"]["tie_word_embeddings"] = True
        path.write_text(json.dumps(document, indent=4))


def make_preset(shape, folder):
    backbone = make_backbone(shape)
    assign_weights(backbone, shape.seed)
    tokenizer = make_tokenizer(shape.family, shape.sizes["vocabulary_size"])
    if shape.family == "gpt2":
        preprocessor = models.GPT2CausalLMPreprocessor(tokenizer, sequence_length=shape.context)
        model = models.GPT2CausalLM(backbone, preprocessor)
    else:
        preprocessor = models.Llama3CausalLMPreprocessor(tokenizer, sequence_length=shape.context)
        model = models.Llama3CausalLM(backbone, preprocessor)
    model.save_to_preset(str(folder))
    if shape.tied:
        keep_tied(folder)


def versions():
    import keras

    return f"KerasHub {keras_hub.__version__}, Keras {keras.__version__} on {keras.backend.backend()}"
