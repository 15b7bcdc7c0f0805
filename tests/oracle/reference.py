"""The reference for Tare: the model in a GGUF file, rebuilt in Transformers from its dequantised weights.

It shares nothing with Tare: the `gguf` package reads and dequantises the file, `tokenizers` gives the tokens, and the
forward pass is Transformers' own.
"""

import json
import pathlib

import gguf
import jinja2
import numpy as np
import torch
import transformers

import tokenizer_oracle

LAYER_NAMES = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
TOP_NAMES = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def field(reader, key):
    return reader.fields[key].contents()


def split_halves(rows, heads):
    """Undoes GGUF's order of query and key rows (adjacent pairs) for rotation by halves."""
    out, width = rows.shape
    return rows.reshape(heads, out // heads // 2, 2, width).swapaxes(1, 2).reshape(out, width)


def weights(reader):
    """Transformers' parameter name -> f32 array, dequantised from the file."""
    heads = {"attn_q": field(reader, "llama.attention.head_count"),
             "attn_k": field(reader, "llama.attention.head_count_kv")}
    found = {}
    for tensor in reader.tensors:
        array = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        stem = tensor.name.removesuffix(".weight")
        if stem.startswith("blk."):
            _, layer, part = stem.split(".")
            if part in heads:
                array = split_halves(array, heads[part])
            found[f"model.layers.{layer}.{LAYER_NAMES[part]}.weight"] = array
        else:
            found[f"{TOP_NAMES[stem]}.weight"] = array
    return found


class ExactNorm(torch.nn.Module):
    """RMSNorm in the type of its input; Transformers' own always goes through f32."""

    def __init__(self, norm):
        super().__init__()
        self.weight, self.epsilon = norm.weight, norm.variance_epsilon

    def forward(self, x):
        return self.weight * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.epsilon)


class ExactRotation(torch.nn.Module):
    """cos and sin of position x frequency in f64; Transformers' own are computed in f32."""

    def __init__(self, base, head_size):
        super().__init__()
        exponents = torch.arange(0, head_size, 2, dtype=torch.float64) / head_size
        self.frequencies = base**-exponents

    def forward(self, x, position_ids):
        angles = position_ids[..., None].to(torch.float64) * self.frequencies
        angles = torch.cat([angles, angles], dim=-1)
        return angles.cos(), angles.sin()


def load(path, dtype=torch.float32):
    """The file's LlamaForCausalLM. In f64 its norms and rotation are exact as well."""
    reader = gguf.GGUFReader(path)
    named = weights(reader)
    heads = field(reader, "llama.attention.head_count")
    head_size = field(reader, "llama.embedding_length") // heads
    base = field(reader, "llama.rope.freq_base")
    config = transformers.LlamaConfig(
        vocab_size=field(reader, "llama.vocab_size"),
        hidden_size=field(reader, "llama.embedding_length"),
        intermediate_size=field(reader, "llama.feed_forward_length"),
        num_hidden_layers=field(reader, "llama.block_count"),
        num_attention_heads=heads,
        num_key_value_heads=field(reader, "llama.attention.head_count_kv"),
        max_position_embeddings=field(reader, "llama.context_length"),
        rms_norm_eps=field(reader, "llama.attention.layer_norm_rms_epsilon"),
        rope_parameters={"rope_type": "default", "rope_theta": base},
        tie_word_embeddings="lm_head.weight" not in named,
        attn_implementation="eager",
    )
    model = transformers.LlamaForCausalLM(config).to(dtype).eval()
    tensors = {name: torch.tensor(array, dtype=dtype) for name, array in named.items()}
    if config.tie_word_embeddings:
        tensors["lm_head.weight"] = tensors["model.embed_tokens.weight"]
    model.load_state_dict(tensors, strict=True)
    model.tie_weights()
    if dtype == torch.float64:
        model.model.rotary_emb = ExactRotation(base, head_size)
        model.model.norm = ExactNorm(model.model.norm)
        for layer in model.model.layers:
            layer.input_layernorm = ExactNorm(layer.input_layernorm)
            layer.post_attention_layernorm = ExactNorm(layer.post_attention_layernorm)
    return model


@torch.inference_mode()
def logits(model, ids):
    """[T, V] logits of all positions, returned in f64 for any computation type."""
    return model(torch.tensor([ids])).logits[0].to(torch.float64).numpy()


@torch.inference_mode()
def greedy(model, ids, count, stop=None):
    """The `count` most likely tokens after `ids`. Stops early, without it, if `stop` is chosen."""
    chosen, cache = [], transformers.DynamicCache()
    step = torch.tensor([ids])
    for _ in range(count):
        out = model(step, past_key_values=cache, use_cache=True)
        token = int(np.argmax(out.logits[0, -1].numpy()))
        if token == stop:
            break
        chosen.append(token)
        step = torch.tensor([[token]])
    return chosen


class Text:
    """Converts text to token ids and back with the file's vocabulary and chat template."""

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        pre = field(reader, "tokenizer.ggml.pre")
        vocabulary = tokenizer_oracle.model_vocabulary(path)
        self.plain = vocabulary.reference(pre, parse_special=False)
        self.special = vocabulary.reference(pre, parse_special=True)
        environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
        self.template = environment.from_string(field(reader, "tokenizer.chat_template"))
        self.end_of_text = field(reader, "tokenizer.ggml.eos_token_id")

    def ids(self, text, chat):
        if not chat:
            return self.plain.encode(text).ids
        messages = [{"role": "user", "content": text}]
        return self.special.encode(self.template.render(messages=messages, add_generation_prompt=True)).ids

    def text(self, ids):
        return self.plain.decode(ids)


def prompts():
    """[(name, chat, text)] of prompts.json."""
    listed = json.loads(pathlib.Path(__file__).with_name("prompts.json").read_text(encoding="utf-8"))
    return [(p["name"], p["chat"], p["text"]) for p in listed]
