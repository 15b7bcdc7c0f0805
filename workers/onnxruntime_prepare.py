"""Writes a Hugging Face folder as an ONNX graph for ONNX Runtime, with a key-value cache.

    onnxruntime_prepare.py FOLDER OUT [--precision f32|int8|int4]

The graph is made of the operators that ONNX Runtime's own model builder (onnxruntime-genai) uses
for decoders: GroupQueryAttention over a cache whose buffers are shared by input and output,
SkipLayerNormalization and SkipSimplifiedLayerNormalization, and MatMulNBits for int8 and int4. It
is built here because that builder has no GPT-2 and needs PyTorch. Weights lie in a file beside the
graph, which ONNX Runtime maps. docs/rows.md says more.
"""

import os
import sys

import numpy
import onnx
from onnx import TensorProto, helper

import hf_model

OPSET = 20
MICROSOFT = "com.microsoft"
BLOCK = 32  # weights that share a scale
BITS = {"int8": 8, "int4": 4}
ALIGNMENT = 4096
TYPES = {
    numpy.dtype("float32"): TensorProto.FLOAT,
    numpy.dtype("uint8"): TensorProto.UINT8,
    numpy.dtype("int64"): TensorProto.INT64,
}


def quantize(weight: numpy.ndarray, bits: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """[N, K] f32 to blocks [N, K / 32, 4 * bits] and scales [N, K / 32], zero in the middle."""
    rows, columns = weight.shape
    blocks = -(-columns // BLOCK)
    padded = numpy.zeros((rows, blocks * BLOCK), numpy.float32)
    padded[:, :columns] = weight
    padded = padded.reshape(rows, blocks, BLOCK)
    middle = 1 << (bits - 1)
    # The value of the largest magnitude becomes -middle, which has no positive counterpart.
    at = numpy.abs(padded).argmax(axis=2, keepdims=True)
    scales = numpy.take_along_axis(padded, at, axis=2) / -middle
    inverse = numpy.divide(1, scales, out=numpy.zeros_like(scales), where=scales != 0)
    levels = numpy.clip(numpy.rint(padded * inverse) + middle, 0, 2 * middle - 1)
    levels = levels.astype(numpy.uint8)
    if bits == 4:
        levels = levels[:, :, 0::2] | levels[:, :, 1::2] << 4
    return levels, scales[:, :, 0]


class GraphBuilder:
    """Nodes, weights and the file that those lie in."""

    def __init__(self, data_path: str, bits: int | None):
        self._data = open(data_path, "wb")
        self._location = os.path.basename(data_path)
        self._bits = bits
        self.nodes = []
        self.inputs = []
        self.outputs = []
        self.initializers = {}

    def weight(self, name: str, values: numpy.ndarray) -> str:
        if name in self.initializers:
            return name
        values = numpy.ascontiguousarray(values)
        self._data.write(b"\0" * (-self._data.tell() % ALIGNMENT))
        tensor = TensorProto(name=name, dims=values.shape, data_type=TYPES[values.dtype])
        tensor.data_location = TensorProto.EXTERNAL
        place = {"location": self._location, "offset": self._data.tell(), "length": values.nbytes}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self._data.write(values.data)
        self.initializers[name] = tensor
        return name

    def constant(self, name: str, values: numpy.ndarray) -> str:
        """A small one, in the graph itself."""
        self.initializers[name] = onnx.numpy_helper.from_array(values, name)
        return name

    def add(self, op: str, inputs: list[str], outputs: int = 1, domain: str = "", **attributes):
        """Returns the output's name, or the names of the first and the last of several."""
        name = f"{op}_{len(self.nodes)}"
        made = [name] + [""] * (outputs - 2) + [f"{name}_last"] * (outputs > 1)
        self.nodes.append(
            helper.make_node(op, inputs, made, name=name, domain=domain, **attributes)
        )
        return name if outputs == 1 else (made[0], made[-1])

    def linear(self, x: str, name: str, weight: numpy.ndarray, is_transposed: bool) -> str:
        """x times a matrix of [in, out], or [out, in] where transposed."""
        if self._bits is None:
            return self.add("MatMul", [x, self.weight(name, weight.T if is_transposed else weight)])
        return self.quantized(x, name, weight if is_transposed else weight.T)

    def output(self, x: str, name: str, weight: numpy.ndarray) -> str:
        """x [1, C] times the transpose of weight [V, C], which the embedding may share."""
        if self._bits is None:
            return self.add("Gemm", [x, self.weight(name, weight)], transB=1)
        return self.quantized(x, f"{name}.output", weight)

    def quantized(self, x: str, name: str, weight: numpy.ndarray) -> str:
        rows, columns = weight.shape
        levels, scales = quantize(weight, self._bits)
        inputs = [x, self.weight(f"{name}.levels", levels), self.weight(f"{name}.scales", scales)]
        return self.add(
            "MatMulNBits",
            inputs,
            domain=MICROSOFT,
            K=columns,
            N=rows,
            bits=self._bits,
            block_size=BLOCK,
            accuracy_level=4,
        )

    def attention(self, i: int, model, qkv: list[str], rotary: list[str]) -> str:
        cache = ["batch", model.kv_heads, "cache_length", model.head_size]
        names = [f"{i}.key", f"{i}.value"]
        for name in names:
            self.take(f"past.{name}", TensorProto.FLOAT, cache)
            self.give(f"present.{name}", TensorProto.FLOAT, cache)
        inputs = qkv + [f"past.{name}" for name in names]
        node = helper.make_node(
            "GroupQueryAttention",
            inputs + ["seqlens_k", "total_sequence_length", *rotary],
            [f"attention_{i}"] + [f"present.{name}" for name in names],
            name=f"attention_{i}",
            domain=MICROSOFT,
            num_heads=model.heads,
            kv_num_heads=model.kv_heads,
            do_rotary=int(bool(rotary)),
        )
        self.nodes.append(node)
        return node.output[0]

    def take(self, name: str, dtype: int, shape: list) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, shape))
        return name

    def give(self, name: str, dtype: int, shape: list) -> None:
        self.outputs.append(helper.make_tensor_value_info(name, dtype, shape))

    def save(self, path: str) -> None:
        self._data.close()
        graph = helper.make_graph(
            self.nodes, "decoder", self.inputs, self.outputs, list(self.initializers.values())
        )
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        with open(path, "wb") as file:
            file.write(model.SerializeToString())


def common_inputs(builder: GraphBuilder) -> str:
    ids = builder.take("input_ids", TensorProto.INT64, ["batch", "length"])
    builder.take("seqlens_k", TensorProto.INT32, ["batch"])
    builder.take("total_sequence_length", TensorProto.INT32, [])
    return ids


def last_position(builder: GraphBuilder, x: str) -> str:
    """[1, T, C] to [1, C]: nobody needs the logits of the prompt's other tokens."""
    return builder.add("Gather", [x, builder.constant("last", numpy.array(-1))], axis=1)


def build_gpt2(builder: GraphBuilder, model: hf_model.HuggingFaceModel) -> None:
    ids = common_inputs(builder)
    places = builder.take("position_ids", TensorProto.INT64, ["batch", "length"])

    def tensor(name: str) -> str:
        return builder.weight(name, model.tensor(name))

    def linear(x: str, name: str) -> str:
        return builder.linear(x, f"{name}.weight", model.tensor(f"{name}.weight"), False)

    def norm(x: str, residual: str, name: str) -> tuple[str, str]:
        """The normalised sum and the sum itself."""
        return builder.add(
            "SkipLayerNormalization",
            [x, residual, tensor(f"{name}.weight"), tensor(f"{name}.bias")],
            outputs=4,
            domain=MICROSOFT,
            epsilon=model.norm_epsilon,
        )

    residual = builder.add("Gather", [tensor("wte.weight"), ids])
    branch = builder.add("Gather", [tensor("wpe.weight"), places])
    for i in range(model.layers):
        layer = f"h.{i}"
        x, residual = norm(branch, residual, f"{layer}.ln_1")
        qkv = builder.add(
            "Add", [linear(x, f"{layer}.attn.c_attn"), tensor(f"{layer}.attn.c_attn.bias")]
        )
        x = builder.attention(i, model, [qkv, "", ""], [])
        branch = builder.add(
            "Add", [linear(x, f"{layer}.attn.c_proj"), tensor(f"{layer}.attn.c_proj.bias")]
        )
        x, residual = norm(branch, residual, f"{layer}.ln_2")
        x = builder.add(
            "FastGelu",
            [linear(x, f"{layer}.mlp.c_fc"), tensor(f"{layer}.mlp.c_fc.bias")],
            domain=MICROSOFT,
        )
        branch = builder.add(
            "Add", [linear(x, f"{layer}.mlp.c_proj"), tensor(f"{layer}.mlp.c_proj.bias")]
        )
    x, _ = norm(branch, residual, "ln_f")
    name = "wte.weight" if model.is_tied else "lm_head.weight"
    finish(builder, last_position(builder, x), name, model)


def build_llama(builder: GraphBuilder, model: hf_model.HuggingFaceModel) -> None:
    ids = common_inputs(builder)
    inverse = model.rope().inverse_frequencies(model.head_size)
    angles = numpy.outer(numpy.arange(model.context), inverse)
    rotary = [
        builder.weight("rotary.cos", numpy.cos(angles).astype(numpy.float32)),
        builder.weight("rotary.sin", numpy.sin(angles).astype(numpy.float32)),
    ]

    def linear(x: str, name: str) -> str:
        return builder.linear(x, f"{name}.weight", model.tensor(f"{name}.weight"), True)

    def norm(x: str, residual: str | None, name: str) -> tuple[str, str]:
        gamma = builder.weight(f"{name}.weight", model.tensor(f"{name}.weight"))
        epsilon = model.norm_epsilon
        if residual is None:
            return builder.add("SimplifiedLayerNormalization", [x, gamma], epsilon=epsilon), x
        return builder.add(
            "SkipSimplifiedLayerNormalization",
            [x, residual, gamma],
            outputs=4,
            domain=MICROSOFT,
            epsilon=epsilon,
        )

    embedding = builder.weight("embed_tokens.weight", model.tensor("embed_tokens.weight"))
    branch, residual = builder.add("Gather", [embedding, ids]), None
    for i in range(model.layers):
        layer = f"layers.{i}"
        x, residual = norm(branch, residual, f"{layer}.input_layernorm")
        qkv = [linear(x, f"{layer}.self_attn.{part}_proj") for part in "qkv"]
        branch = linear(builder.attention(i, model, qkv, rotary), f"{layer}.self_attn.o_proj")
        x, residual = norm(branch, residual, f"{layer}.post_attention_layernorm")
        gate = linear(x, f"{layer}.mlp.gate_proj")
        gate = builder.add("Mul", [gate, builder.add("Sigmoid", [gate])])
        x = builder.add("Mul", [gate, linear(x, f"{layer}.mlp.up_proj")])
        branch = linear(x, f"{layer}.mlp.down_proj")
    x, _ = norm(branch, residual, "norm")
    name = "embed_tokens.weight" if model.is_tied else "lm_head.weight"
    finish(builder, last_position(builder, x), name, model)


def finish(builder: GraphBuilder, x: str, name: str, model: hf_model.HuggingFaceModel) -> None:
    builder.output(x, name, model.tensor(name))
    builder.nodes[-1].output[0] = "logits"
    builder.give("logits", TensorProto.FLOAT, ["batch", model.config["vocab_size"]])


def prepare(model: hf_model.HuggingFaceModel, folder: str, precision: str) -> None:
    if precision not in ("", "f32", *BITS):
        raise hf_model.UnsupportedModel(f"this row has no {precision}")
    if model.head_size % 8 != 0:
        raise hf_model.UnsupportedModel(
            f"a head has {model.head_size} values; GroupQueryAttention takes multiples of 8"
        )
    builder = GraphBuilder(os.path.join(folder, "model.onnx.data"), BITS.get(precision))
    build = build_gpt2 if model.family == "gpt2" else build_llama
    build(builder, model)
    builder.save(os.path.join(folder, "model.onnx"))
    model.copy_tokenizer(folder)


if __name__ == "__main__":
    sys.exit(hf_model.prepare_main(prepare))
