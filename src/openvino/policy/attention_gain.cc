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
  if (!attention.of_einsums) return "OpenVINO fuses MatMuls of this form by itself";
  if (!SavedBytes(attention)) return "lengths known only while it runs: it may not gain (--sdpa)";
  if (largest_saving_bytes_ < count_ * kCodeBytes) {
    return "too short: fused it would be faster but take more memory (--sdpa)";
  }
  return "";
}

}  // namespace tare
