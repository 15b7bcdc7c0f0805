#include "openvino/pass/attention_gain.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace tare {
namespace {

constexpr uint64_t kCodeBytes = 1 << 20;  // of one fused attention, at most

// A sequence's own: batches whose length is not known count as one. Nothing where another length is
// not known.
std::optional<uint64_t> ElementsOf(const Attention& found, std::string_view labels) {
  uint64_t elements = 1;
  for (const char label : labels) {
    const bool in_key = found.key.labels.find(label) != std::string::npos;
    const AttentionTensor& tensor = in_key ? found.key : found.query;
    const ov::Dimension length =
        tensor.value.get_partial_shape()[static_cast<int64_t>(tensor.labels.find(label))];
    const bool is_batch = found.batch.find(label) != std::string::npos;
    if (length.is_static()) {
      elements *= static_cast<uint64_t>(length.get_length());
    } else if (!is_batch) {
      return std::nullopt;
    }
  }
  return elements;
}

// Measured at 1,024 queries and keys: 1.9 times the scores, and more of unknown batches; at one
// query the keys, which are not put in another order.
std::optional<uint64_t> SavedBytes(const Attention& found) {
  const std::optional<uint64_t> scores =
      ElementsOf(found, found.batch + found.query_token + found.key_token);
  const std::optional<uint64_t> keys =
      ElementsOf(found, found.batch + found.key_token + found.width);
  if (!scores || !keys) return std::nullopt;
  return (*scores + *scores / 2 + *keys) * sizeof(float);
}

}  // namespace

void AttentionGain::Add(const Attention& attention) {
  if (!attention.of_einsums) return;
  ++count_;
  largest_saving_bytes_ = std::max(largest_saving_bytes_, SavedBytes(attention).value_or(0));
}

std::string AttentionGain::LeftBecause(const Attention& attention) const {
  if (!attention.of_einsums) return "OpenVINO fuses MatMuls of this form by itself";
  if (!SavedBytes(attention)) return "lengths known only while it runs: it may not gain (--sdpa)";
  if (largest_saving_bytes_ < count_ * kCodeBytes) {
    return "too short: fused it would be faster but take more memory (--sdpa)";
  }
  return "";
}

}  // namespace tare
