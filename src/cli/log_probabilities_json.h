#ifndef TARE_CLI_LOG_PROBABILITIES_JSON_H_
#define TARE_CLI_LOG_PROBABILITIES_JSON_H_

#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"
#include "tare/generate.h"

namespace tare {

// [{"id", "text", "log_probability", "likeliest": [{…}, …]}, …]; without "likeliest" if `chosen`
// has none. Errors: InvalidInput for an id outside the vocabulary.
Result<nlohmann::ordered_json> LogProbabilitiesJson(
    const Engine& engine, const std::vector<ChosenLogProbability>& chosen);

}  // namespace tare

#endif  // TARE_CLI_LOG_PROBABILITIES_JSON_H_
