#include "cli/log_probabilities_json.h"

#include <string>
#include <utility>

namespace tare {
namespace {

Result<nlohmann::ordered_json> TokenJson(const Engine& engine, const TokenLogProbability& token) {
  nlohmann::ordered_json json = {{"id", token.id}};
  if (engine.has_tokenizer()) {
    TARE_ASSIGN_OR_RETURN(json["text"], engine.Decode({&token.id, 1}));
  }
  json["log_probability"] = token.log_probability;
  return json;
}

}  // namespace

Result<nlohmann::ordered_json> LogProbabilitiesJson(
    const Engine& engine, const std::vector<ChosenLogProbability>& chosen) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const ChosenLogProbability& one : chosen) {
    TARE_ASSIGN_OR_RETURN(nlohmann::ordered_json json, TokenJson(engine, one.token));
    for (const TokenLogProbability& token : one.likeliest) {
      TARE_ASSIGN_OR_RETURN(nlohmann::ordered_json likely, TokenJson(engine, token));
      json["likeliest"].push_back(std::move(likely));
    }
    all.push_back(std::move(json));
  }
  return all;
}

}  // namespace tare
