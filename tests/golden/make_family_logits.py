#!/usr/bin/env python3
"""Makes family_logits/NAME.json: what Transformers makes of small models of each family, whose weights follow from
their names.

    PYTHON tests/golden/make_family_logits.py [NAME…]      (PYTHON: scripts/oracle_python.sh prints it)

A file has the model's config.json; tokens that fill the context; logits [positions, V] of some positions, exact but for
the last rounding; the error of Transformers in f32 and the tolerance that follows from it (tests/oracle/comparison.py);
what a GELU read from a table of f16 would err by, as llama.cpp's is; and the tokens that it chooses greedily after a
prompt. Weights are not stored: weight() computes each from its name, and
tests/families does the same.
"""

import contextlib
import json
import pathlib
import sys
from unittest import mock

import numpy as np
import torch
import transformers

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "oracle"))
from comparison import ALLOWANCE  # noqa: E402

CONTEXT = 48
POSITIONS = [0, 1, 7, 8, 9, 23, 31, 32, 47]
PROMPT = [5, 61, 17]
NEW_TOKENS = 24
GOLDEN = 0x9E3779B97F4A7C15


def mix(value):
    """The finaliser of SplitMix64, of uint64 arrays."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def key_of(name):
    """FNV-1a."""
    key = 0xCBF29CE484222325
    for byte in name.encode():
        key = (key ^ byte) * 0x100000001B3 % 2**64
    return key


def weight(name, shape, norm_base):
    """Uniform values: matrices keep the size of what they multiply, norms lie around norm_base, biases around 0."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        bits = mix(np.uint64(key_of(name)) + np.arange(count, dtype=np.uint64) * np.uint64(GOLDEN))
    unit = (bits >> np.uint64(40)).astype(np.float64) * 2.0**-23 - 1.0
    if len(shape) > 1:
        values = unit * (1.7 / np.sqrt(np.float64(shape[-1])))
    elif name.endswith(".bias"):
        values = unit * 0.3
    else:
        values = unit * 0.3 + norm_base
    return values.astype(np.float32).reshape(shape)


SIZES = dict(
    vocab_size=67,
    hidden_size=36,
    intermediate_size=52,
    num_hidden_layers=4,
    num_attention_heads=6,
    num_key_value_heads=2,
    max_position_embeddings=CONTEXT,
    rms_norm_eps=1e-5,
    pad_token_id=0,
    bos_token_id=1,
    eos_token_id=2,
)
LLAMA3 = dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0)


def sizes(**changes):
    return {**SIZES, **changes}


# name: (model_type, settings of its config.json)
MODELS = {
    "llama": ("llama", sizes(head_dim=10, rope_theta=500000.0, attention_bias=True, tie_word_embeddings=False,
                             rope_scaling={**LLAMA3, "original_max_position_embeddings": 32})),
    "llama-linear": ("llama", sizes(rope_scaling={"rope_type": "linear", "factor": 2.5}, tie_word_embeddings=True)),
    "mistral": ("mistral", sizes(head_dim=8, sliding_window=9)),
    "mistral-full": ("mistral", sizes(hidden_size=40, head_dim=14, sliding_window=None)),
    "qwen2": ("qwen2", sizes(rope_theta=1000000.0, tie_word_embeddings=True)),
    "qwen2-yarn": ("qwen2", sizes(tie_word_embeddings=False, rope_scaling={
        "rope_type": "yarn", "factor": 3.0, "original_max_position_embeddings": 16})),
    "qwen2-window": ("qwen2", sizes(use_sliding_window=True, sliding_window=7, max_window_layers=2)),
    "qwen3": ("qwen3", sizes(head_dim=20, rope_theta=1000000.0, tie_word_embeddings=True)),
    "qwen3-bias": ("qwen3", sizes(head_dim=10, attention_bias=True, tie_word_embeddings=False)),
    "qwen3moe": ("qwen3_moe", sizes(head_dim=20, num_experts=7, num_experts_per_tok=3, moe_intermediate_size=22,
                                    norm_topk_prob=True, rope_theta=1000000.0, tie_word_embeddings=False)),
    "qwen3moe-dense": ("qwen3_moe", sizes(
        num_hidden_layers=5, num_local_experts=5, num_experts_per_tok=2, moe_intermediate_size=14, norm_topk_prob=False,
        decoder_sparse_step=2, mlp_only_layers=[1], attention_bias=True, tie_word_embeddings=True)),
    "qwen3moe-window": ("qwen3_moe", sizes(
        head_dim=14, num_experts=4, num_experts_per_tok=4, moe_intermediate_size=30, norm_topk_prob=True,
        use_sliding_window=True, sliding_window=10)),
    "gemma2": ("gemma2", sizes(head_dim=20, sliding_window=8, query_pre_attn_scalar=20, attn_logit_softcapping=3.0,
                               final_logit_softcapping=2.0, rms_norm_eps=1e-6)),
    "gemma2-scalar": ("gemma2", sizes(head_dim=10, sliding_window=11, query_pre_attn_scalar=6)),
    "gemma3": ("gemma3_text", sizes(head_dim=20, num_hidden_layers=8, sliding_window=8, query_pre_attn_scalar=20,
                                    rms_norm_eps=1e-6)),
    "gemma3-linear": ("gemma3_text", sizes(
        head_dim=10, num_hidden_layers=7, sliding_window=16, query_pre_attn_scalar=10, rope_theta=1000000.0,
        rope_local_base_freq=10000.0, rope_scaling={"rope_type": "linear", "factor": 8.0}, rms_norm_eps=1e-6)),
    "phi3": ("phi3", sizes(hidden_size=60, sliding_window=None)),
    "phi3-longrope": ("phi3", sizes(
        hidden_size=48, original_max_position_embeddings=20, tie_word_embeddings=True, rope_scaling={
            "rope_type": "longrope", "short_factor": [1.0, 1.1, 1.2, 1.4], "long_factor": [1.5, 2.0, 4.0, 5.0]})),
    "phi3-window": ("phi3", sizes(hidden_size=72, partial_rotary_factor=0.5, sliding_window=13)),
    "granite": ("granite", sizes(attention_multiplier=0.3, embedding_multiplier=7.0, residual_multiplier=0.4,
                                 logits_scaling=3.0, tie_word_embeddings=True)),
    "granite-bias": ("granite", sizes(attention_bias=True, attention_multiplier=0.7, tie_word_embeddings=False)),
    "smollm3": ("smollm3", sizes(num_hidden_layers=6, rope_theta=5000000.0, tie_word_embeddings=True)),
    "smollm3-list": ("smollm3", sizes(no_rope_layers=[0, 1, 1, 0], attention_bias=True, tie_word_embeddings=False)),
}


def expert_weights(name, shape, base):
    """Transformers keeps the experts of a layer in one tensor, but a checkpoint has one of each, whose name counts."""
    layer, part = name.rsplit(".", 1)
    parts = {"gate_up_proj": ["gate_proj", "up_proj"], "down_proj": ["down_proj"]}[part]
    own = (shape[1] // len(parts), shape[2])
    return np.stack([
        np.concatenate([weight(f"{layer}.{expert}.{one}.weight", own, base) for one in parts])
        for expert in range(shape[0])
    ])


def load(model_type, settings):
    config = transformers.AutoConfig.for_model(model_type, **json.loads(json.dumps(settings)))
    config._attn_implementation = config._experts_implementation = "eager"
    model = transformers.AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    base = 0.0 if model_type.startswith("gemma") else 1.0
    state = model.state_dict()
    for name, tensor in state.items():
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        values = expert_weights if ".mlp.experts." in name else weight
        tensor.copy_(torch.from_numpy(values(name, tuple(tensor.shape), base)))
    model.tie_weights()
    return model


@contextlib.contextmanager
def in_f64():
    """Lets Transformers compute in f64 throughout: it widens to f32 in places, which here would narrow."""
    to, softmax = torch.Tensor.to, torch.nn.functional.softmax

    def stay(self, *args, **kwargs):
        if self.dtype == torch.float64:
            args = tuple(torch.float64 if a == torch.float32 else a for a in args)
            if kwargs.get("dtype") == torch.float32:
                kwargs["dtype"] = torch.float64
        return to(self, *args, **kwargs)

    def soft(x, *args, dtype=None, **kwargs):
        return softmax(x, *args, **kwargs)

    with (
        mock.patch.object(torch.Tensor, "to", stay),
        mock.patch.object(torch.Tensor, "float", lambda self: self.double()),
        mock.patch.object(torch.nn.functional, "softmax", soft),
    ):
        yield


@torch.inference_mode()
def logits(model, ids):
    return model(torch.tensor([ids]), use_cache=False).logits[0].to(torch.float64).numpy()


def half_gelu(model):
    """Rounds what goes into each GELU and what comes out of it to f16."""
    half = torch.nn.Module()
    act = model.model.layers[0].mlp.act_fn
    half.forward = lambda x: act(x.half().to(x.dtype)).half().to(x.dtype)
    for layer in model.model.layers:
        layer.mlp.act_fn = half
    return model


def greedy(model, ids, count):
    ids = list(ids)
    for _ in range(count):
        ids.append(int(np.argmax(logits(model, ids)[-1])))
    return ids[-count:]


def rounded(values):
    """Eight digits: enough for an f32."""
    return [[float(f"{value:.8g}") for value in row] for row in values]


def make(name):
    model_type, settings = MODELS[name]
    rng = np.random.default_rng(key_of(name) % 2**32)
    tokens = [int(t) for t in rng.integers(3, settings["vocab_size"], CONTEXT)]
    model = load(model_type, settings)
    f32 = logits(model, tokens)
    chosen = greedy(model, PROMPT, NEW_TOKENS)
    has_gelu = model_type.startswith("gemma")
    with in_f64():
        exact = logits(model.double(), tokens)
        half = logits(half_gelu(model), tokens) if has_gelu else exact
    # Rounding, in f32, of the largest logit; what the oracle itself errs by where that is less.
    error = max(float(np.abs(f32 - exact).max()), float(np.abs(exact).max()) * 2.0**-24)
    is_longrope = (settings.get("rope_scaling") or {}).get("rope_type") == "longrope"
    golden = {
        "made_with": f"transformers {transformers.__version__}",
        "config": {"model_type": model_type, **settings},
        "tied": bool(model.config.tie_word_embeddings),
        "tokens": tokens,
        "positions": POSITIONS,
        "logits": rounded(exact[POSITIONS]),
        "transformers_error": error,
        "tolerance": ALLOWANCE * error,
        **({"half_gelu_error": float(np.abs(half - exact).max())} if has_gelu else {}),
        "prompt": PROMPT,
        "greedy": chosen,
        # Step by step, a text that is still short is rotated otherwise than the beginning of a long one.
        "steps_from": settings["original_max_position_embeddings"] if is_longrope else 0,
    }
    folder = HERE / "family_logits"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(golden) + "\n")
    print(f"{name}: error {error:.1e}, largest {np.abs(exact).max():.1f}, greedy {chosen[:6]}")


if __name__ == "__main__":
    for each in sys.argv[1:] or MODELS:
        make(each)
