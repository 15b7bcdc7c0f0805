#ifndef TARE_OPENVINO_POLICY_ATTENTION_GAIN_H_
#define TARE_OPENVINO_POLICY_ATTENTION_GAIN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tare {

// What is known of an attention before the model runs.
struct AttentionSize {
  bool of_einsums = false;  // both products
  // Of one sequence: batches whose length is not known count as one. Nothing where another length
  // is not known.
  std::optional<uint64_t> score_elements;
  std::optional<uint64_t> key_elements;
};

// Whether the CPU plugin is better off with a model's attentions fused. It computes each by a
// kernel of its own then, which keeps no scores and moves no keys, in less time at any lengths; but
// that kernel's code is compiled for each attention, up to 0.85 MiB instead of 0.35 for the
// products of OpenVINO 2026.4.1. What is saved exists once, whatever the number of attentions: they
// run one after another. So all are fused or none: where the largest saves more than all add.
class AttentionGain {
 public:
  // Counts an attention of the model.
  void Add(const AttentionSize& attention);

  // Why one of those that were counted is left; empty: it gains.
  std::string LeftBecause(const AttentionSize& attention) const;

 private:
  size_t count_ = 0;
  uint64_t largest_saving_bytes_ = 0;
};

}  // namespace tare

#endif  // TARE_OPENVINO_POLICY_ATTENTION_GAIN_H_
