#ifndef TARE_OPENVINO_PASS_ATTENTION_FUSION_H_
#define TARE_OPENVINO_PASS_ATTENTION_FUSION_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>
#include <string>
#include <vector>

#include "openvino/policy/choices.h"

namespace tare {

// Attentions of a model that are alike.
struct AttentionCount {
  size_t count = 0;
  std::string left_because;  // empty: fused
};

// Writes attention as one ScaledDotProductAttention, in bodies too:
//
//   product(Select(m, softmax(Select(m, product(q, k) · s, -1e9)), 0), v)
//     →  Select(any(m), ScaledDotProductAttention(q, k, v, Select(m, 0, -1e30), s), 0)
//
// The products are einsums of any label order or MatMuls; the mask may be added instead, multiplied
// afterwards, or not be there. Only what is proved to be the same is fused: shapes, the axis of the
// softmax, a mask no larger than the scores, nothing read elsewhere; provided that scores differ by
// less than 1e8. -1e30 absorbs any score, so that a row with nothing attended is uniform as before.
// A number that the queries are multiplied by becomes a part of the scale, which the plugin is not
// to multiply into the product with the weights of the queries: late_numbers.h.
std::vector<AttentionCount> FuseAttention(const std::shared_ptr<ov::Model>& model,
                                          AttentionChoice choice);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_ATTENTION_FUSION_H_
