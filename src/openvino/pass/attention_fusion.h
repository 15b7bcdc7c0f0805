#ifndef TARE_OPENVINO_PASS_ATTENTION_FUSION_H_
#define TARE_OPENVINO_PASS_ATTENTION_FUSION_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>
#include <string>
#include <vector>

#include "openvino/policy/choices.h"

namespace tare {

// A group of equal attentions in a model.
struct AttentionCount {
  size_t count = 0;
  std::string left_because;  // empty: fused
};

// Fuses each attention into one ScaledDotProductAttention, in bodies too:
//
//   product(Select(m, softmax(Select(m, product(q, k) · s, -1e9)), 0), v)
//     →  Select(any(m), ScaledDotProductAttention(q, k, v, Select(m, 0, -1e30), s), 0)
//
// The products are einsums of any label order, or MatMuls. The mask may also be added, multiplied
// afterwards, or missing. Fuses only what is proved to be equal: shapes, the axis of the softmax, a
// mask no larger than the scores, and no intermediate tensor read elsewhere. Assumes that scores
// differ by less than 1e8. -1e30 absorbs any score, so a row that attends to nothing stays uniform.
// A factor of the queries becomes part of the scale; the plugin must not multiply it into the
// product with the queries' weights (late_numbers.h).
std::vector<AttentionCount> FuseAttention(const std::shared_ptr<ov::Model>& model,
                                          AttentionChoice choice);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_ATTENTION_FUSION_H_
