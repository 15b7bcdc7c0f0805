#ifndef TARE_TESTS_FAMILIES_GOLDEN_MODEL_H_
#define TARE_TESTS_FAMILIES_GOLDEN_MODEL_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
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

// In what a folder differs from how Transformers saves the model.
struct GoldenForm {
  std::vector<std::string> more = {};  // names of further tensors, vectors of two
  // Of names of tensors: what the prefix "model." becomes, and what comes before the output's name.
  std::string prefix = "model.";
  std::string output_prefix = "";
  bool stacks_experts = false;  // one tensor of all of a layer, gate and up side by side
  // Names that __metadata__ maps to tensors that are there; they are not written.
  std::vector<std::pair<std::string, std::string>> aliases = {};
};

// Writes the model as a Hugging Face folder: its weights follow from their names, as in
// make_family_logits.py.
Status WriteGoldenModel(const GoldenModel& golden, const std::string& folder,
                        const GoldenForm& form = {});

}  // namespace tare

#endif  // TARE_TESTS_FAMILIES_GOLDEN_MODEL_H_
