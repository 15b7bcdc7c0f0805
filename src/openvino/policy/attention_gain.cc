#include "openvino/policy/attention_gain.h"

#include <algorithm>

namespace tare {
namespace {

constexpr uint64_t kCodeBytes = 1 << 20;  // of one fused attention, at most

// Measured at 1,024 queries and keys: 1.9 times the scores, and more of unknown batches; at one
// query the keys, which are not put in another order.
std::optional<uint64_t> SavedBytes(const AttentionSize& attention) {
  if (!attention.score_elements || !attention.key_elements) return std::nullopt;
  const uint64_t scores = *attention.score_elements;
  return (scores + scores / 2 + *attention.key_elements) * sizeof(float);
}

}  // namespace

void AttentionGain::Add(const AttentionSize& attention) {
  if (!attention.of_einsums) return;
  ++count_;
  largest_saving_bytes_ = std::max(largest_saving_bytes_, SavedBytes(attention).value_or(0));
}

std::string AttentionGain::LeftBecause(const AttentionSize& attention) const {
  if (!attention.of_einsums) return "OpenVINO fuses these MatMuls itself";
  if (!SavedBytes(attention)) return "dynamic lengths, so fusing may not pay; --sdpa forces it";
  if (largest_saving_bytes_ < count_ * kCodeBytes) {
    return "too short: fusing would save time but take more memory; --sdpa forces it";
  }
  return "";
}

}  // namespace tare
