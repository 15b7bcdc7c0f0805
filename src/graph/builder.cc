#include "graph/builder.h"

#include <fmt/format.h>

#include <utility>

#include "base/check.h"
#include "graph/infer.h"
#include "graph/verify.h"

namespace tare {

std::string GraphBuilder::Scoped(const std::string& name) const {
  std::string prefix;
  for (const std::string& scope : scopes_) prefix += scope + ".";
  if (name.empty() && !prefix.empty()) prefix.pop_back();
  return prefix + name;
}

void GraphBuilder::PushScope(std::string_view scope) { scopes_.emplace_back(scope); }

void GraphBuilder::PopScope() {
  TARE_CHECK(!scopes_.empty());
  scopes_.pop_back();
}

NodeId GraphBuilder::AppendChecked(Node node) {
  Result<ValueType> type = InferType(graph_, node);
  if (!type.ok()) {
    internal::CheckFailed(__FILE__, __LINE__,
                          fmt::format("building {}: {}", node.name, type.error().message()));
  }
  node.type = *std::move(type);
  return graph_.Add(std::move(node));
}

NodeId GraphBuilder::Append(Op op, std::vector<NodeId> inputs, Attributes attributes,
                            const std::string& name) {
  Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  node.name = Scoped(name);
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::TokenIds() {
  Node node;
  node.op = Op::kInput;
  node.type = {DType::kI32, {1, Dim::Tokens()}};
  node.name = "tokens";
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::Constant(const TensorView& tensor, std::string name) {
  Node node;
  node.op = Op::kConstant;
  node.type = ValueType::Of(tensor);
  node.constant = tensor;
  node.name = std::move(name);
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::OwnedConstant(std::shared_ptr<const Storage> storage, std::string name) {
  Node node;
  node.op = Op::kConstant;
  node.type = ValueType::Of(storage->view());
  node.constant = storage->view();
  node.owned = std::move(storage);
  node.name = std::move(name);
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::Reshape(NodeId x, std::vector<Dim> dims) {
  Node node;
  node.op = Op::kReshape;
  node.type = {type(x).dtype, std::move(dims)};
  node.inputs = {x};
  node.name = Scoped({});
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::CacheAppend(NodeId x, const std::string& name) {
  Node node;
  node.op = Op::kCacheAppend;
  node.type = type(x);
  TARE_CHECK_EQ(node.type.rank(), size_t{4});
  node.type.dims[1] = Dim::Context();
  node.inputs = {x};
  node.attributes.cache_slot = next_cache_slot_++;
  node.name = Scoped(name);
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::Repeat(NodeId x, size_t repeats) {
  Attributes attributes;
  attributes.repeats = repeats;
  return Append(Op::kRepeat, {x}, attributes);
}

NodeId GraphBuilder::Slice(NodeId x, size_t begin, size_t size) {
  Node node;
  node.op = Op::kSlice;
  node.type = type(x);
  TARE_CHECK(!node.type.dims.empty());
  node.type.dims.back() = Dim(size);
  node.inputs = {x};
  node.attributes.begin = begin;
  node.name = Scoped({});
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::LastToken(NodeId x) { return Append(Op::kLastToken, {x}); }

NodeId GraphBuilder::Gather(NodeId table, NodeId ids) { return Append(Op::kGather, {table, ids}); }

NodeId GraphBuilder::Positions(NodeId table, NodeId like) {
  return Append(Op::kPositions, {table, like});
}

NodeId GraphBuilder::Einsum(std::string_view equation, NodeId a, NodeId b,
                            const std::string& name) {
  Attributes attributes;
  attributes.equation = equation;
  return Append(Op::kEinsum, {a, b}, attributes, name);
}

NodeId GraphBuilder::RmsNorm(NodeId x, NodeId gamma, float epsilon, const std::string& name,
                             float gamma_offset) {
  Attributes attributes;
  attributes.epsilon = epsilon;
  attributes.gamma_offset = gamma_offset;
  return Append(Op::kRmsNorm, {x, gamma}, attributes, name);
}

NodeId GraphBuilder::LayerNorm(NodeId x, NodeId gamma, NodeId beta, float epsilon,
                               const std::string& name) {
  Attributes attributes;
  attributes.epsilon = epsilon;
  return Append(Op::kLayerNorm, {x, gamma, beta}, attributes, name);
}

NodeId GraphBuilder::Softmax(NodeId x) { return Append(Op::kSoftmax, {x}); }

NodeId GraphBuilder::TopExperts(NodeId probabilities, size_t used) {
  Node node;
  node.op = Op::kTopExperts;
  node.type = {DType::kI32, type(probabilities).dims};
  TARE_CHECK(!node.type.dims.empty());
  node.type.dims.back() = Dim(used);
  node.inputs = {probabilities};
  node.name = Scoped("experts");
  return AppendChecked(std::move(node));
}

NodeId GraphBuilder::ExpertWeights(NodeId probabilities, NodeId experts, bool normalise) {
  Attributes attributes;
  attributes.normalise = normalise;
  return Append(Op::kExpertWeights, {probabilities, experts}, attributes, "expert_weights");
}

NodeId GraphBuilder::ExpertMatMul(NodeId x, NodeId experts, const std::vector<NodeId>& weights,
                                  const std::string& name) {
  std::vector<NodeId> inputs = {x, experts};
  inputs.insert(inputs.end(), weights.begin(), weights.end());
  return Append(Op::kExpertMatMul, std::move(inputs), {}, name);
}

NodeId GraphBuilder::CausalSoftmax(NodeId scores, size_t window) {
  Attributes attributes;
  attributes.window = window;
  return Append(Op::kCausalSoftmax, {scores}, attributes);
}

NodeId GraphBuilder::Rope(NodeId x, NodeId inverse_frequencies, RopePairing pairing, float scale) {
  Attributes attributes;
  attributes.pairing = pairing;
  attributes.scale = scale;
  return Append(Op::kRope, {x, inverse_frequencies}, attributes);
}

NodeId GraphBuilder::RopeByLength(NodeId x, NodeId short_frequencies, NodeId long_frequencies,
                                  size_t long_after, RopePairing pairing, float scale) {
  Attributes attributes;
  attributes.pairing = pairing;
  attributes.scale = scale;
  attributes.long_after = long_after;
  return Append(Op::kRope, {x, short_frequencies, long_frequencies}, attributes);
}

NodeId GraphBuilder::Add(NodeId a, NodeId b) { return Append(Op::kAdd, {a, b}); }
NodeId GraphBuilder::Mul(NodeId a, NodeId b) { return Append(Op::kMul, {a, b}); }
NodeId GraphBuilder::Div(NodeId a, NodeId b) { return Append(Op::kDiv, {a, b}); }

NodeId GraphBuilder::Scale(NodeId x, float scale) {
  Attributes attributes;
  attributes.scale = scale;
  return Append(Op::kScale, {x}, attributes);
}

NodeId GraphBuilder::Silu(NodeId x) { return Append(Op::kSilu, {x}); }
NodeId GraphBuilder::GeluTanh(NodeId x) { return Append(Op::kGeluTanh, {x}); }
NodeId GraphBuilder::GeluErf(NodeId x) { return Append(Op::kGeluErf, {x}); }

NodeId GraphBuilder::SoftCap(NodeId x, float soft_cap) {
  Attributes attributes;
  attributes.soft_cap = soft_cap;
  return Append(Op::kSoftCap, {x}, attributes);
}

Graph GraphBuilder::Finish(NodeId output) && {
  graph_.set_output(output);
  graph_.set_cache_slots(next_cache_slot_);
  const Status status = Verify(graph_);
  if (!status.ok()) internal::CheckFailed(__FILE__, __LINE__, status.error().message());
  return std::move(graph_);
}

}  // namespace tare
