#include "openvino/pass/axis_reshape.h"

#include <openvino/op/concat.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/gather.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/reduce_sum.hpp>
#include <openvino/op/reshape.hpp>
#include <openvino/op/shape_of.hpp>
#include <openvino/op/transpose.hpp>
#include <utility>

#include "base/check.h"

namespace tare {
namespace {

// Special values in the target shape of a Reshape with special_zero.
constexpr int64_t kCopied = 0;
constexpr int64_t kInferred = -1;

}  // namespace

ov::Output<ov::Node> AxisReshape::Keep(std::shared_ptr<ov::Node> node) {
  nodes_.push_back(node);
  return node->output(0);
}

ov::Output<ov::Node> AxisReshape::Indices(const std::vector<int64_t>& values) {
  return Keep(ov::op::v0::Constant::create(ov::element::i64, ov::Shape{values.size()}, values));
}

std::optional<int64_t> AxisReshape::Extent(char label) const {
  for (const LabelledValue& source : sources_) {
    const size_t axis = source.labels.find(label);
    if (axis == source.labels.npos) continue;
    const ov::Dimension length = source.value.get_partial_shape()[static_cast<int64_t>(axis)];
    if (length.is_static()) return length.get_length();
  }
  return std::nullopt;
}

std::optional<int64_t> AxisReshape::ExtentOf(const std::string& labels) const {
  int64_t product = 1;
  for (char label : labels) {
    const std::optional<int64_t> extent = Extent(label);
    if (!extent) return std::nullopt;
    product *= *extent;
  }
  return product;
}

ov::Output<ov::Node> AxisReshape::RunTimeExtent(const std::string& labels) {
  ov::Output<ov::Node> product;
  for (char label : labels) {
    const LabelledValue& source =
        sources_[0].labels.find(label) != std::string::npos ? sources_[0] : sources_[1];
    const auto axis = static_cast<int64_t>(source.labels.find(label));
    const ov::Output<ov::Node> shape =
        Keep(std::make_shared<ov::op::v3::ShapeOf>(source.value, ov::element::i64));
    const ov::Output<ov::Node> zero =
        Keep(ov::op::v0::Constant::create(ov::element::i64, ov::Shape{}, {0}));
    const ov::Output<ov::Node> extent =
        Keep(std::make_shared<ov::op::v8::Gather>(shape, Indices({axis}), zero));
    product = product.get_node() == nullptr
                  ? extent
                  : Keep(std::make_shared<ov::op::v1::Multiply>(product, extent));
  }
  return product;
}

ov::Output<ov::Node> AxisReshape::Transposed(const ov::Output<ov::Node>& value,
                                             const std::vector<size_t>& order) {
  const std::vector<int64_t> axes(order.begin(), order.end());
  return Keep(std::make_shared<ov::op::v1::Transpose>(value, Indices(axes)));
}

ov::Output<ov::Node> AxisReshape::Summed(const LabelledValue& operand, std::string_view labels) {
  std::vector<int64_t> axes;
  for (char label : labels) axes.push_back(static_cast<int64_t>(operand.labels.find(label)));
  return Keep(std::make_shared<ov::op::v1::ReduceSum>(operand.value, Indices(axes), false));
}

ov::Output<ov::Node> AxisReshape::Reshaped(const ov::Output<ov::Node>& value,
                                           const std::vector<std::string>& from,
                                           const std::vector<std::string>& to) {
  if (from == to) return value;
  ov::OutputVector parts;
  std::vector<int64_t> target;
  bool inferred = false, all_known = true;
  for (size_t i = 0; i < to.size(); ++i) {
    const bool copied = i < from.size() && from[i] == to[i];
    std::optional<int64_t> extent = copied ? kCopied : ExtentOf(to[i]);
    if (!extent && !inferred) {
      inferred = true;
      extent = kInferred;
    }
    all_known = all_known && extent.has_value();
    target.push_back(extent.value_or(kInferred));
    parts.push_back(extent ? ov::Output<ov::Node>() : RunTimeExtent(to[i]));
  }
  if (all_known) {
    return Keep(std::make_shared<ov::op::v1::Reshape>(value, Indices(target), true));
  }
  for (size_t i = 0; i < to.size(); ++i) {
    if (parts[i].get_node() == nullptr) parts[i] = Indices({target[i]});
  }
  const ov::Output<ov::Node> shape = Keep(std::make_shared<ov::op::v0::Concat>(parts, 0));
  return Keep(std::make_shared<ov::op::v1::Reshape>(value, shape, true));
}

ov::Output<ov::Node> AxisReshape::Viewed(const ov::Output<ov::Node>& value,
                                         const ov::Shape& shape) {
  const std::vector<int64_t> target(shape.begin(), shape.end());
  return Keep(std::make_shared<ov::op::v1::Reshape>(value, Indices(target), false));
}

}  // namespace tare
