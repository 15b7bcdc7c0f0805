#include "openvino/pass/late_numbers.h"

#include <openvino/op/clamp.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/gather.hpp>
#include <openvino/op/shape_of.hpp>

namespace tare {
namespace {

namespace op = ov::op;
using Value = ov::Output<ov::Node>;

Value Index(size_t index) {
  return op::v0::Constant::create(ov::element::i64, ov::Shape{}, {index});
}

Value UnknownLength(const ov::Model& model) {
  for (const auto& parameter : model.get_parameters()) {
    const ov::PartialShape& shape = parameter->get_partial_shape();
    if (shape.rank().is_dynamic()) continue;
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (shape[static_cast<int64_t>(axis)].is_static()) continue;
      const auto lengths = std::make_shared<op::v3::ShapeOf>(parameter);
      const auto length = std::make_shared<op::v8::Gather>(lengths, Index(axis), Index(0));
      return std::make_shared<op::v0::Convert>(length, ov::element::f32);
    }
  }
  return {};
}

}  // namespace

LateNumbers::LateNumbers(const ov::Model& model) : length_(UnknownLength(model)) {}

Value LateNumbers::Of(float number) {
  Value& made = made_[number];
  if (made.get_node() != nullptr) return made;
  if (length_.get_node() == nullptr) {
    made = op::v0::Constant::create(ov::element::f32, ov::Shape{}, {number});
  } else {
    made = std::make_shared<op::v0::Clamp>(length_, number, number);
  }
  return made;
}

}  // namespace tare
