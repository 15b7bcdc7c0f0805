"""Converts a Hugging Face folder to an ONNX graph for ONNX Runtime, with a KV cache.

    onnxruntime_prepare.py FOLDER OUT [--precision f32|int8|int4]

The graph uses the operators that ONNX Runtime's own model builder (onnxruntime-genai) uses for
decoders: GroupQueryAttention over a cache whose buffers are both input and output,
SkipLayerNormalization and SkipSimplifiedLayerNormalization, and MatMulNBits for int8 and int4. Tare
builds it because that builder needs PyTorch and lacks families that Tare has. The weights are in a
file beside the graph, which ONNX Runtime maps. docs/rows.md says more.
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
    """The nodes, the weights, and the weights' file."""

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
        """A small weight, stored in the graph itself."""
        self.initializers[name] = onnx.numpy_helper.from_array(values, name)
        return name

    def add(self, op: str, inputs: list[str], outputs: int = 1, domain: str = "", **attributes):
        """Returns the output's name, or the names of the first and last of several outputs."""
        name = f"{op}_{len(self.nodes)}"
        made = [name] + [""] * (outputs - 2) + [f"{name}_last"] * (outputs > 1)
        self.nodes.append(
            helper.make_node(op, inputs, made, name=name, domain=domain, **attributes)
        )
        return name if outputs == 1 else (made[0], made[-1])

    def linear(self, x: str, name: str, weight: numpy.ndarray, is_transposed: bool) -> str:
        """x times a matrix [in, out], or [out, in] if transposed."""
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
    """[1, T, C] to [1, C]; logits of the prompt's other tokens are not needed."""
    return builder.add("Gather", [x, builder.constant("last", numpy.array(-1))], axis=1)


class DecoderBuilder:
    """Builds a decoder from the parts that the model's family has."""

    def __init__(self, builder: GraphBuilder, model: hf_model.HuggingFaceModel):
        self._builder = builder
        self._model = model
        self._rotary = []

    def build(self) -> None:
        builder, model = self._builder, self._model
        ids = common_inputs(builder)
        branch, residual = self._embeddings(ids)
        for i in range(model.layers):
            x, residual = self._norm(branch, residual, "attention_norm", i)
            x = builder.attention(i, model, self._heads(x, i), self._rotary)
            branch = self._linear(x, "attention_out", i)
            x, residual = self._norm(branch, residual, "mlp_norm", i)
            branch = self._mlp(x, i)
        x, _ = self._norm(branch, residual, "output_norm")
        part = "token_embedding" if model.is_tied else "output"
        name = f"{model.name(part)}.weight"
        builder.output(last_position(builder, x), name, model.weight(part))
        builder.nodes[-1].output[0] = "logits"
        builder.give("logits", TensorProto.FLOAT, ["batch", model.config["vocab_size"]])

    def _embeddings(self, ids: str) -> tuple[str, str | None]:
        """The operands that the first norm adds: tokens and positions, or only tokens."""
        builder, model = self._builder, self._model
        places = None
        if model.has("position_embedding"):
            places = builder.take("position_ids", TensorProto.INT64, ["batch", "length"])
        if model.rotates:
            inverse = model.rope().inverse_frequencies(model.head_size)
            angles = numpy.outer(numpy.arange(model.context), inverse)
            self._rotary = [
                builder.weight("rotary.cos", numpy.cos(angles).astype(numpy.float32)),
                builder.weight("rotary.sin", numpy.sin(angles).astype(numpy.float32)),
            ]
        tokens = builder.add("Gather", [self._weight("token_embedding"), ids])
        if places is None:
            return tokens, None
        return builder.add("Gather", [self._weight("position_embedding"), places]), tokens

    def _weight(self, part: str, layer: int | None = None) -> str:
        model = self._model
        return self._builder.weight(f"{model.name(part, layer)}.weight", model.weight(part, layer))

    def _bias(self, part: str, layer: int | None = None) -> list[str]:
        """The bias as an operator's last inputs; empty if there is no bias."""
        model = self._model
        if not model.has_bias(part):
            return []
        return [self._builder.weight(f"{model.name(part, layer)}.bias", model.bias(part, layer))]

    def _product(self, x: str, part: str, layer: int) -> str:
        model = self._model
        name = f"{model.name(part, layer)}.weight"
        return self._builder.linear(x, name, model.weight(part, layer), not model.is_in_out)

    def _linear(self, x: str, part: str, layer: int) -> str:
        product = self._product(x, part, layer)
        bias = self._bias(part, layer)
        return self._builder.add("Add", [product, *bias]) if bias else product

    def _norm(self, x: str, residual: str | None, part: str, layer: int | None = None):
        """The normalised sum and the sum itself."""
        scale = [self._weight(part, layer), *self._bias(part, layer)]
        kind = "LayerNormalization" if len(scale) == 2 else "SimplifiedLayerNormalization"
        epsilon = self._model.norm_epsilon
        if residual is None:
            return self._builder.add(kind, [x, *scale], epsilon=epsilon), x
        return self._builder.add(
            f"Skip{kind}", [x, residual, *scale], outputs=4, domain=MICROSOFT, epsilon=epsilon
        )

    def _heads(self, x: str, layer: int) -> list[str]:
        if self._model.is_fused:
            return [self._linear(x, "query", layer), "", ""]
        return [self._linear(x, part, layer) for part in ("query", "key", "value")]

    def _activated(self, x: str, part: str, layer: int) -> str:
        builder = self._builder
        if self._model.activation == "gelu_tanh":
            inputs = [self._product(x, part, layer), *self._bias(part, layer)]
            return builder.add("FastGelu", inputs, domain=MICROSOFT)
        x = self._linear(x, part, layer)
        return builder.add("Mul", [x, builder.add("Sigmoid", [x])])

    def _mlp(self, x: str, layer: int) -> str:
        if not self._model.has("gate"):
            return self._linear(self._activated(x, "up", layer), "down", layer)
        gate = self._activated(x, "gate", layer)
        inner = self._builder.add("Mul", [gate, self._linear(x, "up", layer)])
        return self._linear(inner, "down", layer)


def prepare(model: hf_model.HuggingFaceModel, folder: str, precision: str) -> None:
    if precision not in ("", "f32", *BITS):
        raise hf_model.UnsupportedModel(
            f"this backend does not support {precision}, expected f32, int8 or int4"
        )
    if model.head_size % 8 != 0:
        raise hf_model.UnsupportedModel(
            f"the head size is {model.head_size}, but GroupQueryAttention needs a multiple of 8"
        )
    builder = GraphBuilder(os.path.join(folder, "model.onnx.data"), BITS.get(precision))
    DecoderBuilder(builder, model).build()
    builder.save(os.path.join(folder, "model.onnx"))
    model.copy_tokenizer(folder)


if __name__ == "__main__":
    sys.exit(hf_model.prepare_main(prepare))
