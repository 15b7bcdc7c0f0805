"""Builds models as OpenVINO's exporter for language models does, from a Hugging Face folder in f32.

An exported model is stateful: its inputs are input_ids, attention_mask, position_ids and beam_idx, its
keys and values are variables, and its attention is one ScaledDotProductAttention.
"""

import json
import pathlib

import numpy as np
import openvino as ov
from openvino import opset13 as op
from openvino.op.util import Variable, VariableInfo


def tensors(folder: pathlib.Path) -> dict[str, np.ndarray]:
    """Views on an f32 safetensors file."""
    raw = np.memmap(folder / "model.safetensors", np.uint8, "c")
    start = 8 + int(raw[:8].view(np.uint64)[0])
    header = json.loads(raw[8:start].tobytes())
    views = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        assert entry["dtype"] == "F32", f"{name} is {entry['dtype']}, expected F32"
        first, last = (start + offset for offset in entry["data_offsets"])
        views[name] = raw[first:last].view(np.float32).reshape(entry["shape"])
    return views


def ints(*values: int) -> ov.Node:
    return op.constant(np.array(values, dtype=np.int64))


def floats(value: float) -> ov.Node:
    return op.constant(np.array([value], dtype=np.float32))


class Exported:
    """The parts that the families share: inputs, cache, attention, output."""

    table: str  # the embedding's name
    output: str = "lm_head.weight"  # the output's own matrix, if there is one

    def __init__(self, config: dict, weights: dict[str, np.ndarray], heads: int, kv_heads: int,
                 size: int):
        self.config, self.weights = config, weights
        self.heads, self.kv_heads, self.size = heads, kv_heads, size
        self.sinks = []
        self.ids = self.input("input_ids", [-1, -1], np.int64)
        self.attended = self.input("attention_mask", [-1, -1], np.int64)
        self.positions = self.input("position_ids", [-1, -1], np.int64)
        self.beams = self.input("beam_idx", [-1], np.int32)

    def hidden(self, tokens: ov.Node) -> ov.Node:
        """Applies all layers and the last norm to rows of the embedding."""
        raise NotImplementedError

    def input(self, name: str, shape: list[int], kind: type) -> ov.Node:
        made = op.parameter(shape, kind, name=name)
        made.output(0).tensor.set_names({name})
        return made

    def constant(self, name: str) -> ov.Node:
        return op.constant(self.weights[name], shared_memory=True)

    def rows(self, table: ov.Node, indices: ov.Node) -> ov.Node:
        return op.gather(table, op.convert(indices, "i32"), ints(0))

    def split(self, x: ov.Node, heads: int) -> ov.Node:
        shape = ints(0, 0, heads, self.size)
        return op.transpose(op.reshape(x, shape, True), ints(0, 2, 1, 3))

    def mask(self) -> ov.Node:
        """f32 [1, 1, T, S]: -inf if the key comes after the query."""
        context = op.gather(op.shape_of(self.attended), ints(1), ints(0))
        keys = op.range(op.constant(np.int64(0)), op.squeeze(context, ints(0)),
                        op.constant(np.int64(1)), "i64")
        after = op.greater(keys, op.unsqueeze(self.positions, ints(-1)))
        return op.unsqueeze(op.select(after, floats(-np.inf), floats(0.0)), ints(1))

    def all_so_far(self, x: ov.Node, name: str) -> ov.Node:
        about = VariableInfo()
        about.data_shape = ov.PartialShape([-1, self.kv_heads, -1, self.size])
        about.data_type, about.variable_id = ov.Type.f32, name
        variable = Variable(about)
        batch = op.gather(op.shape_of(self.ids), ints(0), ints(0))
        shape = op.concat([batch, ints(self.kv_heads, 0, self.size)], 0)
        past = op.read_value(op.broadcast(floats(0.0), shape), variable)
        appended = op.concat([op.gather(past, self.beams, ints(0)), x], 2)
        self.sinks.append(op.assign(appended, variable))
        return self.repeated(appended)

    def repeated(self, x: ov.Node) -> ov.Node:
        if self.heads == self.kv_heads:
            return x
        shape = ints(1, 1, self.heads // self.kv_heads, 1, 1)
        apart = op.broadcast(op.unsqueeze(x, ints(2)), shape, None, "BIDIRECTIONAL")
        return op.reshape(apart, ints(0, self.heads, -1, self.size), True)

    def attention(self, query: ov.Node, key: ov.Node, value: ov.Node, mask: ov.Node,
                  layer: int) -> ov.Node:
        keys = self.all_so_far(key, f"past_key_values.{layer}.key")
        values = self.all_so_far(value, f"past_key_values.{layer}.value")
        seen = op.scaled_dot_product_attention(query, keys, values, mask)
        return op.reshape(op.transpose(seen, ints(0, 2, 1, 3)),
                          ints(0, 0, self.heads * self.size), True)

    def model(self) -> ov.Model:
        table = self.constant(self.table)
        x = self.hidden(self.rows(table, self.ids))
        last = self.constant(self.output) if self.output in self.weights else table
        logits = op.matmul(x, last, False, True)
        logits.output(0).tensor.set_names({"logits"})
        inputs = [self.ids, self.attended, self.positions, self.beams]
        return ov.Model([op.result(logits)], self.sinks, inputs, self.config["model_type"])


class Llama(Exported):
    table = "model.embed_tokens.weight"

    def __init__(self, config: dict, weights: dict[str, np.ndarray]):
        assert not config.get("rope_scaling"), "corrected frequencies are not written here"
        super().__init__(config, weights, config["num_attention_heads"],
                         config["num_key_value_heads"], config["head_dim"])

    def product(self, x: ov.Node, name: str) -> ov.Node:
        return op.matmul(x, self.constant(name), False, True)

    def norm(self, x: ov.Node, name: str) -> ov.Node:
        mean = op.reduce_mean(op.power(x, floats(2.0)), ints(-1), True)
        root = op.sqrt(op.add(mean, floats(self.config["rms_norm_eps"])))
        normal = op.multiply(x, op.divide(floats(1.0), root))
        return op.multiply(normal, op.constant(self.weights[name]))

    def turns(self) -> tuple[ov.Node, ov.Node]:
        exponents = np.arange(0, self.size, 2, dtype=np.float32) / self.size
        frequencies = (1.0 / self.config["rope_theta"] ** exponents).astype(np.float32)
        places = op.convert(op.unsqueeze(self.positions, ints(-1)), "f32")
        angles = op.multiply(places, op.constant(frequencies.reshape(1, 1, -1)))
        angles = op.unsqueeze(op.concat([angles, angles], -1), ints(1))
        return op.cos(angles), op.sin(angles)

    def turned(self, x: ov.Node, cosines: ov.Node, sines: ov.Node) -> ov.Node:
        half = self.size // 2
        a = op.slice(x, ints(0), ints(half), ints(1), ints(3))
        b = op.slice(x, ints(half), ints(self.size), ints(1), ints(3))
        across = op.concat([op.multiply(b, floats(-1.0)), a], -1)
        return op.add(op.multiply(x, cosines), op.multiply(across, sines))

    def layer(self, x: ov.Node, i: int, mask: ov.Node, turns: tuple[ov.Node, ov.Node]) -> ov.Node:
        at = f"model.layers.{i}."
        normal = self.norm(x, at + "input_layernorm.weight")
        query, key, value = (
            self.split(self.product(normal, f"{at}self_attn.{name}_proj.weight"), heads)
            for name, heads in
            (("q", self.heads), ("k", self.kv_heads), ("v", self.kv_heads)))
        seen = self.attention(self.turned(query, *turns), self.turned(key, *turns), value, mask, i)
        x = op.add(x, self.product(seen, at + "self_attn.o_proj.weight"))
        normal = self.norm(x, at + "post_attention_layernorm.weight")
        gate = op.swish(self.product(normal, at + "mlp.gate_proj.weight"))
        inner = op.multiply(gate, self.product(normal, at + "mlp.up_proj.weight"))
        return op.add(x, self.product(inner, at + "mlp.down_proj.weight"))

    def hidden(self, tokens: ov.Node) -> ov.Node:
        mask, turns = self.mask(), self.turns()
        for i in range(self.config["num_hidden_layers"]):
            tokens = self.layer(tokens, i, mask, turns)
        return self.norm(tokens, "model.norm.weight")


class Gpt2(Exported):
    table = "transformer.wte.weight"

    def __init__(self, config: dict, weights: dict[str, np.ndarray]):
        assert config["activation_function"] == "gelu_new", "expected GELU by tanh"
        heads = config["n_head"]
        super().__init__(config, weights, heads, heads, config["n_embd"] // heads)

    def product(self, x: ov.Node, name: str) -> ov.Node:
        """Weights are [in, out], and tokens are rows, as in its Conv1D."""
        matrix = self.weights[name + ".weight"]
        rows = op.reshape(x, ints(-1, matrix.shape[0]), False)
        made = op.matmul(rows, self.constant(name + ".weight"), False, False)
        made = op.add(made, self.constant(name + ".bias"))
        batch_and_tokens = op.gather(op.shape_of(x), ints(0, 1), ints(0))
        return op.reshape(made, op.concat([batch_and_tokens, ints(matrix.shape[1])], 0), False)

    def norm(self, x: ov.Node, name: str) -> ov.Node:
        normal = op.mvn(x, ints(-1), True, self.config["layer_norm_epsilon"], "INSIDE_SQRT")
        scaled = op.multiply(normal, self.constant(name + ".weight"))
        return op.add(scaled, self.constant(name + ".bias"))

    def layer(self, x: ov.Node, i: int, mask: ov.Node) -> ov.Node:
        at = f"transformer.h.{i}."
        together = self.product(self.norm(x, at + "ln_1"), at + "attn.c_attn")
        parts = op.split(together, op.constant(np.int64(2)), 3).outputs()
        seen = self.attention(*(self.split(part, self.heads) for part in parts), mask, i)
        x = op.add(self.product(seen, at + "attn.c_proj"), x)
        inner = op.gelu(self.product(self.norm(x, at + "ln_2"), at + "mlp.c_fc"), "tanh")
        return op.add(x, self.product(inner, at + "mlp.c_proj"))

    def hidden(self, tokens: ov.Node) -> ov.Node:
        places = self.rows(self.constant("transformer.wpe.weight"), self.positions)
        x, mask = op.add(tokens, places), self.mask()
        for i in range(self.config["n_layer"]):
            x = self.layer(x, i, mask)
        return self.norm(x, "transformer.ln_f")


FAMILIES = {"llama": Llama, "gpt2": Gpt2}


def exported_model(folder: pathlib.Path) -> ov.Model:
    """Builds the model of a Hugging Face folder with f32 weights."""
    config = json.loads((folder / "config.json").read_text())
    assert config["model_type"] in FAMILIES, f"expected one of {', '.join(FAMILIES)}"
    return FAMILIES[config["model_type"]](config, tensors(folder)).model()
