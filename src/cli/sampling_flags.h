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

// The flags that say how tokens are chosen.
struct SamplingFlags {
  std::optional<std::string> sampler;
  std::optional<float> temperature;
  std::optional<int32_t> top_k;
  std::optional<float> top_p;
  std::optional<int32_t> beams;
  std::optional<float> alpha;
  uint64_t seed = 0;
  bool drew_seed = false;  // the seed was drawn; print it, so that the run can be repeated
  std::string stop_token_ids = "auto";

  void AddTo(CLI::App& command);

  // Errors: InvalidInput for an unknown sampler, for an option that the sampler does not have, and
  // for a value out of range.
  Result<SamplingOptions> Sampling() const;
  // No value for "auto", an empty list for "none". Errors: InvalidInput if it is not a list of ids.
  Result<std::optional<std::vector<int32_t>>> StopTokenIds() const;
};

}  // namespace tare

#endif  // TARE_CLI_SAMPLING_FLAGS_H_
