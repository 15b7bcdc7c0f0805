#ifndef TARE_OPENVINO_PASS_ATTENTION_PATTERN_H_
#define TARE_OPENVINO_PASS_ATTENTION_PATTERN_H_

#include <memory>
#include <openvino/core/node.hpp>
#include <string>

#include "base/error.h"

namespace tare {

// A tensor of an attention, with one label per axis.
struct AttentionTensor {
  ov::Output<ov::Node> value;  // no node: none
  std::string labels;
};

// softmax(scale · query · keyᵀ + mask) · value, found in a graph. All tensors share their labels:
// those in `batch`, one for the query's tokens, one for the key's, and one for each width.
struct Attention {
  AttentionTensor query, key, value;
  std::string batch;
  char query_token = 0, key_token = 0, width = 0, value_width = 0;
  double scale = 1;           // factor of queries and scores, before the mask
  bool of_einsums = false;    // both products
  AttentionTensor added;      // f32, added to the scores; or
  AttentionTensor attended;   // boolean: false if a score is set to a large negative number
  bool zeroed = false;        // probabilities are 0 where `attended` is false, even in a whole row
  std::string output_labels;  // labels of `product`'s output
  std::shared_ptr<ov::Node> product;  // the last node
};

// Whether a Softmax has a product of two tensors before and after it, with only elementwise
// operations between.
bool IsBetweenProducts(const std::shared_ptr<ov::Node>& softmax);

// The attention around a Softmax. None of its intermediate tensors is read elsewhere.
//   Precondition  IsBetweenProducts, and NameLengths of its model.
//   Errors        Unsupported with a short reason if it cannot be proved to be an attention.
Result<Attention> MatchAttention(const std::shared_ptr<ov::Node>& softmax);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_ATTENTION_PATTERN_H_
