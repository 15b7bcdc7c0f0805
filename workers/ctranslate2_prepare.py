"""Converts a Hugging Face folder to CTranslate2's format, as its own converter for Transformers does.

    ctranslate2_prepare.py FOLDER OUT [--precision f32|bf16|int8]

That converter loads the model with PyTorch. This one fills the same specification from the mapped
file, so that the backend's environment needs only CTranslate2.
"""

import sys

from ctranslate2.converters import utils
from ctranslate2.specs import attention_spec, common_spec, transformer_spec

import hf_model

# Writing bf16 needs PyTorch; instead, the library converts f32 to bf16 while it loads.
QUANTIZATION = {"": None, "f32": "float32", "bf16": None, "int8": "int8"}

ACTIVATIONS = {
    "gelu_tanh": common_spec.Activation.GELUTanh,
    "silu": common_spec.Activation.SWISH,
}


def set_linear(spec, model, part: str, layer: int) -> None:
    weight = model.weight(part, layer)
    spec.weight = weight.T.copy() if model.is_in_out else weight
    if model.has_bias(part):
        spec.bias = model.bias(part, layer)


def set_norm(spec, model, part: str, layer: int | None = None) -> None:
    spec.gamma = model.weight(part, layer)
    if model.has_bias(part):
        spec.beta = model.bias(part, layer)


def rotary_settings(rope: hf_model.Rope) -> dict:
    # The library has a name for frequencies corrected by wavelength, but 4.8.5 ignores their
    # factors: it always generates the same tokens.
    kinds = {"default": None, "linear": attention_spec.RotaryScalingType.Linear}
    if rope.kind not in kinds:
        raise hf_model.UnsupportedModel(
            f"rotary frequencies are {rope.kind}, which CTranslate2 does not apply; "
            f'expected {" or ".join(kinds)}'
        )
    return {
        "rotary_dim": 0,
        "rotary_interleave": False,
        "rotary_scaling_type": kinds[rope.kind],
        "rotary_scaling_factor": rope.factor,
        "rotary_base": rope.base,
    }


def position_settings(model) -> dict:
    if model.has("position_embedding"):
        return {}
    if not model.rotates:
        raise hf_model.UnsupportedModel("CTranslate2 has no decoder without positions")
    return {"head_dim": model.head_size, **rotary_settings(model.rope())}


def decoder_spec(model):
    spec = transformer_spec.TransformerDecoderModelSpec.from_config(
        model.layers,
        model.heads,
        pre_norm=True,
        activation=ACTIVATIONS[model.activation],
        ffn_glu=model.has("gate"),
        rms_norm=not model.has_bias("output_norm"),
        num_heads_kv=None if model.kv_heads == model.heads else model.kv_heads,
        **position_settings(model),
    )
    decoder = spec.decoder
    decoder.scale_embeddings = False
    decoder.embeddings.weight = model.weight("token_embedding")
    if model.has("position_embedding"):
        decoder.position_encodings.encodings = model.weight("position_embedding")
    set_norm(decoder.layer_norm, model, "output_norm")
    for i, layer in enumerate(decoder.layer):
        set_layer(layer, model, i)
    return spec


def set_layer(layer, model, i: int) -> None:
    attention, ffn = layer.self_attention, layer.ffn
    set_norm(attention.layer_norm, model, "attention_norm", i)
    if model.is_fused:
        set_linear(attention.linear[0], model, "query", i)
    else:
        parts = [common_spec.LinearSpec() for _ in range(3)]
        for spec, part in zip(parts, ("query", "key", "value")):
            set_linear(spec, model, part, i)
        utils.fuse_linear(attention.linear[0], parts)
    set_linear(attention.linear[1], model, "attention_out", i)
    set_norm(ffn.layer_norm, model, "mlp_norm", i)
    set_linear(ffn.linear_0, model, "gate" if model.has("gate") else "up", i)
    if model.has("gate"):
        set_linear(ffn.linear_0_noact, model, "up", i)
    set_linear(ffn.linear_1, model, "down", i)


def prepare(model: hf_model.HuggingFaceModel, folder: str, precision: str) -> None:
    if precision not in QUANTIZATION:
        known = ", ".join(filter(None, QUANTIZATION))
        raise hf_model.UnsupportedModel(
            f"CTranslate2 does not support {precision}, expected one of {known}"
        )
    spec = decoder_spec(model)
    output = "token_embedding" if model.is_tied else "output"
    spec.decoder.projection.weight = model.weight(output)
    tokens = model.tokens()
    spec.register_vocabulary(tokens)
    # The worker passes ids, so these three may be any existing tokens.
    spec.config.bos_token = spec.config.eos_token = spec.config.unk_token = tokens[0]
    spec.config.layer_norm_epsilon = model.norm_epsilon
    spec.validate()
    spec.optimize(quantization=QUANTIZATION[precision])
    spec.save(folder)
    model.copy_tokenizer(folder)


if __name__ == "__main__":
    sys.exit(hf_model.prepare_main(prepare))
