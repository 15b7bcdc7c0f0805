#ifndef TARE_TESTS_FAMILIES_GOLDEN_MODEL_H_
#define TARE_TESTS_FAMILIES_GOLDEN_MODEL_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// A model of tests/golden/family_logits and what Transformers makes of it.
struct GoldenModel {
  std::string name;
  nlohmann::json config;
  bool tied = false;
  std::vector<int32_t> tokens;    // as many as the context has
  std::vector<size_t> positions;  // whose logits are known
  std::vector<std::vector<float>> logits;
  double tolerance = 0.0;
  std::vector<int32_t> prompt;
  std::vector<int32_t> greedy;
  size_t steps_from = 0;  // from which position on step by step is the same as all at once
};

std::vector<std::string> GoldenModelNames();
// Precondition: the name is one of these.
GoldenModel ReadGoldenModel(const std::string& name);

// Writes the model as a Hugging Face folder: its weights follow from their names, as in
// make_family_logits.py.
//   more  names of further tensors, vectors of two.
Status WriteGoldenModel(const GoldenModel& golden, const std::string& folder,
                        const std::vector<std::string>& more = {});

}  // namespace tare

#endif  // TARE_TESTS_FAMILIES_GOLDEN_MODEL_H_
