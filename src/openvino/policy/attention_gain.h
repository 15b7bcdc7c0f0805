#ifndef TARE_OPENVINO_POLICY_ATTENTION_GAIN_H_
#define TARE_OPENVINO_POLICY_ATTENTION_GAIN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tare {

// Facts about an attention that are known before the model runs.
struct AttentionSize {
  bool of_einsums = false;  // both products are einsums
  // Elements for one sequence: a batch axis of unknown length counts as 1. Empty if any other
  // length is unknown.
  std::optional<uint64_t> score_elements;
  std::optional<uint64_t> key_elements;
};

// Decides whether fusing a model's attentions pays on the CPU plugin. The plugin runs a fused
// attention with a special kernel, which stores no scores and moves no keys, and is faster at any
// length. But it compiles that kernel for each attention: up to 0.85 MiB of code, against 0.35 for
// the separate products (OpenVINO 2026.4.1). The memory is saved only once, because attentions run
// one after another. So all attentions are fused if the largest saves more than the code of all
// adds; otherwise none is.
class AttentionGain {
 public:
  // Counts an attention of the model.
  void Add(const AttentionSize& attention);

  // Why a counted attention stays unchanged; empty: it is fused.
  std::string LeftBecause(const AttentionSize& attention) const;

 private:
  size_t count_ = 0;
  uint64_t largest_saving_bytes_ = 0;
};

}  // namespace tare

#endif  // TARE_OPENVINO_POLICY_ATTENTION_GAIN_H_
