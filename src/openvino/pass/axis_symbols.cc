#include "openvino/pass/axis_symbols.h"

namespace tare {
namespace {

void NameAll(ov::PartialShape& shape, bool anew) {
  if (shape.rank().is_dynamic()) return;
  for (ov::Dimension& length : shape) {
    if (length.is_dynamic() && (anew || !length.has_symbol())) {
      length.set_symbol(std::make_shared<ov::Symbol>());
    }
  }
}

}  // namespace

void NameLengths(const std::shared_ptr<ov::Model>& model) {
  for (const auto& parameter : model->get_parameters()) {
    ov::PartialShape shape = parameter->get_partial_shape();
    NameAll(shape, /*anew=*/true);
    parameter->set_partial_shape(shape);
  }
  for (const std::shared_ptr<ov::Node>& node : model->get_ordered_ops()) {
    node->revalidate_and_infer_types();
    for (size_t i = 0; i < node->get_output_size(); ++i) {
      ov::PartialShape shape = node->get_output_partial_shape(i);
      NameAll(shape, /*anew=*/false);
      node->set_output_type(i, node->get_output_element_type(i), shape);
    }
  }
}

bool SameLength(const ov::Dimension& a, const ov::Dimension& b) {
  if (a.is_static() && b.is_static()) return a.get_length() == b.get_length();
  return a.has_symbol() && b.has_symbol() && ov::symbol::are_equal(a.get_symbol(), b.get_symbol());
}

}  // namespace tare
