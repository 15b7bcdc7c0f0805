#include "openvino/pass/attention_fusion.h"

#include <algorithm>
#include <functional>
#include <openvino/core/graph_util.hpp>
#include <openvino/core/rt_info.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/reduce_logical_or.hpp>
#include <openvino/op/scaled_dot_product_attention.hpp>
#include <openvino/op/select.hpp>
#include <openvino/op/transpose.hpp>
#include <openvino/op/unsqueeze.hpp>
#include <openvino/op/util/multi_subgraph_base.hpp>
#include <optional>
#include <string_view>

#include "einsum/matmul_form.h"
#include "openvino/pass/attention_pattern.h"
#include "openvino/pass/axis_symbols.h"
#include "openvino/pass/late_numbers.h"
#include "openvino/policy/attention_gain.h"

namespace tare {
namespace {

namespace op = ov::op;
using Value = ov::Output<ov::Node>;

// Creates an attention's nodes and keeps a list of them.
class Writer {
 public:
  explicit Writer(LateNumbers* late) : late_(late) {}

  Value Write(const Attention& found) {
    const std::string rows = found.batch + found.query_token;
    const Value query = Ordered(found.query, rows + found.width);
    const Value key = Ordered(found.key, found.batch + found.key_token + found.width);
    const Value value = Ordered(found.value, found.batch + found.key_token + found.value_width);
    const std::string scores = rows + found.key_token;
    Value attended;
    if (found.attended.value.get_node() != nullptr) attended = Mask(found.attended, scores);
    Value mask = Number(0);
    if (found.added.value.get_node() != nullptr) {
      mask = Mask(found.added, scores);
    } else if (attended.get_node() != nullptr) {
      mask = Keep(std::make_shared<op::v1::Select>(attended, Number(0), Number(-1e30f)));
    }
    Value out = Keep(std::make_shared<op::v13::ScaledDotProductAttention>(query, key, value, mask,
                                                                          Scale(found), false));
    if (found.zeroed) {
      const Value any = Keep(
          std::make_shared<op::v1::ReduceLogicalOr>(attended, Indices({-1}), /*keep_dims=*/true));
      out = Keep(std::make_shared<op::v1::Select>(any, out, Number(0)));
    }
    return Ordered({out, rows + found.value_width}, found.output_labels);
  }

  const ov::NodeVector& nodes() const { return nodes_; }

 private:
  Value Keep(std::shared_ptr<ov::Node> node) {
    nodes_.push_back(node);
    return node->output(0);
  }
  Value Scale(const Attention& found) {
    const float scale = static_cast<float>(found.scale);
    return scale == 1 ? Number(1) : late_->Of(scale);
  }
  Value Number(float number) {
    return Keep(op::v0::Constant::create(ov::element::f32, ov::Shape{}, {number}));
  }
  Value Indices(const std::vector<int64_t>& values) {
    return Keep(op::v0::Constant::create(ov::element::i64, ov::Shape{values.size()}, values));
  }
  Value Ordered(const AttentionTensor& tensor, const std::string& labels) {
    if (tensor.labels == labels) return tensor.value;
    const std::vector<size_t> order = AxisOrder(tensor.labels, labels);
    return Keep(std::make_shared<op::v1::Transpose>(
        tensor.value, Indices(std::vector<int64_t>(order.begin(), order.end()))));
  }
  // Gives the mask one axis for each axis of the scores.
  Value Mask(const AttentionTensor& mask, const std::string& labels) {
    std::vector<int64_t> added(labels.size() - mask.value.get_partial_shape().size());
    for (size_t i = 0; i < added.size(); ++i) added[i] = static_cast<int64_t>(i);
    const Value whole = added.empty()
                            ? mask.value
                            : Keep(std::make_shared<op::v0::Unsqueeze>(mask.value, Indices(added)));
    return Ordered({whole, mask.labels}, labels);
  }

  LateNumbers* late_;
  ov::NodeVector nodes_;
};

void Count(const std::string& left_because, std::vector<AttentionCount>* counts) {
  const auto same = std::find_if(counts->begin(), counts->end(), [&](const AttentionCount& count) {
    return count.left_because == left_because;
  });
  if (same != counts->end()) {
    ++same->count;
  } else {
    counts->push_back({1, left_because});
  }
}

using Visitor = std::function<void(const std::shared_ptr<ov::Node>& softmax, LateNumbers* late)>;

// Calls `visit` for each Softmax between two products, in bodies too.
void Walk(const ov::Model& model, const Visitor& visit) {
  LateNumbers late(model);
  for (const std::shared_ptr<ov::Node>& node : model.get_ordered_ops()) {
    if (IsBetweenProducts(node)) {
      visit(node, &late);
    } else if (const auto loop = std::dynamic_pointer_cast<op::util::MultiSubGraphOp>(node)) {
      for (size_t i = 0; i < loop->get_internal_subgraphs_size(); ++i) {
        Walk(*loop->get_function(static_cast<int>(i)), visit);
      }
    }
  }
}

void NameLengthsInBodies(const std::shared_ptr<ov::Model>& model) {
  NameLengths(model);
  for (const std::shared_ptr<ov::Node>& node : model->get_ordered_ops()) {
    const auto loop = std::dynamic_pointer_cast<op::util::MultiSubGraphOp>(node);
    for (size_t i = 0; loop != nullptr && i < loop->get_internal_subgraphs_size(); ++i) {
      NameLengthsInBodies(loop->get_function(static_cast<int>(i)));
    }
  }
}

std::optional<uint64_t> ElementsOf(const Attention& found, std::string_view labels) {
  uint64_t elements = 1;
  for (const char label : labels) {
    const bool in_key = found.key.labels.find(label) != std::string::npos;
    const AttentionTensor& tensor = in_key ? found.key : found.query;
    const ov::Dimension length =
        tensor.value.get_partial_shape()[static_cast<int64_t>(tensor.labels.find(label))];
    const bool is_batch = found.batch.find(label) != std::string::npos;
    if (length.is_static()) {
      elements *= static_cast<uint64_t>(length.get_length());
    } else if (!is_batch) {
      return std::nullopt;
    }
  }
  return elements;
}

AttentionSize SizeOf(const Attention& found) {
  return {found.of_einsums, ElementsOf(found, found.batch + found.query_token + found.key_token),
          ElementsOf(found, found.batch + found.key_token + found.width)};
}

AttentionGain GainOf(const ov::Model& model) {
  AttentionGain gain;
  Walk(model, [&](const std::shared_ptr<ov::Node>& softmax, LateNumbers*) {
    const Result<Attention> found = MatchAttention(softmax);
    if (found.ok()) gain.Add(SizeOf(*found));
  });
  return gain;
}

void Fuse(const Attention& found, LateNumbers* late) {
  Writer writer(late);
  const std::shared_ptr<ov::Node> fused = writer.Write(found).get_node_shared_ptr();
  ov::copy_runtime_info(found.product, writer.nodes());
  fused->set_friendly_name(found.product->get_friendly_name());
  ov::replace_node(found.product, fused);
}

}  // namespace

std::vector<AttentionCount> FuseAttention(const std::shared_ptr<ov::Model>& model,
                                          AttentionChoice choice) {
  if (choice == AttentionChoice::kNone) return {};
  NameLengthsInBodies(model);
  const AttentionGain gain = choice == AttentionChoice::kGaining ? GainOf(*model) : AttentionGain();
  std::vector<AttentionCount> counts;
  bool changed = false;
  Walk(*model, [&](const std::shared_ptr<ov::Node>& softmax, LateNumbers* late) {
    const Result<Attention> found = MatchAttention(softmax);
    std::string left_because;
    if (!found.ok()) {
      left_because = found.error().message();
    } else if (choice == AttentionChoice::kGaining) {
      left_because = gain.LeftBecause(SizeOf(*found));
    }
    Count(left_because, &counts);
    if (!left_because.empty()) return;
    Fuse(*found, late);
    changed = true;
  });
  if (changed) model->validate_nodes_and_infer_types();
  return counts;
}

}  // namespace tare
