#include "models/keras_extras.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "describe/size_limits.h"
#include "format/json/json_file.h"
#include "format/quote.h"

namespace tare {
namespace {

constexpr char kPreTokenizer[] = "pre_tokenizer";
constexpr char kAddsBos[] = "add_bos_token";
constexpr char kChatTemplate[] = "chat_template";
constexpr char kControlIds[] = "control_token_ids";

}  // namespace

Result<KerasExtras> ReadKerasExtras(const std::string& folder) {
  KerasExtras extras;
  const std::string path = folder + "/" + kKerasExtrasFile;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return extras;
  TARE_ASSIGN_OR_RETURN(const JsonObject json, JsonObject::Open(path));
  if (json.Has(kKerasContextKey)) {
    TARE_ASSIGN_OR_RETURN(const uint64_t context, json.GetUint(kKerasContextKey));
    if (context == 0 || context > kMaxModelSize) {
      return CorruptFile("{}: {} is {}, expected 1 to {}", path, kKerasContextKey, context,
                         kMaxModelSize);
    }
    extras.context_length = static_cast<size_t>(context);
  }
  if (json.Has(kPreTokenizer)) {
    TARE_ASSIGN_OR_RETURN(const std::string name, json.GetString(kPreTokenizer));
    const Result<NamedPreTokenizer> known = FindPreTokenizer(name);
    if (!known.ok()) return known.error().In(path);
    if (!known->is_known) {
      return Unsupported("{}: {} {} is not known", path, kPreTokenizer, Quote(name));
    }
    extras.pre_tokenizer = known->split;
    extras.ignores_merges = known->ignores_merges;
  }
  if (json.Has(kAddsBos)) {
    TARE_ASSIGN_OR_RETURN(extras.adds_bos, json.GetBool(kAddsBos));
  }
  TARE_ASSIGN_OR_RETURN(extras.chat_template, json.GetStringOr(kChatTemplate, ""));
  if (json.Has(kControlIds)) {
    TARE_ASSIGN_OR_RETURN(extras.control_ids, json.GetUints(kControlIds));
  }
  return extras;
}

std::string KerasExtrasText(const KerasExtras& extras) {
  using Json = nlohmann::ordered_json;
  Json json = Json::object();
  if (extras.context_length) json[kKerasContextKey] = *extras.context_length;
  if (extras.pre_tokenizer && *extras.pre_tokenizer != PreTokenizer::kWhole) {
    json[kPreTokenizer] = PreTokenizerName(*extras.pre_tokenizer, extras.ignores_merges);
  }
  if (extras.adds_bos) json[kAddsBos] = *extras.adds_bos;
  if (!extras.chat_template.empty()) json[kChatTemplate] = extras.chat_template;
  if (!extras.control_ids.empty()) json[kControlIds] = extras.control_ids;
  return json.dump(4, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tare
