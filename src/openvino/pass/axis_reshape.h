#ifndef TARE_OPENVINO_PASS_AXIS_RESHAPE_H_
#define TARE_OPENVINO_PASS_AXIS_RESHAPE_H_

#include <map>
#include <openvino/core/node.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tare {

// A tensor and what its axes are, one label an axis.
struct LabelledValue {
  ov::Output<ov::Node> value;
  std::string labels;
};

// Remembers how long the axes of an einsum are and makes the nodes that move and reshape them.
// Every node made is kept in nodes().
class AxisReshape {
 public:
  AxisReshape(const LabelledValue& lhs, const LabelledValue& rhs) : sources_{lhs, rhs} {}

  // The length of an axis where it is known before the model runs.
  std::optional<int64_t> Extent(char label) const;

  // The axes in another order: axis i is axis order[i].
  ov::Output<ov::Node> Transposed(const ov::Output<ov::Node>& value,
                                  const std::vector<size_t>& order);
  // The axes summed away.
  ov::Output<ov::Node> Summed(const LabelledValue& operand, std::string_view labels);

  // Merges or splits axes. `from` and `to` have one string an axis: the labels in it, flattened in
  // that order; an empty string is an axis of 1. Both have the same labels in the same order.
  // value itself where `from` is `to`.
  ov::Output<ov::Node> Reshaped(const ov::Output<ov::Node>& value,
                                const std::vector<std::string>& from,
                                const std::vector<std::string>& to);

  // The same elements in another shape.
  ov::Output<ov::Node> Viewed(const ov::Output<ov::Node>& value, const ov::Shape& shape);

  // Keeps a node made elsewhere among the nodes, and gives its output.
  ov::Output<ov::Node> Keep(std::shared_ptr<ov::Node> node);
  const ov::NodeVector& nodes() const { return nodes_; }

 private:
  std::optional<int64_t> ExtentOf(const std::string& labels) const;
  ov::Output<ov::Node> RunTimeExtent(const std::string& labels);
  ov::Output<ov::Node> Indices(const std::vector<int64_t>& values);

  LabelledValue sources_[2];
  ov::NodeVector nodes_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_AXIS_RESHAPE_H_
