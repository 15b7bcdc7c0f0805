// From nodes to layers: each function writes one op's layers. One file: it is OpenVINO's column of
// op.h's table.
#include "openvino_engine/graph_to_ir.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace tare {
namespace {

using LayerId = IrWriter::LayerId;
using Kind = IrInput::Kind;

constexpr int64_t kEnd = std::numeric_limits<int32_t>::max();

// Smaller constants, biases and norms, are read at every inference, in place. In the mapping
// each would keep 64 KiB of it in memory, and be read again from the disk, with its
// neighbourhood, where memory is short.
constexpr size_t kLeastMapped = size_t{64} << 10;

int64_t Length(const Dim& dim) { return dim.is_static() ? static_cast<int64_t>(dim.value()) : -1; }

std::vector<int64_t> Lengths(const ValueType& type) {
  std::vector<int64_t> lengths;
  for (const Dim& dim : type.dims) lengths.push_back(Length(dim));
  return lengths;
}

class Lowering {
 public:
  Lowering(const Graph& graph, const OpenVinoMeasures& measures)
      : graph_(graph), measures_(measures), writer_(std::make_shared<IrWriter>()) {}

  Result<IrModel> Run() {
    MarkNeeded();
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (!needed_[id]) continue;
      TARE_ASSIGN_OR_RETURN(layers_[id], Lower(graph_.node(id)));
    }
    writer_->Output(layers_[graph_.output()]);
    for (const LayerId cache : caches_) writer_->Output(cache);
    std::string xml = writer_->Finish();
    return IrModel{std::move(writer_), std::move(xml), std::move(inputs_)};
  }

 private:
  // Marks nodes whose layers are read. A node that becomes an input needs no layer.
  void MarkNeeded() {
    needed_.assign(graph_.size(), false);
    layers_.assign(graph_.size(), 0);
    needed_[graph_.output()] = true;
    for (NodeId id = static_cast<NodeId>(graph_.size()); id-- > 0;) {
      if (!needed_[id]) continue;
      const Node& node = graph_.node(id);
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        if (!IsFed(node, i)) needed_[node.inputs[i]] = true;
      }
    }
  }

  bool IsFed(const Node& node, size_t input) const {
    if (node.op == Op::kGather) return measures_.gather;
    if (node.op == Op::kPositions) return measures_.gather || input == 1;
    return node.op == Op::kRope && input == 1;
  }

  Result<LayerId> Lower(const Node& node) {
    switch (node.op) {
      case Op::kInput:
        return Input(Kind::kTokenIds, "i32", {1, -1});
      case Op::kConstant:
        return Constant(node);
      case Op::kReshape:
        return Reshape(In(node, 0), Lengths(node.type));
      case Op::kSlice:
        return Slice(In(node, 0), static_cast<int64_t>(node.type.rank()) - 1,
                     static_cast<int64_t>(node.attributes.begin), Length(node.type.dims.back()));
      case Op::kLastToken:
        return measures_.last ? Slice(In(node, 0), 1, -1, kEnd) : In(node, 0);
      case Op::kGather:
        return Rows(node, Kind::kTokenRows);
      case Op::kPositions:
        return Rows(node, Kind::kPositionRows);
      case Op::kMatMul:
        return MatMul(node);
      case Op::kAttention:
        return Attention(node);
      case Op::kRmsNorm:
        return RmsNorm(node);
      case Op::kLayerNorm:
        return LayerNorm(node);
      case Op::kRope:
        return Rope(node);
      case Op::kAdd:
        return Add(In(node, 0), In(node, 1));
      case Op::kMul:
        return Multiply(In(node, 0), In(node, 1));
      case Op::kScale:
        return Multiply(In(node, 0), writer_->Scalar(node.attributes.scale));
      case Op::kSilu:
        return Pointwise(node, "Swish", "opset4", "");
      case Op::kGeluTanh:
        return Pointwise(node, "Gelu", "opset7", R"(approximation_mode="TANH")");
      case Op::kGeluErf:
        return Pointwise(node, "Gelu", "opset7", R"(approximation_mode="ERF")");
      case Op::kSoftCap:
        return SoftCap(node);
      case Op::kCacheAppend:
        return CacheAppend(node);
      default:
        return Unsupported("{} ({}) has no lowering to OpenVINO", InfoOf(node.op).name, node.name);
    }
  }

  LayerId In(const Node& node, size_t input) const { return layers_[node.inputs[input]]; }
  LayerId Add(LayerId a, LayerId b) {
    return writer_->Layer("Add", "opset1", R"(auto_broadcast="numpy")", {a, b});
  }
  LayerId Subtract(LayerId a, LayerId b) {
    return writer_->Layer("Subtract", "opset1", R"(auto_broadcast="numpy")", {a, b});
  }
  LayerId Multiply(LayerId a, LayerId b) {
    return writer_->Layer("Multiply", "opset1", R"(auto_broadcast="numpy")", {a, b});
  }
  LayerId Ints(std::initializer_list<int64_t> values) {
    return writer_->Constant(std::span<const int64_t>(values.begin(), values.size()));
  }
  LayerId Reshape(LayerId x, const std::vector<int64_t>& shape) {
    return writer_->Layer("Reshape", "opset1", R"(special_zero="false")",
                          {x, writer_->Constant(shape)});
  }
  LayerId Transpose(LayerId x) {  // of token and head, either way
    return writer_->Layer("Transpose", "opset1", "", {x, Ints({0, 2, 1, 3})});
  }
  // `length` elements of an axis from `begin` on.
  LayerId Slice(LayerId x, int64_t axis, int64_t begin, int64_t length) {
    const int64_t end = length == kEnd ? kEnd : begin + length;
    return writer_->Layer("Slice", "opset8", "",
                          {x, Ints({begin}), Ints({end}), Ints({1}), Ints({axis})});
  }
  LayerId Concat(LayerId a, LayerId b, int64_t axis) {
    return writer_->Layer("Concat", "opset1", fmt::format("axis=\"{}\"", axis), {a, b});
  }
  LayerId ProductOf(LayerId a, LayerId b, bool transpose_b) {
    return writer_->Layer(
        "MatMul", "opset1",
        fmt::format(R"(transpose_a="false" transpose_b="{}")", transpose_b ? "true" : "false"),
        {a, b});
  }

  LayerId Input(Kind kind, std::string_view precision, std::initializer_list<int64_t> shape,
                const TensorView& table = {}) {
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (inputs_[i].kind == kind && inputs_[i].table.data == table.data) return input_layers_[i];
    }
    inputs_.push_back({.kind = kind, .table = table});
    input_layers_.push_back(
        writer_->Parameter(precision, std::span<const int64_t>(shape.begin(), shape.size())));
    return input_layers_.back();
  }

  Result<LayerId> Constant(const Node& node) {
    if (IsBlockQuantized(node.constant.dtype)) {
      return Unsupported(
          "{} is {}, which OpenVINO cannot read from the file; try: tare convert MODEL OUT "
          "--type f32 (or bf16, f16)",
          node.name, DTypeName(node.constant.dtype));
    }
    const bool copied = !measures_.map || (measures_.small && node.constant.bytes() < kLeastMapped);
    const LayerId constant =
        copied ? writer_->CopiedConstant(node.constant) : writer_->Constant(node.constant);
    if (node.constant.dtype == DType::kF32) return constant;
    return writer_->Layer("Convert", "opset1", R"(destination_type="f32")", {constant});
  }

  // Rows of an embedding: read by us, or by a Gather from a constant.
  LayerId Rows(const Node& node, Kind kind) {
    const bool tokens = kind == Kind::kTokenRows;
    if (measures_.gather) {
      const TensorView& table = graph_.node(node.inputs[0]).constant;
      const auto width = static_cast<int64_t>(table.shape[1]);
      return tokens ? Input(kind, "f32", {1, -1, width}, table)
                    : Input(kind, "f32", {-1, width}, table);
    }
    const LayerId ids = tokens ? In(node, 1) : Input(Kind::kPositions, "i32", {-1});
    return writer_->Layer("Gather", "opset8", R"(batch_dims="0")", {In(node, 0), ids, Ints({0})});
  }

  // Seen as [n, C]: a view on either side keeps the plugin from making it a part of the product
  // before it. Products with such a part pack their weights once for prompts and once more, in
  // other blocks, for single tokens; those without one pack them once.
  LayerId Pointwise(const Node& node, std::string_view type, std::string_view version,
                    std::string_view attributes) {
    if (!measures_.apart) return writer_->Layer(type, version, attributes, {In(node, 0)});
    const LayerId rows = Reshape(In(node, 0), {-1, Length(node.type.dims.back())});
    return Reshape(writer_->Layer(type, version, attributes, {rows}), Lengths(node.type));
  }

  Result<LayerId> MatMul(const Node& node) {
    if (graph_.node(node.inputs[1]).type.rank() != 2) {
      return Unsupported("{}: a matrix of each head's own has no lowering to OpenVINO", node.name);
    }
    return ProductOf(In(node, 0), In(node, 1), node.attributes.layout == WeightLayout::kOutIn);
  }

  // Keys or values of all tokens so far, [1, K, S, D]: what the variable held and this step's.
  LayerId CacheAppend(const Node& node) {
    const int64_t heads = Length(node.type.dims[2]);
    const int64_t size = Length(node.type.dims[3]);
    const LayerId step = Transpose(In(node, 0));
    if (!measures_.state) return FedCache(step, heads, size);
    const std::string shape = fmt::format("?,{},?,{}", heads, size);
    const std::string variable = fmt::format("cache_{}", node.attributes.cache_slot);
    const LayerId empty = writer_->Layer("Broadcast", "opset3", R"(mode="numpy")",
                                         {writer_->Scalar(0.0f), Ints({1, heads, 0, size})});
    const LayerId past = writer_->Layer(
        "ReadValue", "opset6",
        fmt::format(R"(variable_id="{}" variable_type="f32" variable_shape="{}")", variable, shape),
        {empty});
    // The plugin fuses cache and attention only around a choice of sequences.
    const LayerId chosen = writer_->Layer("Gather", "opset8", R"(batch_dims="0")",
                                          {past, Input(Kind::kBeam, "i32", {1}), Ints({0})});
    const LayerId all = Concat(chosen, step, 2);
    writer_->Assign(all, variable, shape);
    return all;
  }

  LayerId FedCache(LayerId step, int64_t heads, int64_t size) {
    caches_.push_back(0);
    inputs_.push_back(
        {.kind = Kind::kPast, .heads = heads, .head_size = size, .output = caches_.size()});
    const int64_t shape[] = {1, heads, -1, size};
    input_layers_.push_back(writer_->Parameter("f32", shape));
    caches_.back() = Concat(input_layers_.back(), step, 2);
    return caches_.back();
  }

  // Each of K heads `repeats` times in a row: [1, K, S, D] -> [1, H, S, D].
  LayerId RepeatHeads(LayerId x, int64_t kv_heads, int64_t heads, int64_t size) {
    if (kv_heads == heads) return x;
    const LayerId apart = writer_->Layer("Unsqueeze", "opset1", "", {x, Ints({2})});
    const LayerId repeated = writer_->Layer("Broadcast", "opset3", R"(mode="bidirectional")",
                                            {apart, Ints({1, 1, heads / kv_heads, 1, 1})});
    return Reshape(repeated, {1, heads, -1, size});
  }

  Result<LayerId> Attention(const Node& node) {
    if (node.attributes.soft_cap != 0.0f || node.attributes.window != 0) {
      return Unsupported("{}: attention with a {} has no lowering to OpenVINO", node.name,
                         node.attributes.window != 0 ? "sliding window" : "soft cap");
    }
    const ValueType& type = node.type;
    const int64_t heads = Length(type.dims[2]);
    const int64_t size = Length(type.dims[3]);
    const int64_t kv_heads = Length(graph_.node(node.inputs[1]).type.dims[2]);
    const LayerId query = Transpose(In(node, 0));
    const LayerId key = RepeatHeads(In(node, 1), kv_heads, heads, size);
    const LayerId value = RepeatHeads(In(node, 2), kv_heads, heads, size);
    const LayerId mask = Input(Kind::kMask, "f32", {1, 1, -1, -1});
    const LayerId scale = writer_->Scalar(node.attributes.scale);
    if (measures_.sdpa) {
      return Transpose(writer_->Layer("ScaledDotProductAttention", "opset13", R"(causal="false")",
                                      {query, key, value, mask, scale}));
    }
    const LayerId scores = Add(Multiply(ProductOf(query, key, true), scale), mask);
    const LayerId weights = writer_->Layer("Softmax", "opset8", R"(axis="3")", {scores});
    return Transpose(ProductOf(weights, value, false));
  }

  LayerId RmsNorm(const Node& node) {
    const LayerId x = In(node, 0);
    const LayerId squares =
        writer_->Layer("Power", "opset1", R"(auto_broadcast="numpy")", {x, writer_->Scalar(2.0f)});
    const LayerId mean =
        writer_->Layer("ReduceMean", "opset1", R"(keep_dims="true")", {squares, Ints({-1})});
    const LayerId root =
        writer_->Layer("Sqrt", "opset1", "", {Add(mean, writer_->Scalar(node.attributes.epsilon))});
    const LayerId inverse =
        writer_->Layer("Divide", "opset1", R"(auto_broadcast="numpy" m_pythondiv="true")",
                       {writer_->Scalar(1.0f), root});
    LayerId gamma = In(node, 1);
    const float offset = node.attributes.gamma_offset;
    if (offset != 0.0f) gamma = Add(gamma, writer_->Scalar(offset));
    return Multiply(Multiply(x, inverse), gamma);
  }

  LayerId SoftCap(const Node& node) {
    const float cap = node.attributes.soft_cap;
    const LayerId scaled = Multiply(In(node, 0), writer_->Scalar(1.0f / cap));
    return Multiply(writer_->Layer("Tanh", "opset1", "", {scaled}), writer_->Scalar(cap));
  }

  LayerId LayerNorm(const Node& node) {
    const LayerId normal = writer_->Layer(
        "MVN", "opset6",
        fmt::format(R"(eps="{:.9g}" normalize_variance="true" eps_mode="INSIDE_SQRT")",
                    static_cast<double>(node.attributes.epsilon)),
        {In(node, 0), Ints({-1})});
    return Add(Multiply(normal, In(node, 1)), In(node, 2));
  }

  Result<LayerId> Rope(const Node& node) {
    const Node& frequencies = graph_.node(node.inputs[1]);
    if (frequencies.op != Op::kConstant) {
      return Unsupported("{}: the frequencies are not a constant", node.name);
    }
    const int64_t half = Length(node.type.dims[3]) / 2;
    if (node.inputs.size() > 2 || node.attributes.scale != 1.0f ||
        Length(frequencies.type.dims[0]) != half) {
      return Unsupported(
          "{}: rotation of a part of each head, with a factor or by the text's length, has no "
          "lowering to OpenVINO",
          node.name);
    }
    const LayerId cosines = Input(Kind::kCosines, "f32", {1, -1, 1, half}, frequencies.constant);
    const LayerId sines = Input(Kind::kSines, "f32", {1, -1, 1, half}, frequencies.constant);
    return node.attributes.pairing == RopePairing::kInterleaved
               ? RopeOfNeighbours(node, cosines, sines)
               : RopeOfHalves(node, cosines, sines);
  }

  // In the order of axes and layers that the plugin knows and makes one layer of.
  LayerId RopeOfHalves(const Node& node, LayerId cosines, LayerId sines) {
    const int64_t size = Length(node.type.dims[3]);
    const LayerId x = Transpose(In(node, 0));
    const LayerId negative = Multiply(Slice(x, 3, size / 2, size / 2), writer_->Scalar(-1.0f));
    const LayerId across = Concat(negative, Slice(x, 3, 0, size / 2), -1);
    const auto twice = [&](LayerId turns) {
      return Reshape(Concat(turns, turns, 3), {1, 1, -1, size});
    };
    return Transpose(Add(Multiply(x, twice(cosines)), Multiply(across, twice(sines))));
  }

  // A head is seen as [D / 2, 2].
  LayerId RopeOfNeighbours(const Node& node, LayerId cosines, LayerId sines) {
    const int64_t heads = Length(node.type.dims[2]);
    const int64_t half = Length(node.type.dims[3]) / 2;
    const LayerId x = Reshape(In(node, 0), {1, -1, heads, half, 2});
    const LayerId cosine = Reshape(cosines, {1, -1, 1, half, 1});
    const LayerId sine = Reshape(sines, {1, -1, 1, half, 1});
    const LayerId a = Slice(x, 4, 0, 1);
    const LayerId b = Slice(x, 4, 1, 1);
    const LayerId turned = Concat(Subtract(Multiply(a, cosine), Multiply(b, sine)),
                                  Add(Multiply(b, cosine), Multiply(a, sine)), 4);
    return Reshape(turned, {1, -1, heads, 2 * half});
  }

  const Graph& graph_;
  const OpenVinoMeasures measures_;
  std::shared_ptr<IrWriter> writer_;
  std::vector<bool> needed_;
  std::vector<LayerId> layers_;  // by node
  std::vector<IrInput> inputs_;
  std::vector<LayerId> input_layers_;  // parallel to inputs_
  std::vector<LayerId> caches_;        // that are outputs
};

}  // namespace

Result<IrModel> GraphToIr(const Graph& graph, const OpenVinoMeasures& measures) {
  return Lowering(graph, measures).Run();
}

}  // namespace tare
