#!/usr/bin/env python3
"""Makes keras_logits/FAMILY: a small preset with random weights that KerasHub wrote, and KerasHub's results for it.

    PYTHON tests/golden/make_keras_logits.py          (PYTHON: scripts/keras_python.sh prints it)

  preset/        as KerasHub saved it, with its weights packed
  logits.f32     [T, V] exact logits of `tokens`, f32 little-endian
  expected.json  tokens that fill the context: a prompt and KerasHub's greedy continuation;
                 KerasHub's largest error in f32, and the tolerance (tests/oracle/comparison.py);
                 a prompt whose continuation ends with the model's end of text
"""

import json
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))

import keras_presets  # noqa: E402  (first: it chooses Keras's backend)
import keras_reference  # noqa: E402
import h5py  # noqa: E402
import numpy as np  # noqa: E402
from comparison import ALLOWANCE, largest_error  # noqa: E402
from keras_presets import Shape  # noqa: E402

CONTEXT = 16
PROMPT = [72, 261, 9]
ENDS = {"gpt2": {"<|endoftext|>"}, "llama3": {"<|end_of_text|>", "<|eot_id|>"}}
SHAPES = [
    Shape(
        "gpt2",
        "gpt2",
        CONTEXT,
        {
            "num_layers": 2,
            "num_heads": 3,
            "hidden_dim": 15,
            "intermediate_dim": 28,
            "vocabulary_size": 263,
        },
    ),
    Shape(
        "llama3",
        "llama3",
        CONTEXT,
        {
            "num_layers": 2,
            "num_query_heads": 6,
            "num_key_value_heads": 3,
            "hidden_dim": 24,
            "intermediate_dim": 28,
            "vocabulary_size": 267,
        },
        stored="bfloat16",
        tied=True,
        backbone={
            "layer_norm_epsilon": 1e-5,
            "rope_max_wavelength": 500000,
            "rope_frequency_adjustment_factor": 8.0,
            "rope_low_freq_factor": 1.0,
            "rope_high_freq_factor": 4.0,
            "rope_pretraining_sequence_length": 1024,
        },
    ),
]


def pack(path):
    """Rewrites an HDF5 file with short headers: Keras's headers are larger than these weights."""
    unpacked = path.rename(path.with_suffix(".unpacked"))
    with h5py.File(unpacked) as source, h5py.File(path, "w", libver="latest") as packed:

        def copy(name, item):
            if isinstance(item, h5py.Dataset):
                copied = packed.create_dataset(name, data=item[()], track_times=False)
                copied.attrs.update(item.attrs)

        source.visititems(copy)
    unpacked.unlink()


def find_ending(f32, shape):
    """The first two-token prompt whose continuation ends the text after at least three other tokens."""
    special = keras_presets.SPECIAL[shape.family]
    ends = [i for i, token in enumerate(special) if token in ENDS[shape.family]]
    prompts = [[first, 50] for first in range(len(special), shape.sizes["vocabulary_size"])]
    for row in f32.greedy(prompts, CONTEXT).tolist():
        at = next((i for i, token in enumerate(row) if i >= 2 and token in ends), 0)
        if at >= 5:
            return {"prompt": row[:2], "tokens": row[2:at], "stop_token": row[at]}
    raise RuntimeError("no prompt ends; try another seed")


def make(shape):
    folder = HERE / "keras_logits" / shape.name
    shutil.rmtree(folder, ignore_errors=True)
    keras_presets.make_preset(shape, folder / "preset")
    pack(folder / "preset" / "model.weights.h5")
    f32 = keras_reference.Reference(folder / "preset", "float32")
    tokens = f32.greedy([PROMPT], CONTEXT)
    exact = keras_reference.Reference(folder / "preset", "float64").forward(tokens)
    error = max(
        largest_error(f32.forward(tokens), exact), largest_error(f32.step_by_step(tokens), exact)
    )
    exact[0].astype("<f4").tofile(folder / "logits.f32")
    expected = {
        "made_with": keras_presets.versions(),
        "prompt": PROMPT,
        "tokens": tokens[0].tolist(),
        "keras_error": error,
        "tolerance": ALLOWANCE * error,
        "largest_logit": float(np.abs(exact).max()),
        "ending": find_ending(f32, shape),
    }
    (folder / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    for each in SHAPES:
        make(each)
