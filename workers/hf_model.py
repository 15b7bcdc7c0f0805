"""Hugging Face folders of the GPT-2 and Llama families, as far as the conversions here need them.

Also what the conversions share: their command line, and a folder that appears whole or not at all.
Needs NumPy and nothing else: a row's environment need not hold PyTorch to prepare its model.
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import numpy

PREFIXES = {"gpt2": "transformer.", "llama": "model."}
DTYPES = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


class UnsupportedModel(Exception):
    """A model that a conversion cannot say in its engine's words."""


@dataclass(frozen=True)
class Rope:
    base: float
    kind: str  # "default", "linear" or "llama3"
    factor: float
    low_frequency: float
    high_frequency: float
    original_context: int

    def inverse_frequencies(self, head_size: int) -> numpy.ndarray:
        """[head_size / 2], as transformers computes them for the same configuration."""
        exponents = numpy.arange(0, head_size, 2, dtype=numpy.float64) / head_size
        inverse = self.base**-exponents
        if self.kind == "linear":
            return inverse / self.factor
        if self.kind == "default":
            return inverse
        wavelength = 2 * numpy.pi / inverse
        turns = self.original_context / wavelength
        span = self.high_frequency - self.low_frequency
        smooth = numpy.clip((turns - self.low_frequency) / span, 0, 1)
        return inverse * (smooth + (1 - smooth) / self.factor)


class _File:
    """One safetensors file, mapped."""

    def __init__(self, path: pathlib.Path):
        with open(path, "rb") as file:
            header_bytes = int.from_bytes(file.read(8), "little")
            self.entries = json.loads(file.read(header_bytes))
        self.entries.pop("__metadata__", None)
        # Copied on write: some engines' libraries quantize in place.
        self._data = numpy.memmap(path, numpy.uint8, "c", offset=8 + header_bytes)

    def tensor(self, name: str) -> numpy.ndarray:
        entry = self.entries[name]
        if entry["dtype"] not in DTYPES:
            raise UnsupportedModel(f'{name} is {entry["dtype"]}, expected {", ".join(DTYPES)}')
        begin, end = entry["data_offsets"]
        # A copy where the file leaves it unaligned.
        values = numpy.require(self._data[begin:end], requirements="A").view(DTYPES[entry["dtype"]])
        values = values.reshape(entry["shape"])
        if entry["dtype"] == "BF16":
            return (values.astype(numpy.uint32) << 16).view(numpy.float32)
        return values.astype(numpy.float32, copy=False)


class HuggingFaceModel:
    def __init__(self, folder: str):
        self.folder = pathlib.Path(folder)
        self.config = json.loads((self.folder / "config.json").read_text())
        self.family = self.config.get("model_type")
        if self.family not in PREFIXES:
            raise UnsupportedModel(f'model_type is {self.family}, expected {" or ".join(PREFIXES)}')
        index = self.folder / "model.safetensors.index.json"
        names = ["model.safetensors"]
        if index.exists():
            names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        self._files = {}
        for name in names:
            file = _File(self.folder / name)
            self._files.update({tensor: file for tensor in file.entries})
        self.is_tied = self.config.get("tie_word_embeddings", self.family == "gpt2")
        self._check()

    def _check(self) -> None:
        expected = {
            "gpt2": {
                "activation_function": "gelu_new",
                "scale_attn_weights": True,
                "scale_attn_by_inverse_layer_idx": False,
            },
            "llama": {"hidden_act": "silu", "attention_bias": False, "mlp_bias": False},
        }
        for key, value in expected[self.family].items():
            if self.config.get(key, value) != value:
                raise UnsupportedModel(f"{key} is {self.config[key]}, expected {value}")

    def tensor(self, name: str) -> numpy.ndarray:
        """In f32, named without the family's prefix. Mapped where the file holds f32."""
        for full_name in (PREFIXES[self.family] + name, name):
            if full_name in self._files:
                return self._files[full_name].tensor(full_name)
        raise UnsupportedModel(f"there is no tensor {name}")

    @property
    def heads(self) -> int:
        return self.config["n_head" if self.family == "gpt2" else "num_attention_heads"]

    @property
    def layers(self) -> int:
        return self.config["n_layer" if self.family == "gpt2" else "num_hidden_layers"]

    @property
    def width(self) -> int:
        return self.config["n_embd" if self.family == "gpt2" else "hidden_size"]

    @property
    def kv_heads(self) -> int:
        return self.config.get("num_key_value_heads") or self.heads

    @property
    def head_size(self) -> int:
        return self.config.get("head_dim") or self.width // self.heads

    @property
    def context(self) -> int:
        return self.config["n_positions" if self.family == "gpt2" else "max_position_embeddings"]

    @property
    def norm_epsilon(self) -> float:
        if self.family == "gpt2":
            return self.config.get("layer_norm_epsilon", 1e-5)
        return self.config.get("rms_norm_eps", 1e-6)

    def rope(self) -> Rope:
        values = self.config.get("rope_parameters") or self.config.get("rope_scaling") or {}
        kind = values.get("rope_type") or values.get("type") or "default"
        if kind not in ("default", "linear", "llama3"):
            raise UnsupportedModel(f"rope_type is {kind}, expected default, linear or llama3")
        return Rope(
            base=values.get("rope_theta", self.config.get("rope_theta", 10000.0)),
            kind=kind,
            factor=values.get("factor", 1.0),
            low_frequency=values.get("low_freq_factor", 1.0),
            high_frequency=values.get("high_freq_factor", 4.0),
            original_context=values.get("original_max_position_embeddings", self.context),
        )

    def tokens(self) -> list[str]:
        """The vocabulary in the order of ids; ids that the tokenizer lacks get a name."""
        tokenizer = json.loads((self.folder / "tokenizer.json").read_text())
        count = self.config["vocab_size"]
        tokens = [f"<unused_{i}>" for i in range(count)]
        entries = list(tokenizer["model"]["vocab"].items())
        entries += [(token["content"], token["id"]) for token in tokenizer.get("added_tokens", [])]
        for token, i in entries:
            if i < count:
                tokens[i] = token
        return tokens

    def copy_tokenizer(self, folder: str) -> None:
        for name in TOKENIZER_FILES:
            if (self.folder / name).exists():
                shutil.copyfile(self.folder / name, os.path.join(folder, name))


def prepare_main(prepare: Callable[[HuggingFaceModel, str, str], None]) -> int:
    """Runs prepare(model, folder, precision); the folder is renamed to its place when it is whole.

    `PROGRAM FOLDER OUT [--precision NAME]`; precision is empty for the weights' own.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--precision", default="")
    arguments = parser.parse_args()
    parent = os.path.dirname(os.path.abspath(arguments.out))
    with tempfile.TemporaryDirectory(dir=parent, prefix=".prepare-") as temporary:
        made = os.path.join(temporary, "model")
        os.mkdir(made)
        try:
            prepare(HuggingFaceModel(arguments.folder), made, arguments.precision)
        except UnsupportedModel as error:
            print(f"{arguments.folder}: {error}", file=sys.stderr)
            return 1
        # Where another process was first, its folder is as good.
        if not os.path.isdir(arguments.out):
            os.rename(made, arguments.out)
    return 0
