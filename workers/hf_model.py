"""Reads Hugging Face folders for the conversions here.

The names of a family's tensors and sizes come from families.json, which the build writes from
Tare's own tables (src/models/families_json.h), so this file names no family. It also holds what the
conversions share: their command line, and an output folder that appears complete or not at all.
Needs only NumPy, so that a backend's environment can prepare its model without PyTorch.
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

DTYPES = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}
# The supported activations: their names in config.json, and what they are.
ACTIVATIONS = {"gelu_new": "gelu_tanh", "gelu_pytorch_tanh": "gelu_tanh", "silu": "silu"}
TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
UNSUPPORTED = 4  # the exit status that `tare bench` shows as "unsupported"


class UnsupportedModel(Exception):
    """A model that a conversion cannot express for its engine."""


@dataclass(frozen=True)
class Rope:
    base: float
    kind: str  # "default", "linear" or "corrected", by wavelength
    factor: float
    low_frequency: float
    high_frequency: float
    original_context: int

    def inverse_frequencies(self, head_size: int) -> numpy.ndarray:
        """[head_size / 2], as Transformers computes them for the same configuration."""
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
    """A mapped safetensors file."""

    def __init__(self, path: pathlib.Path):
        with open(path, "rb") as file:
            header_bytes = int.from_bytes(file.read(8), "little")
            self.entries = json.loads(file.read(header_bytes))
        self.entries.pop("__metadata__", None)
        # Copy on write: some engines' libraries quantise in place.
        self._data = numpy.memmap(path, numpy.uint8, "c", offset=8 + header_bytes)

    def tensor(self, name: str) -> numpy.ndarray:
        entry = self.entries[name]
        if entry["dtype"] not in DTYPES:
            raise UnsupportedModel(f'{name} is {entry["dtype"]}, expected {", ".join(DTYPES)}')
        begin, end = entry["data_offsets"]
        # Copied if it is not aligned in the file.
        values = numpy.require(self._data[begin:end], requirements="A").view(DTYPES[entry["dtype"]])
        values = values.reshape(entry["shape"])
        if entry["dtype"] == "BF16":
            return (values.astype(numpy.uint32) << 16).view(numpy.float32)
        return values.astype(numpy.float32, copy=False)


class HuggingFaceModel:
    def __init__(self, folder: str, families: dict):
        self.folder = pathlib.Path(folder)
        self.config = json.loads((self.folder / "config.json").read_text())
        kind = self.config.get("model_type")
        if kind not in families:
            raise UnsupportedModel(f'model_type is {kind}, expected {" or ".join(families)}')
        self._family = families[kind]
        self._parts = self._family["parts"]
        index = self.folder / "model.safetensors.index.json"
        names = ["model.safetensors"]
        if index.exists():
            names = sorted(set(json.loads(index.read_text())["weight_map"].values()))
        self._files = {}
        for name in names:
            file = _File(self.folder / name)
            self._files.update({tensor: file for tensor in file.entries})
        has_output = self.has("output") and self._full_name(self.name("output") + ".weight")
        self.is_tied = self.config.get("tie_word_embeddings", not has_output)
        self._check()

    def _check(self) -> None:
        for key, value in self._family["settings"].items():
            if self.config.get(key, value) != value:
                raise UnsupportedModel(f"{key} is {self.config[key]}, expected {value}")
        if self.activation not in ACTIVATIONS.values():
            known = " or ".join(ACTIVATIONS)
            raise UnsupportedModel(f"the activation is {self.activation}, expected {known}")

    def has(self, part: str) -> bool:
        """Whether the family has the part: "gate", "position_embedding", …"""
        return part in self._parts

    def has_bias(self, part: str) -> bool:
        return self._parts[part]["bias"]

    def name(self, part: str, layer: int | None = None) -> str:
        """The tensor's name without the family's prefix and without .weight or .bias."""
        name = self._parts[part]["name"]
        return name if layer is None else f'{self._family["layers"]}{layer}.{name}'

    def weight(self, part: str, layer: int | None = None) -> numpy.ndarray:
        """The tensor in f32; mapped if the file holds f32."""
        return self._tensor(self.name(part, layer) + ".weight")

    def bias(self, part: str, layer: int | None = None) -> numpy.ndarray:
        return self._tensor(self.name(part, layer) + ".bias")

    def _full_name(self, name: str) -> str | None:
        """The tensor as the files hold it; a checkpoint of only the decoder lacks the family's prefix."""
        for full_name in (self._family["prefix"] + name, name):
            if full_name in self._files:
                return full_name
        return None

    def _tensor(self, name: str) -> numpy.ndarray:
        full_name = self._full_name(name)
        if full_name is None:
            raise UnsupportedModel(f"tensor {name} is missing; is the folder complete?")
        return self._files[full_name].tensor(full_name)

    def _size(self, size: str, default=None):
        """A size from config.json, or the default if config.json does not have it."""
        key = self._family["keys"][size]
        found = self.config.get(key) if key else None
        if found is None and default is None:
            raise UnsupportedModel(f"config.json has no {key}")
        return default if found is None else found

    @property
    def is_in_out(self) -> bool:
        """Whether projections are [in, out] instead of [out, in]; the output never is."""
        return self._family["in_out"]

    @property
    def is_fused(self) -> bool:
        """Whether query, key and value share one tensor."""
        return self.name("query") == self.name("key") == self.name("value")

    @property
    def rotates(self) -> bool:
        return self._family["rotates"]

    @property
    def activation(self) -> str:
        """A value of ACTIVATIONS, or the name in config.json if that is unknown."""
        key = self._family["keys"]["activation"]
        named = self.config.get(key, self._family["settings"].get(key))
        return ACTIVATIONS.get(named, named)

    @property
    def heads(self) -> int:
        return self._size("heads")

    @property
    def layers(self) -> int:
        return self._size("layers")

    @property
    def width(self) -> int:
        return self._size("width")

    @property
    def kv_heads(self) -> int:
        return self._size("kv_heads", self.heads)

    @property
    def head_size(self) -> int:
        return self._size("head_size", self.width // self.heads)

    @property
    def context(self) -> int:
        return self._size("context")

    @property
    def norm_epsilon(self) -> float:
        # Defaults of Transformers' classes, by kind of norm.
        return self._size("norm_epsilon", 1e-5 if self.has_bias("output_norm") else 1e-6)

    def rope(self) -> Rope:
        values = self.config.get("rope_parameters") or self.config.get("rope_scaling") or {}
        kind = values.get("rope_type") or values.get("type") or "default"
        if kind not in ("default", "linear"):
            if "low_freq_factor" not in values or "high_freq_factor" not in values:
                raise UnsupportedModel(
                    f"rope_type is {kind}, expected default, linear or one with low and high factors"
                )
            kind = "corrected"
        return Rope(
            base=values.get("rope_theta", self.config.get("rope_theta", 10000.0)),
            kind=kind,
            factor=values.get("factor", 1.0),
            low_frequency=values.get("low_freq_factor", 1.0),
            high_frequency=values.get("high_freq_factor", 4.0),
            original_context=values.get("original_max_position_embeddings", self.context),
        )

    def tokens(self) -> list[str]:
        """The vocabulary in the order of ids; ids without a token get a made-up name."""
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
    """Runs prepare(model, folder, precision); renames the folder to OUT once it is complete.

    Usage: `PROGRAM FOLDER OUT [--precision NAME] [--families FILE]`. An empty precision means that of
    the weights. In an installed tree, families.json is beside this program's folder.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--precision", default="")
    beside = pathlib.Path(os.path.abspath(sys.argv[0])).parent.parent
    parser.add_argument("--families", default=str(beside / "families.json"))
    arguments = parser.parse_args()
    try:
        families = json.loads(pathlib.Path(arguments.families).read_text())
    except OSError as error:
        advice = "build Tare first: cmake --build --preset release"
        print(f"{arguments.families}: {error.strerror}; {advice}", file=sys.stderr)
        return 1
    parent = os.path.dirname(os.path.abspath(arguments.out))
    with tempfile.TemporaryDirectory(dir=parent, prefix=".prepare-") as temporary:
        made = os.path.join(temporary, "model")
        os.mkdir(made)
        try:
            prepare(HuggingFaceModel(arguments.folder, families), made, arguments.precision)
        except UnsupportedModel as error:
            print(f"{arguments.folder}: {error}", file=sys.stderr)
            return UNSUPPORTED
        # If another process was first, its folder is as good.
        if not os.path.isdir(arguments.out):
            os.rename(made, arguments.out)
    return 0
