"""Writes a Hugging Face folder in CTranslate2's form, as its own converter for transformers does.

    ctranslate2_prepare.py FOLDER OUT [--precision f32|bf16|int8]

That converter loads the model with PyTorch; this one fills the same specification from the mapped
file, so that the row's environment holds CTranslate2 alone.
"""

import sys

from ctranslate2.converters import utils
from ctranslate2.specs import attention_spec, common_spec, transformer_spec

import hf_model

# Making bf16 takes PyTorch; the library makes it of f32 while it loads.
QUANTIZATION = {"": None, "f32": "float32", "bf16": None, "int8": "int8"}

def set_linear(spec, model, name: str, transposed: bool = False) -> None:
    weight = model.tensor(f"{name}.weight")
    spec.weight = weight.T.copy() if transposed else weight
    if transposed:  # GPT-2's Conv1D, which has a bias
        spec.bias = model.tensor(f"{name}.bias")


def set_norm(spec, model, name: str) -> None:
    spec.gamma = model.tensor(f"{name}.weight")
    if model.family == "gpt2":
        spec.beta = model.tensor(f"{name}.bias")


def gpt2_spec(model):
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        model.layers, model.heads, pre_norm=True, activation=common_spec.Activation.GELUTanh
    )
    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = model.tensor("wte.weight")
    decoder.position_encodings.encodings = model.tensor("wpe.weight")
    set_norm(decoder.layer_norm, model, "ln_f")
    for i, layer in enumerate(decoder.layer):
        set_norm(layer.self_attention.layer_norm, model, f"h.{i}.ln_1")
        set_linear(layer.self_attention.linear[0], model, f"h.{i}.attn.c_attn", True)
        set_linear(layer.self_attention.linear[1], model, f"h.{i}.attn.c_proj", True)
        set_norm(layer.ffn.layer_norm, model, f"h.{i}.ln_2")
        set_linear(layer.ffn.linear_0, model, f"h.{i}.mlp.c_fc", True)
        set_linear(layer.ffn.linear_1, model, f"h.{i}.mlp.c_proj", True)
    return spec, "wte.weight"


def rotary_settings(rope: hf_model.Rope) -> dict:
    # The library has a name for llama3's correction of frequencies, but 4.8.5 generates the same
    # tokens whatever its factors are.
    kinds = {"default": None, "linear": attention_spec.RotaryScalingType.Linear}
    if rope.kind not in kinds:
        raise hf_model.UnsupportedModel(
            f"rope_type is {rope.kind}, which CTranslate2 does not apply; "
            f'expected {" or ".join(kinds)}'
        )
    return {
        "rotary_dim": 0,
        "rotary_interleave": False,
        "rotary_scaling_type": kinds[rope.kind],
        "rotary_scaling_factor": rope.factor,
        "rotary_base": rope.base,
    }


def llama_spec(model):
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        model.layers,
        model.heads,
        pre_norm=True,
        activation=common_spec.Activation.SWISH,
        ffn_glu=True,
        rms_norm=True,
        num_heads_kv=None if model.kv_heads == model.heads else model.kv_heads,
        head_dim=model.head_size,
        **rotary_settings(model.rope()),
    )
    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = model.tensor("embed_tokens.weight")
    set_norm(decoder.layer_norm, model, "norm")
    for i, layer in enumerate(decoder.layer):
        attention, ffn = layer.self_attention, layer.ffn
        set_norm(attention.layer_norm, model, f"layers.{i}.input_layernorm")
        parts = [common_spec.LinearSpec() for _ in range(3)]
        for part, name in zip(parts, "qkv"):
            set_linear(part, model, f"layers.{i}.self_attn.{name}_proj")
        utils.fuse_linear(attention.linear[0], parts)
        set_linear(attention.linear[1], model, f"layers.{i}.self_attn.o_proj")
        set_norm(ffn.layer_norm, model, f"layers.{i}.post_attention_layernorm")
        set_linear(ffn.linear_0, model, f"layers.{i}.mlp.gate_proj")
        set_linear(ffn.linear_0_noact, model, f"layers.{i}.mlp.up_proj")
        set_linear(ffn.linear_1, model, f"layers.{i}.mlp.down_proj")
    return spec, "embed_tokens.weight"


def prepare(model: hf_model.HuggingFaceModel, folder: str, precision: str) -> None:
    if precision not in QUANTIZATION:
        raise hf_model.UnsupportedModel(f"CTranslate2 has no {precision}")
    spec, embedding = gpt2_spec(model) if model.family == "gpt2" else llama_spec(model)
    output = embedding if model.is_tied else "lm_head.weight"
    spec.decoder.projection.weight = model.tensor(output)
    tokens = model.tokens()
    spec.register_vocabulary(tokens)
    # The row feeds and reads ids; these three only must be tokens that there are.
    spec.config.bos_token = spec.config.eos_token = spec.config.unk_token = tokens[0]
    spec.config.layer_norm_epsilon = model.norm_epsilon
    spec.validate()
    spec.optimize(quantization=QUANTIZATION[precision])
    spec.save(folder)
    model.copy_tokenizer(folder)


if __name__ == "__main__":
    sys.exit(hf_model.prepare_main(prepare))
