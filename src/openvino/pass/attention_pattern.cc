#include "openvino/pass/attention_pattern.h"

#include <algorithm>
#include <openvino/op/add.hpp>
#include <openvino/op/constant.hpp>
#include <openvino/op/convert.hpp>
#include <openvino/op/divide.hpp>
#include <openvino/op/einsum.hpp>
#include <openvino/op/matmul.hpp>
#include <openvino/op/multiply.hpp>
#include <openvino/op/select.hpp>
#include <openvino/op/softmax.hpp>
#include <openvino/op/subtract.hpp>
#include <optional>
#include <vector>

#include "einsum/axis_groups.h"
#include "einsum/equation.h"
#include "openvino/pass/axis_symbols.h"

namespace tare {
namespace {

namespace op = ov::op;
using Value = ov::Output<ov::Node>;

// Masked scores must be so far below the others that their exponentials are 0 in f32.
constexpr double kMasked = -1e8;
constexpr int kLongestChain = 8;

template <typename Op>
bool Is(const Value& value) {
  return ov::is_type<Op>(value.get_node());
}

bool IsProduct(const ov::Node* node) {
  return (ov::is_type<op::v7::Einsum>(node) && node->get_input_size() == 2) ||
         ov::is_type<op::v0::MatMul>(node);
}

bool IsElementwise(const ov::Node* node) {
  return ov::is_type<op::v0::Convert>(node) || ov::is_type<op::v1::Add>(node) ||
         ov::is_type<op::v1::Subtract>(node) || ov::is_type<op::v1::Multiply>(node) ||
         ov::is_type<op::v1::Divide>(node) || ov::is_type<op::v1::Select>(node);
}

bool ComesFromProduct(const Value& value, int depth) {
  const ov::Node* node = value.get_node();
  if (IsProduct(node)) return true;
  if (depth == 0 || !IsElementwise(node)) return false;
  const ov::OutputVector inputs = node->input_values();
  return std::any_of(inputs.begin(), inputs.end(),
                     [&](const Value& input) { return ComesFromProduct(input, depth - 1); });
}

bool GoesToProduct(const Value& value, int depth) {
  const auto readers = value.get_target_inputs();
  return std::any_of(readers.begin(), readers.end(), [&](const ov::Input<ov::Node>& reader) {
    ov::Node* node = reader.get_node();
    if (IsProduct(node)) return true;
    return depth > 0 && IsElementwise(node) && GoesToProduct(node->output(0), depth - 1);
  });
}

bool ChangesNothing(const ov::Node* node) {
  return ov::is_type<op::v0::Convert>(node) &&
         node->get_input_element_type(0) == node->get_output_element_type(0);
}

// The number that all elements of a value equal. Looks through type conversions.
std::optional<double> ScalarOf(Value value) {
  while (Is<op::v0::Convert>(value)) value = value.get_node()->input_value(0);
  const auto constant = ov::as_type_ptr<op::v0::Constant>(value.get_node_shared_ptr());
  if (constant == nullptr || ov::shape_size(constant->get_shape()) != 1) return std::nullopt;
  return constant->cast_vector<double>()[0];
}

// The boolean tensor that a value represents as 0 and 1, or nothing.
Value BooleanOf(Value value) {
  while (value.get_element_type() != ov::element::boolean) {
    if (!Is<op::v0::Convert>(value)) return {};
    value = value.get_node()->input_value(0);
  }
  return value;
}

// A product as an einsum: the labels of both operands and of the output.
struct Product {
  Value operands[2];
  std::string terms[2], output;
};

Result<Product> AsProduct(const ov::Node& node) {
  Product product;
  for (size_t i = 0; i < 2; ++i) product.operands[i] = node.input_value(i);
  if (const auto* matmul = ov::as_type<const op::v0::MatMul>(&node)) {
    const ov::Rank rank = node.get_input_partial_shape(0).rank();
    if (rank.is_dynamic() || rank != node.get_input_partial_shape(1).rank() ||
        rank.get_length() < 3 || rank.get_length() > 4) {
      return Unsupported("a product does not have three or four axes");
    }
    const std::string batch = rank.get_length() == 4 ? "ab" : "a";
    product.terms[0] = batch + (matmul->get_transpose_a() ? "yx" : "xy");
    product.terms[1] = batch + (matmul->get_transpose_b() ? "zy" : "yz");
    product.output = batch + "xz";
    return product;
  }
  TARE_ASSIGN_OR_RETURN(
      const EinsumEquation equation,
      EinsumEquation::Parse(ov::as_type<const op::v7::Einsum>(&node)->get_equation()));
  if (equation.has_ellipsis()) return Unsupported("its einsum has an ellipsis");
  if (!ClassifyAxes(equation).IsMatMul()) return Unsupported("its einsum is not a matrix product");
  for (size_t i = 0; i < 2; ++i) product.terms[i] = equation.operand(i);
  product.output = equation.output();
  return product;
}

// The operations between the product of the scores and the Softmax.
struct Scores {
  std::shared_ptr<ov::Node> product;
  double scale = 1;
  Value added, attended;
  double masked = 0;  // added or set where not attended; 0: unknown
};

// Recognises (1 - m) * c for a boolean m.
void ReadAdder(const Value& value, Scores* scores) {
  Value adder = value;
  while (ChangesNothing(adder.get_node())) adder = adder.get_node()->input_value(0);
  if (!Is<op::v1::Multiply>(adder)) return;
  for (size_t side = 0; side < 2; ++side) {
    const std::optional<double> number = ScalarOf(adder.get_node()->input_value(side));
    Value one_less = adder.get_node()->input_value(1 - side);
    while (Is<op::v0::Convert>(one_less)) one_less = one_less.get_node()->input_value(0);
    if (!number || !Is<op::v1::Subtract>(one_less) ||
        ScalarOf(one_less.get_node()->input_value(0)) != 1.0) {
      continue;
    }
    scores->attended = BooleanOf(one_less.get_node()->input_value(1));
    scores->masked = *number;
  }
}

// One step towards the product. Errors: Unsupported.
Result<Value> Climb(const Value& value, Scores* scores) {
  const ov::Node* node = value.get_node();
  const bool has_mask = scores->masked != 0 || scores->added.get_node() != nullptr;
  if (ChangesNothing(node)) return node->input_value(0);
  if (Is<op::v1::Multiply>(value) || Is<op::v1::Divide>(value)) {
    for (size_t side : {1, 0}) {
      const std::optional<double> number = ScalarOf(node->input_value(side));
      if (!number || (side == 0 && Is<op::v1::Divide>(value))) continue;
      scores->scale *= Is<op::v1::Divide>(value) ? 1 / *number : *number;
      return node->input_value(1 - side);
    }
    return Unsupported("its scores are scaled by a tensor");
  }
  if (has_mask || scores->scale != 1) return Unsupported("its scores are computed in another way");
  if (Is<op::v1::Select>(value)) {
    const std::optional<double> number = ScalarOf(node->input_value(2));
    if (!number || !(*number <= kMasked))
      return Unsupported("its mask does not set scores to a large negative number");
    scores->attended = node->input_value(0);
    scores->masked = *number;
    return node->input_value(1);
  }
  if (Is<op::v1::Add>(value)) {
    for (size_t side = 0; side < 2; ++side) {
      if (!ComesFromProduct(node->input_value(side), 4)) continue;
      scores->added = node->input_value(1 - side);
      ReadAdder(scores->added, scores);
      return node->input_value(side);
    }
  }
  return Unsupported("its scores are computed in another way");
}

Result<Scores> ReadScores(Value value) {
  Scores scores;
  for (int i = 0; i < kLongestChain; ++i) {
    if (value.get_target_inputs().size() != 1)
      return Unsupported("its scores are also read elsewhere");
    if (IsProduct(value.get_node())) {
      scores.product = value.get_node_shared_ptr();
      return scores;
    }
    TARE_ASSIGN_OR_RETURN(value, Climb(value, &scores));
  }
  return Unsupported("its scores are computed in another way");
}

// The operations between the Softmax and the product with the values.
struct Probabilities {
  std::shared_ptr<ov::Node> product;
  size_t side = 0;  // which operand they are
  Value zeroed_by;
};

Result<Probabilities> ReadProbabilities(Value value) {
  Probabilities found;
  for (int i = 0; i < kLongestChain; ++i) {
    const auto readers = value.get_target_inputs();
    if (readers.size() != 1) return Unsupported("its probabilities are also read elsewhere");
    const ov::Input<ov::Node> reader = *readers.begin();
    ov::Node* node = reader.get_node();
    if (IsProduct(node)) {
      found.product = node->shared_from_this();
      found.side = reader.get_index();
      return found;
    }
    if (!ChangesNothing(node)) {
      Value mask;
      if (ov::is_type<op::v1::Select>(node) && reader.get_index() == 1 &&
          ScalarOf(node->input_value(2)) == 0.0) {
        mask = node->input_value(0);
      } else if (ov::is_type<op::v1::Multiply>(node)) {
        mask = BooleanOf(node->input_value(1 - reader.get_index()));
      }
      if (mask.get_node() == nullptr || found.zeroed_by.get_node() != nullptr) {
        return Unsupported("its probabilities are changed before the product");
      }
      found.zeroed_by = mask;
    }
    value = node->output(0);
  }
  return Unsupported("its probabilities are changed before the product");
}

int64_t AxisOf(const ov::Node& softmax) {
  const int64_t rank = softmax.get_output_partial_shape(0).rank().get_length();
  if (const auto* first = ov::as_type<const op::v1::Softmax>(&softmax)) {
    return static_cast<int64_t>(first->get_axis());
  }
  const int64_t axis = ov::as_type<const op::v8::Softmax>(&softmax)->get_axis();
  return axis < 0 ? axis + rank : axis;
}

ov::Dimension Length(const AttentionTensor& tensor, char label) {
  return tensor.value.get_partial_shape()[static_cast<int64_t>(tensor.labels.find(label))];
}

bool IsOne(const ov::Dimension& length) { return length.is_static() && length.get_length() == 1; }

Status CheckTensor(const AttentionTensor& tensor) {
  if (tensor.value.get_element_type() != ov::element::f32)
    return Unsupported("its type is not f32");
  if (tensor.value.get_partial_shape().rank().is_dynamic()) return Unsupported("dynamic rank");
  if (Is<op::v0::Constant>(tensor.value)) return Unsupported("an operand is a constant");
  return {};
}

// A factor of the queries is also a factor of the scores.
void TakeScaleOfQuery(Attention* found) {
  const std::shared_ptr<ov::Node> node = found->query.value.get_node_shared_ptr();
  if (!ov::is_type<op::v1::Multiply>(node)) return;
  for (size_t side : {1, 0}) {
    const std::optional<double> number = ScalarOf(node->input_value(side));
    const Value query = node->input_value(1 - side);
    if (!number || query.get_partial_shape().rank() != node->get_output_partial_shape(0).rank()) {
      continue;
    }
    found->scale *= *number;
    found->query.value = query;
    return;
  }
}

// Finds the roles of the labels in the score product.
Status ReadQueryAndKey(const Product& scores, int64_t softmax_axis, Attention* found) {
  found->key_token = scores.output[static_cast<size_t>(softmax_axis)];
  const size_t key = scores.terms[0].find(found->key_token) == std::string::npos ? 1 : 0;
  found->key = {scores.operands[key], scores.terms[key]};
  found->query = {scores.operands[1 - key], scores.terms[1 - key]};
  if (found->query.labels.find(found->key_token) != std::string::npos) {
    return Unsupported("its softmax is not over the keys");
  }
  std::string tokens, widths;
  for (char label : scores.output) {
    const bool in_key = found->key.labels.find(label) != std::string::npos;
    const bool in_query = found->query.labels.find(label) != std::string::npos;
    if (in_key && in_query) found->batch.push_back(label);
    if (in_query && !in_key) tokens.push_back(label);
  }
  for (char label : found->key.labels) {
    if (scores.output.find(label) == std::string::npos) widths.push_back(label);
  }
  if (tokens.size() != 1 || widths.size() != 1 || found->batch.empty() || found->batch.size() > 2 ||
      found->key.labels.size() != found->batch.size() + 2) {
    return Unsupported("it has axes other than batch, heads, tokens and width");
  }
  found->query_token = tokens[0];
  found->width = widths[0];
  return {};
}

// Reads the product with the values, with its labels renamed to those of the scores.
Status ReadValue(const Product& product, size_t side, const std::string& scores_labels,
                 Attention* found) {
  const std::string& probabilities = product.terms[side];
  std::string values = product.terms[1 - side], output = product.output;
  if (probabilities.size() != scores_labels.size()) return Unsupported("dynamic rank");
  constexpr char kValueWidth = '#';
  for (std::string* term : {&values, &output}) {
    for (char& label : *term) {
      const size_t at = probabilities.find(label);
      label = at == probabilities.npos ? kValueWidth : scores_labels[at];
    }
  }
  std::string wanted = found->batch + found->key_token + kValueWidth, got = values;
  std::string wanted_output = found->batch + found->query_token + kValueWidth, got_output = output;
  for (std::string* labels : {&wanted, &got, &wanted_output, &got_output}) {
    std::sort(labels->begin(), labels->end());
  }
  if (wanted != got || wanted_output != got_output) {
    return Unsupported("its values have unexpected axes");
  }
  found->value = {product.operands[1 - side], values};
  found->value_width = kValueWidth;
  found->output_labels = output;
  return {};
}

// A mask may be broadcast to the scores, but never the scores to a mask. It is enough if the mask's
// axis is as long as one operand's: the scores have that axis too, or a longer one from the other
// operand.
Status CheckMask(const Value& mask, const ov::PartialShape& scores, const std::string& labels,
                 const Attention& found) {
  const ov::PartialShape& shape = mask.get_partial_shape();
  if (shape.rank().is_dynamic() || shape.size() > scores.size()) {
    return Unsupported("its mask has more axes than the scores");
  }
  const size_t skipped = scores.size() - shape.size();
  for (size_t i = 0; i < shape.size(); ++i) {
    const char label = labels[i + skipped];
    bool fits = IsOne(shape[i]) || SameLength(shape[i], scores[i + skipped]);
    for (const AttentionTensor* tensor : {&found.query, &found.key}) {
      fits = fits || (tensor->labels.find(label) != std::string::npos &&
                      SameLength(shape[i], Length(*tensor, label)));
    }
    if (!fits) return Unsupported("its mask may be larger than the scores");
  }
  return {};
}

Status CheckTensors(const Attention& found) {
  for (const AttentionTensor* tensor : {&found.query, &found.key, &found.value}) {
    TARE_RETURN_IF_ERROR(CheckTensor(*tensor));
  }
  return {};
}

Status ReadMask(const Scores& scores, const Probabilities& probabilities, const std::string& labels,
                Attention* found) {
  const ov::PartialShape& shape = scores.product->get_output_partial_shape(0);
  const bool is_added = scores.added.get_node() != nullptr;
  if (is_added) {
    TARE_RETURN_IF_ERROR(CheckMask(scores.added, shape, labels, *found));
    if (scores.added.get_element_type() != ov::element::f32) {
      return Unsupported("its type is not f32");
    }
    found->added = {scores.added, labels};
  }
  if (probabilities.zeroed_by.get_node() != nullptr) {
    if (scores.attended != probabilities.zeroed_by || !(scores.masked <= kMasked)) {
      return Unsupported("its probabilities use another mask than its scores");
    }
    found->zeroed = true;
  }
  if (scores.attended.get_node() != nullptr && (!is_added || found->zeroed)) {
    TARE_RETURN_IF_ERROR(CheckMask(scores.attended, shape, labels, *found));
    found->attended = {scores.attended, labels};
  }
  return {};
}

}  // namespace

bool IsBetweenProducts(const std::shared_ptr<ov::Node>& softmax) {
  if (!ov::is_type<op::v1::Softmax>(softmax) && !ov::is_type<op::v8::Softmax>(softmax))
    return false;
  return ComesFromProduct(softmax->input_value(0), kLongestChain) &&
         GoesToProduct(softmax->output(0), kLongestChain);
}

Result<Attention> MatchAttention(const std::shared_ptr<ov::Node>& softmax) {
  if (softmax->get_output_partial_shape(0).rank().is_dynamic()) {
    return Unsupported("dynamic rank");
  }
  TARE_ASSIGN_OR_RETURN(const Scores scores, ReadScores(softmax->input_value(0)));
  TARE_ASSIGN_OR_RETURN(const Probabilities probabilities, ReadProbabilities(softmax->output(0)));
  TARE_ASSIGN_OR_RETURN(const Product first, AsProduct(*scores.product));
  TARE_ASSIGN_OR_RETURN(const Product second, AsProduct(*probabilities.product));
  Attention found;
  found.scale = scores.scale;
  found.product = probabilities.product;
  found.of_einsums =
      ov::is_type<op::v7::Einsum>(scores.product) && ov::is_type<op::v7::Einsum>(found.product);
  TARE_RETURN_IF_ERROR(ReadQueryAndKey(first, AxisOf(*softmax), &found));
  TARE_RETURN_IF_ERROR(ReadValue(second, probabilities.side, first.output, &found));
  TARE_RETURN_IF_ERROR(CheckTensors(found));
  TARE_RETURN_IF_ERROR(ReadMask(scores, probabilities, first.output, &found));
  TakeScaleOfQuery(&found);
  return found;
}

}  // namespace tare
