#ifndef TARE_CLI_TOKEN_IDS_H_
#define TARE_CLI_TOKEN_IDS_H_

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

inline constexpr char kIdsHelp[] =
    "Token ids in place of the text, as a JSON array: \"[1, 2]\"; for a model\n"
    "without a tokenizer that Tare reads too";

// The value of --ids: a JSON array of token ids. Errors: InvalidInput.
Result<std::vector<int32_t>> ParseTokenIds(std::string_view text);
// The same, parsed; a discarded value is invalid JSON.
Result<std::vector<int32_t>> TokenIdsFromJson(const nlohmann::json& json);

// "[1,2]"
std::string TokenIdsText(const std::vector<int32_t>& ids);

}  // namespace tare

#endif  // TARE_CLI_TOKEN_IDS_H_
