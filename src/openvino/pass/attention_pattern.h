#ifndef TARE_OPENVINO_PASS_ATTENTION_PATTERN_H_
#define TARE_OPENVINO_PASS_ATTENTION_PATTERN_H_

#include <memory>
#include <openvino/core/node.hpp>
#include <string>

#include "base/error.h"

namespace tare {

// A tensor of an attention, one label an axis.
struct AttentionTensor {
  ov::Output<ov::Node> value;  // no node: there is none
  std::string labels;
};

// softmax(scale · query · keyᵀ + mask) · value, found in a graph. Labels are shared by all tensors:
// `batch` ones, one of the query's tokens, one of the key's, and a width each.
struct Attention {
  AttentionTensor query, key, value;
  std::string batch;
  char query_token = 0, key_token = 0, width = 0, value_width = 0;
  double scale = 1;           // of the queries, and between the scores' product and the mask
  bool of_einsums = false;    // both products
  AttentionTensor added;      // f32, added to the scores; or
  AttentionTensor attended;   // boolean: false where a score is set to a large negative number
  bool zeroed = false;        // probabilities are 0 where not `attended`, also in a row of none
  std::string output_labels;  // of `product`'s output
  std::shared_ptr<ov::Node> product;  // the last node
};

// Whether a Softmax has a product of two tensors before and after it, with only elementwise work
// between.
bool IsBetweenProducts(const std::shared_ptr<ov::Node>& softmax);

// The attention around a Softmax, with nothing of it read elsewhere.
//   Precondition  IsBetweenProducts, and NameLengths of its model.
//   Errors        Unsupported, with the reason in a few words, where it is not proved to be one.
Result<Attention> MatchAttention(const std::shared_ptr<ov::Node>& softmax);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_ATTENTION_PATTERN_H_
