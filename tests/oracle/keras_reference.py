"""KerasHub's logits and greedy tokens for a preset: in f32, as its users get them, and in f64.

The f64 run is the same model under the policy "float64". Where KerasHub always goes through f32
(Llama's norms, rotation, softmax and SiLU), this module substitutes f64. It then searches the
traced program: a single f32 number in it is an error. The result is therefore exact for this
purpose.

KerasHub 0.32.0 reads a Llama preset's rope_position_scaling_factor and then ignores it: the
division moved into a method that Llama overrides. 0.24 divides, as both versions document, and so
does Tare; this module restores the division.
"""

import contextlib

import keras_presets  # first: it chooses Keras's backend  # noqa: F401

import jax
import keras
import numpy as np
from keras.src import backend
from keras.src.backend.common import dtypes
from keras_hub import models
from keras_hub.src.models.llama import llama_attention
from keras_hub.src.models.llama.llama_rotary_embedding import LlamaRotaryEmbedding

UNSCALED = LlamaRotaryEmbedding._get_inverse_freq


def scaled_frequencies(layer, rotary_dim):
    return UNSCALED(layer, rotary_dim) / layer.scaling_factor


LlamaRotaryEmbedding._get_inverse_freq = scaled_frequencies


def wide_result_type(*types):
    """Replaces keras.backend.result_type, which turns f64 and f32 into f32, so that norms narrow."""
    names = [backend.standardize_dtype(t) for t in types if not isinstance(t, type)]
    return "float64" if "float64" in names else RESULT_TYPE(*types)


RESULT_TYPE = dtypes.result_type


class Widened:
    """An operation of keras.ops that uses "float64" in place of "float32"."""

    def __init__(self, operation):
        self.operation = operation

    def __call__(self, *args, **kwargs):
        wide = ["float64" if isinstance(a, str) and a == "float32" else a for a in args]
        if kwargs.get("dtype") == "float32":
            kwargs["dtype"] = "float64"
        return self.operation(*wide, **kwargs)


@contextlib.contextmanager
def replaced(owner, name, value):
    kept = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, kept)


@contextlib.contextmanager
def exact():
    """Makes KerasHub compute in f64 throughout, if its model was loaded in f64."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(jax.enable_x64(True))
        for name in ("cast", "arange"):
            stack.enter_context(replaced(keras.ops, name, Widened(getattr(keras.ops, name))))
        for owner in (backend, dtypes):
            stack.enter_context(replaced(owner, "result_type", wide_result_type))
        plain = replaced(llama_attention, "fused_attention_op_available", lambda: False)
        stack.enter_context(plain)
        yield


class Reference:
    """A preset loaded by KerasHub. precision: "float32", as usual, or "float64"."""

    def __init__(self, preset, precision):
        self.precision = precision
        with self.computing():
            self.model = models.CausalLM.from_preset(str(preset), dtype=precision, preprocessor=None)
            if precision == "float64":
                self.take_plain_attention()
        self.model.compile(sampler="greedy")

    def computing(self):
        return exact() if self.precision == "float64" else contextlib.nullcontext()

    def take_plain_attention(self):
        """Uses Keras's attention, in f64, because JAX's own computes its softmax in f32."""
        for layer in self.model.backbone.transformer_layers:
            attention = layer._self_attention_layer
            attention._softmax.dtype_policy = keras.DTypePolicy("float64")
            attention._dropout = 1.0  # With dropout, Keras does not use JAX's; it drops nothing.

    def run(self, function, ids):
        with self.computing():
            traced = jax.jit(function).trace(ids)
            other = "f32[" if self.precision == "float64" else "f64["
            if other in str(traced.jaxpr):
                raise RuntimeError(f"KerasHub computes {other[:3]} in a run of {self.precision}")
            out = traced.lower().compile()(ids)
            return np.asarray(out).astype(np.float64)

    def forward(self, ids):
        """[B, T, V] logits, all positions at once."""

        def whole(ids):
            return self.model({"token_ids": ids, "padding_mask": keras.ops.ones_like(ids)})

        return self.run(whole, ids)

    def empty_cache(self, batch, length):
        backbone = self.model.backbone
        names = ("num_query_heads", "num_attention_heads", "num_heads")
        heads = next(getattr(backbone, name) for name in names if hasattr(backbone, name))
        cached = getattr(backbone, "num_key_value_heads", None) or heads
        size = getattr(backbone, "head_dim", None) or backbone.hidden_dim // heads
        layer = (length, cached, size)
        if isinstance(self.model, models.Gemma3CausalLM):  # keys and values of each layer
            zeros = keras.ops.zeros((batch, *layer), dtype=self.precision)
            return ((zeros, zeros),) * backbone.num_layers
        return keras.ops.zeros((batch, backbone.num_layers, 2, *layer), dtype=self.precision)

    def step_by_step(self, ids):
        """[B, T, V] logits, token by token through the cache, as generate() works."""

        def steps(ids):
            def one(cache, at):
                token, index = at
                logits, _, cache = self.model.call_with_cache(token[:, None], cache, index)
                return cache, logits[:, 0]

            positions = jax.numpy.arange(ids.shape[1])
            _, logits = jax.lax.scan(one, self.empty_cache(*ids.shape), (ids.T, positions))
            return logits.swapaxes(0, 1)

        return self.run(steps, ids)

    def greedy(self, prompts, context):
        """[B, context]: each prompt and its continuation by generate() until the context is full."""
        mask = np.zeros((len(prompts), context), dtype=bool)
        ids = np.zeros((len(prompts), context), dtype=np.int32)
        for row, prompt in enumerate(prompts):
            mask[row, : len(prompt)] = True
            ids[row, : len(prompt)] = prompt
        inputs = {"token_ids": ids, "padding_mask": mask}
        if isinstance(self.model, models.Gemma3CausalLM):  # hands its images back
            inputs["images"] = np.zeros((len(prompts), 0, 1, 1, 3), dtype=np.float32)
        return np.asarray(self.model.generate(inputs, stop_token_ids=None)["token_ids"])
