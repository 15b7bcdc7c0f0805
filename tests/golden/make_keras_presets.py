#!/usr/bin/env python3
"""Makes keras_presets.json: each variable's name and shape in small presets saved by KerasHub.

Needs keras 3.15.1, keras-hub 0.32.0, torch and h5py.
"""

import json
import os
import pathlib
import tempfile

os.environ["KERAS_BACKEND"] = "torch"

import h5py  # noqa: E402
import keras_hub  # noqa: E402

GPT2 = {"vocabulary_size": 22, "num_heads": 3, "hidden_dim": 15, "intermediate_dim": 28, "max_sequence_length": 11}
LLAMA = {
    "vocabulary_size": 22,
    "num_query_heads": 6,
    "num_key_value_heads": 3,
    "hidden_dim": 24,
    "intermediate_dim": 40,
    "rope_max_wavelength": 500000,
    "rope_frequency_adjustment_factor": 8.0,
    "rope_low_freq_factor": 1.0,
    "rope_high_freq_factor": 4.0,
    "rope_pretraining_sequence_length": 8192,
}
PRESETS = {
    "gpt2": (keras_hub.models.GPT2Backbone, GPT2),
    "llama3_untied": (keras_hub.models.Llama3Backbone, LLAMA),
    "llama3_tied": (keras_hub.models.Llama3Backbone, {**LLAMA, "tie_word_embeddings": True}),
}


def variables(path):
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = list(item.shape)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def main():
    presets = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, (backbone, sizes) in PRESETS.items():
            backbone(num_layers=2, **sizes).save_to_preset(f"{folder}/{name}")
            config = json.loads(pathlib.Path(folder, name, "config.json").read_text())
            config["config"].pop("name")
            weights = variables(f"{folder}/{name}/model.weights.h5")
            presets[name] = {"config": config, "variables": weights}
    out = pathlib.Path(__file__).with_name("keras_presets.json")
    text = json.dumps(presets, indent=1)
    out.write_text(text + "\n")


if __name__ == "__main__":
    main()
