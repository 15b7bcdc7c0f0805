#include "models/tokenizers/hf_folder.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "format/json/json_file.h"
#include "format/quote.h"

namespace tare {
namespace {

using Json = nlohmann::json;

// A token is given as its text, or as an object with it.
Result<std::string> ReadTokenText(const JsonObject& config, const char* key) {
  const Json* const value = config.Find(key);
  if (value == nullptr) return std::string();
  if (value->is_string()) return value->get<std::string>();
  TARE_ASSIGN_OR_RETURN(const JsonObject token, config.GetObject(key));
  return token.GetString("content");
}

// One id or several.
Result<std::vector<uint64_t>> ReadIds(const JsonObject& config, const char* key) {
  const Json* const value = config.Find(key);
  if (value == nullptr) return std::vector<uint64_t>();
  if (value->is_array()) return config.GetUints(key);
  TARE_ASSIGN_OR_RETURN(const uint64_t id, config.GetUint(key));
  return std::vector<uint64_t>{id};
}

Result<std::optional<JsonObject>> OpenIfThere(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::optional<JsonObject>();
  TARE_ASSIGN_OR_RETURN(JsonObject object, JsonObject::Open(path));
  return std::optional<JsonObject>(std::move(object));
}

struct NamedToken {
  const char* key;
  std::string HfFolder::*text;
};
constexpr NamedToken kNamedTokens[] = {{"bos_token", &HfFolder::bos},
                                       {"eos_token", &HfFolder::eos},
                                       {"pad_token", &HfFolder::padding},
                                       {"unk_token", &HfFolder::unknown}};

bool IsNamed(const HfFolder& folder, std::string_view text) {
  return std::ranges::any_of(kNamedTokens,
                             [&](const NamedToken& named) { return folder.*named.text == text; });
}

Status ReadNames(const std::string& path, HfFolder& folder) {
  TARE_ASSIGN_OR_RETURN(const auto config, OpenIfThere(path));
  if (!config) return {};
  for (const auto& [key, text] : kNamedTokens) {
    if (!(folder.*text).empty()) continue;
    TARE_ASSIGN_OR_RETURN(folder.*text, ReadTokenText(*config, key));
  }
  if (folder.tokenizer_class.empty()) {
    TARE_ASSIGN_OR_RETURN(folder.tokenizer_class, config->GetStringOr("tokenizer_class", ""));
  }
  return {};
}

// `added_tokens_decoder`: an object of ids and tokens.
Status ReadDecoder(const JsonObject& config, HfFolder& folder) {
  constexpr char kKey[] = "added_tokens_decoder";
  if (!config.Has(kKey)) return {};
  TARE_ASSIGN_OR_RETURN(const JsonObject tokens, config.GetObject(kKey));
  for (const auto& entry : config.Find(kKey)->items()) {
    const std::string& key = entry.key();
    uint64_t id = 0;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id);
    if (error != std::errc() || end != key.data() + key.size()) {
      return CorruptFile("{}: the id {} is no number", tokens.name(), Quote(key));
    }
    TARE_ASSIGN_OR_RETURN(const JsonObject token, tokens.GetObject(key));
    TARE_ASSIGN_OR_RETURN(folder.added.emplace_back(), ReadAddedToken(token, id));
  }
  return {};
}

// added_tokens.json, which older folders have: an object of tokens and ids.
Status ReadAddedFile(const std::string& path, HfFolder& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return {};
  const JsonReceiver receiver = {[](JsonPath at) { return at.empty(); },
                                 [&](JsonPath at, Json& value) -> Status {
                                   if (at.empty() || !value.is_number_unsigned()) {
                                     return CorruptFile(
                                         "expected an object of tokens and their ids, got {}",
                                         value.type_name());
                                   }
                                   const bool is_special = IsNamed(folder, at[0]);
                                   folder.added.push_back({.text = at[0],
                                                           .id = value.get<uint64_t>(),
                                                           .is_special = is_special,
                                                           .is_normalized = !is_special});
                                   return {};
                                 }};
  return ReadJsonFile(path, JsonObject::kMaxBytes, receiver);
}

Status ReadAdded(const std::string& directory, HfFolder& folder) {
  TARE_ASSIGN_OR_RETURN(const auto config, OpenIfThere(directory + "/tokenizer_config.json"));
  if (config) TARE_RETURN_IF_ERROR(ReadDecoder(*config, folder));
  if (folder.added.empty()) {
    TARE_RETURN_IF_ERROR(ReadAddedFile(directory + "/added_tokens.json", folder));
  }
  std::ranges::stable_sort(folder.added, {}, &AddedToken::id);
  return {};
}

}  // namespace

Result<HfFolder> ReadHfFolder(const std::string& directory) {
  HfFolder folder;
  for (const char* name : {"/tokenizer_config.json", "/special_tokens_map.json"}) {
    TARE_RETURN_IF_ERROR(ReadNames(directory + name, folder));
  }
  TARE_RETURN_IF_ERROR(ReadAdded(directory, folder));
  // The first of these files that names end tokens decides.
  for (const char* name : {"/generation_config.json", "/config.json"}) {
    TARE_ASSIGN_OR_RETURN(const auto config, OpenIfThere(directory + name));
    if (!config) continue;
    if (folder.end_ids.empty()) {
      TARE_ASSIGN_OR_RETURN(folder.end_ids, ReadIds(*config, "eos_token_id"));
    }
    TARE_ASSIGN_OR_RETURN(const std::vector<uint64_t> bos, ReadIds(*config, "bos_token_id"));
    if (!folder.bos_id && !bos.empty()) folder.bos_id = bos[0];
    TARE_ASSIGN_OR_RETURN(folder.model_type, config->GetStringOr("model_type", ""));
  }
  return folder;
}

void ApplyEnds(const HfFolder& folder, const VocabularyBuilder& builder,
               TokenizerVocabulary& vocabulary) {
  const auto is_inside = [&](uint64_t id) { return id < builder.size(); };
  if (!folder.eos.empty()) vocabulary.eos_id = builder.Find(folder.eos);
  for (const uint64_t id : folder.end_ids) {
    if (is_inside(id)) vocabulary.other_end_ids.push_back(static_cast<int32_t>(id));
  }
  if (!vocabulary.eos_id && !vocabulary.other_end_ids.empty()) {
    vocabulary.eos_id = vocabulary.other_end_ids.front();
  }
  if (vocabulary.bos_id) return;  // said by tokenizer.json
  if (!folder.bos.empty()) vocabulary.bos_id = builder.Find(folder.bos);
  if (folder.bos.empty() && folder.bos_id && is_inside(*folder.bos_id)) {
    vocabulary.bos_id = static_cast<int32_t>(*folder.bos_id);
  }
}

}  // namespace tare
