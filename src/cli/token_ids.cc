#include "cli/token_ids.h"

namespace tare {

Result<std::vector<int32_t>> ParseTokenIds(std::string_view text) {
  Result<std::vector<int32_t>> ids = TokenIdsFromJson(nlohmann::json::parse(text, nullptr, false));
  if (!ids.ok()) return ids.error().In("--ids");
  return ids;
}

Result<std::vector<int32_t>> TokenIdsFromJson(const nlohmann::json& json) {
  constexpr char kExpected[] = "expected a JSON array of token ids, such as [1, 2]";
  if (json.is_discarded()) return InvalidInput("{}, got invalid JSON", kExpected);
  if (!json.is_array()) return InvalidInput("{}, got {}", kExpected, json.type_name());
  std::vector<int32_t> ids;
  for (const nlohmann::json& id : json) {
    if (!id.is_number_integer()) return InvalidInput("{}, got {} in it", kExpected, id.type_name());
    const auto value = id.get<int64_t>();
    if (value != static_cast<int32_t>(value)) return InvalidInput("{} is not a token id", value);
    ids.push_back(static_cast<int32_t>(value));
  }
  return ids;
}

std::string TokenIdsText(const std::vector<int32_t>& ids) { return nlohmann::json(ids).dump(); }

}  // namespace tare
