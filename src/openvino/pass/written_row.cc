#include "openvino/pass/written_row.h"

#include <algorithm>
#include <numeric>
#include <openvino/core/rt_info.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/parameter.hpp>
#include <openvino/op/scatter_elements_update.hpp>
#include <openvino/op/scatter_nd_update.hpp>
#include <openvino/op/scatter_update.hpp>
#include <openvino/op/slice.hpp>
#include <openvino/op/squeeze.hpp>
#include <openvino/op/util/gather_base.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "openvino/pass/change_nodes.h"

namespace tare {
namespace {

namespace op = ov::op;
using Value = ov::Output<ov::Node>;
using Numbers = std::vector<int64_t>;

std::optional<Numbers> NumbersOf(const Value& value) {
  const auto constant = ov::as_type_ptr<op::v0::Constant>(value.get_node_shared_ptr());
  if (constant == nullptr) return std::nullopt;
  return constant->cast_vector<int64_t>();
}

std::optional<int64_t> NumberOf(const Value& value) {
  const std::optional<Numbers> numbers = NumbersOf(value);
  return numbers && numbers->size() == 1 ? std::optional(numbers->front()) : std::nullopt;
}

std::optional<int64_t> AxisOf(int64_t axis, const ov::PartialShape& shape) {
  const auto rank = static_cast<int64_t>(shape.size());
  if (axis < 0) axis += rank;
  return axis >= 0 && axis < rank ? std::optional(axis) : std::nullopt;
}

// A part of `whole` taken by a chain of Gathers and Squeezes: index `indices[i]` on axis
// `taken[i]`. `axes` are the axes of `whole` that remain. All axis numbers refer to `whole`.
struct Part {
  Value whole;
  Numbers taken, indices, axes;
};

bool Apply(const op::util::GatherBase& gather, Part* part) {
  const ov::PartialShape& shape = gather.get_input_partial_shape(0);
  const ov::Rank index_rank = gather.get_input_partial_shape(1).rank();
  const std::optional<int64_t> index = NumberOf(gather.input_value(1));
  const std::optional<int64_t> number = NumberOf(gather.input_value(2));
  const std::optional<int64_t> axis = number ? AxisOf(*number, shape) : std::nullopt;
  if (!index || !axis || gather.get_batch_dims() != 0 || index_rank.get_length() > 1) return false;
  const auto before = shape.begin() + *axis;
  if (std::any_of(shape.begin(), before, [](const auto& length) { return length != 1; })) {
    return false;  // not contiguous
  }
  // The meaning of a negative index differs between versions of Gather.
  if (before->is_dynamic() || *index < 0 || *index >= before->get_length()) return false;
  const auto taken = part->axes.begin() + *axis;
  if (*before != 1) {  // an axis of length 1 has only one index
    part->taken.push_back(*taken);
    part->indices.push_back(*index);
  }
  if (index_rank.get_length() == 0) part->axes.erase(taken);
  return true;
}

bool Apply(const op::v0::Squeeze& squeeze, Part* part) {
  const ov::PartialShape& shape = squeeze.get_input_partial_shape(0);
  if (squeeze.get_input_size() != 2) return false;
  const std::optional<Numbers> numbers = NumbersOf(squeeze.input_value(1));
  if (!numbers) return false;
  Numbers left = part->axes;
  for (const int64_t number : *numbers) {
    const std::optional<int64_t> axis = AxisOf(number, shape);
    if (!axis || shape[*axis] != 1) return false;
    std::erase(left, part->axes[static_cast<size_t>(*axis)]);
  }
  part->axes = std::move(left);
  return true;
}

bool Apply(const ov::Node* node, Part* part) {
  if (node->get_input_partial_shape(0).rank().is_dynamic()) return false;
  if (const auto gather = dynamic_cast<const op::util::GatherBase*>(node)) {
    return Apply(*gather, part);
  }
  const auto squeeze = ov::as_type<const op::v0::Squeeze>(node);
  return squeeze != nullptr && Apply(*squeeze, part);
}

// The longest chain of such nodes that ends in `value`.
std::vector<const ov::Node*> ChainOf(Value value) {
  std::vector<const ov::Node*> chain;
  while (dynamic_cast<const op::util::GatherBase*>(value.get_node()) != nullptr ||
         ov::is_type<op::v0::Squeeze>(value.get_node())) {
    chain.insert(chain.begin(), value.get_node());
    value = value.get_node()->input_value(0);
  }
  return chain;
}

std::optional<Part> PartAlong(const std::vector<const ov::Node*>& chain) {
  Part part{chain.front()->input_value(0), {}, {}, {}};
  const ov::Rank rank = part.whole.get_partial_shape().rank();
  if (rank.is_dynamic()) return std::nullopt;
  part.axes.resize(static_cast<size_t>(rank.get_length()));
  std::iota(part.axes.begin(), part.axes.end(), 0);
  for (const ov::Node* node : chain) {
    if (!Apply(node, &part)) return std::nullopt;
  }
  return part.taken.empty() ? std::nullopt : std::optional(std::move(part));
}

// Whether another node reads the bytes that a chain takes; if so, they must not be overwritten.
bool IsReadElsewhere(const std::vector<const ov::Node*>& chain) {
  const ov::Node* source = chain.front()->get_input_node_ptr(0);
  return ov::is_type<op::v0::Parameter>(source) ||
         std::any_of(chain.begin(), chain.end(), [](const ov::Node* node) {
           return node->input_value(0).get_target_inputs().size() > 1;
         });
}

Value Constant(const Numbers& numbers) {
  return op::v0::Constant::create(ov::element::i64, ov::Shape{numbers.size()}, numbers);
}

std::vector<std::shared_ptr<ov::Node>> CopyOf(const Part& part) {
  Numbers ends = part.indices;
  for (int64_t& end : ends) ++end;
  const auto slice =
      std::make_shared<op::v8::Slice>(part.whole, Constant(part.indices), Constant(ends),
                                      Constant(Numbers(ends.size(), 1)), Constant(part.taken));
  Numbers gone(static_cast<size_t>(part.whole.get_partial_shape().rank().get_length()));
  std::iota(gone.begin(), gone.end(), 0);
  std::erase_if(gone, [&](int64_t axis) { return std::ranges::count(part.axes, axis) > 0; });
  if (gone.empty()) return {slice};
  return {slice, std::make_shared<op::v0::Squeeze>(slice, Constant(gone))};
}

bool CopyRow(const std::shared_ptr<ov::Node>& scatter) {
  std::vector<const ov::Node*> chain = ChainOf(scatter->input_value(0));
  // If the start of a chain cannot be followed, a later part of it may still be.
  std::optional<Part> part;
  while (!chain.empty() && !(part = PartAlong(chain))) chain.erase(chain.begin());
  if (!part || !IsReadElsewhere(chain)) return false;
  const std::vector<std::shared_ptr<ov::Node>> copy = CopyOf(*part);
  const std::shared_ptr<ov::Node> last = scatter->get_input_node_shared_ptr(0);
  ov::copy_runtime_info(last, copy);
  copy.back()->set_friendly_name(last->get_friendly_name());
  last->output(0).replace(copy.back());
  return true;
}

}  // namespace

bool WritesInPlace(const ov::Node& node) {
  return ov::is_type<op::v3::ScatterNDUpdate>(&node) || ov::is_type<op::v3::ScatterUpdate>(&node) ||
         ov::is_type<op::v3::ScatterElementsUpdate>(&node) ||
         ov::is_type<op::v12::ScatterElementsUpdate>(&node);
}

size_t CopyWrittenRows(const std::shared_ptr<ov::Model>& model) {
  return ChangeNodes(model, [](const std::shared_ptr<ov::Node>& node) -> size_t {
    return WritesInPlace(*node) && CopyRow(node) ? 1 : 0;
  });
}

}  // namespace tare
