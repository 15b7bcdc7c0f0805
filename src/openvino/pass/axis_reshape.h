#ifndef TARE_OPENVINO_PASS_AXIS_RESHAPE_H_
#define TARE_OPENVINO_PASS_AXIS_RESHAPE_H_

#include <map>
#include <openvino/core/node.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tare {

// A tensor, with one label per axis.
struct LabelledValue {
  ov::Output<ov::Node> value;
  std::string labels;
};

// Knows the lengths of an einsum's axes and creates the nodes that transpose and reshape them.
// nodes() holds every created node.
class AxisReshape {
 public:
  AxisReshape(const LabelledValue& lhs, const LabelledValue& rhs) : sources_{lhs, rhs} {}

  // The length of an axis; nullopt if it is dynamic.
  std::optional<int64_t> Extent(char label) const;

  // Transposes: axis i of the result is axis order[i].
  ov::Output<ov::Node> Transposed(const ov::Output<ov::Node>& value,
                                  const std::vector<size_t>& order);
  // Sums over the axes `labels`.
  ov::Output<ov::Node> Summed(const LabelledValue& operand, std::string_view labels);

  // Merges or splits axes. `from` and `to` have one string per axis: its labels, flattened in that
  // order; an empty string is an axis of length 1. Both have the same labels in the same order.
  // Returns `value` itself if `from` equals `to`.
  ov::Output<ov::Node> Reshaped(const ov::Output<ov::Node>& value,
                                const std::vector<std::string>& from,
                                const std::vector<std::string>& to);

  // The same elements in another shape.
  ov::Output<ov::Node> Viewed(const ov::Output<ov::Node>& value, const ov::Shape& shape);

  // Adds a node that was created elsewhere to nodes(); returns its output.
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
