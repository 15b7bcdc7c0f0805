#ifndef TARE_CLI_SAMPLING_FLAGS_H_
#define TARE_CLI_SAMPLING_FLAGS_H_

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "tare/generate.h"

namespace tare {

// How tokens are chosen, as given on the command line.
struct SamplingFlags {
  std::optional<std::string> sampler;
  std::optional<float> temperature;
  std::optional<int32_t> top_k;
  std::optional<float> top_p;
  std::optional<int32_t> beams;
  std::optional<float> alpha;
  uint64_t seed = 0;
  bool drew_seed = false;  // nobody gave it: it must be told, or the text cannot be had again
  std::string stop_token_ids = "auto";

  void AddTo(CLI::App& command);

  // Errors: InvalidInput for a sampler that does not exist, an option that it does not have, and a
  // value that it does not take.
  Result<SamplingOptions> Sampling() const;
  // Not given for "auto", empty for "none". Errors: InvalidInput for what is no list of numbers.
  Result<std::optional<std::vector<int32_t>>> StopTokenIds() const;
};

}  // namespace tare

#endif  // TARE_CLI_SAMPLING_FLAGS_H_
