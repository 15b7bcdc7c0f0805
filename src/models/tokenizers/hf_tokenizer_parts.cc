#include "models/tokenizers/hf_tokenizer_parts.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "format/quote.h"

namespace tare {
namespace {

using Json = nlohmann::json;

constexpr char kGpt2Pattern[] =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
Result<std::string> TypeOf(const JsonObject& part) { return part.GetString("type"); }

// The steps of a part, which may be a Sequence of them or one alone.
Result<std::vector<JsonObject>> StepsOf(const JsonObject& tokenizer, const char* part,
                                        const char* list) {
  if (!tokenizer.Has(part)) return std::vector<JsonObject>();
  TARE_ASSIGN_OR_RETURN(const JsonObject object, tokenizer.GetObject(part));
  TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(object));
  if (type != "Sequence") return std::vector<JsonObject>{object};
  return object.GetObjects(list);
}

// Whether a ByteLevel splits with GPT-2's pattern itself.
Result<bool> UsesPattern(const JsonObject& byte_level) {
  TARE_ASSIGN_OR_RETURN(const bool prefix, byte_level.GetBoolOr("add_prefix_space", true));
  if (prefix) {
    return Unsupported("{}: add_prefix_space is true, expected false", byte_level.name());
  }
  return byte_level.GetBoolOr("use_regex", true);
}

Result<PreTokenizer> RecognizeSplit(const JsonObject& split) {
  TARE_ASSIGN_OR_RETURN(const JsonObject pattern, split.GetObject("pattern"));
  TARE_ASSIGN_OR_RETURN(const std::string regex, pattern.GetString("Regex"));
  TARE_ASSIGN_OR_RETURN(const std::string behavior, split.GetString("behavior"));
  TARE_ASSIGN_OR_RETURN(const bool invert, split.GetBoolOr("invert", false));
  if (behavior != "Isolated" || invert) {
    return Unsupported("{}: behavior is {} and invert is {}, expected Isolated and false",
                       split.name(), Quote(behavior), invert);
  }
  if (regex == kGpt2Pattern) return PreTokenizer::kGpt2;
  if (regex == kLlama3Pattern) return PreTokenizer::kLlama3;
  // Not Quote: a pattern is told by its end as well.
  return Unsupported("{}: the pattern is not known, expected GPT-2's or Llama 3's: {}",
                     split.name(), Json(regex).dump(-1, ' ', true));
}

Error UnknownSteps(const JsonObject& tokenizer, const char* part) {
  return Unsupported("{}: {} is not known: {}", tokenizer.name(), part,
                     Printable(tokenizer.Find(part)->dump(-1, ' ', true)));
}

// The id of a template's special token.
Result<int32_t> TemplateTokenId(const JsonObject& part, const std::string& token) {
  TARE_ASSIGN_OR_RETURN(const JsonObject tokens, part.GetObject("special_tokens"));
  TARE_ASSIGN_OR_RETURN(const JsonObject entry, tokens.GetObject(token));
  TARE_ASSIGN_OR_RETURN(const std::vector<uint64_t> ids, entry.GetUints("ids"));
  if (ids.size() != 1 || ids[0] > INT32_MAX) {
    return Unsupported("{}: special token {} has {} ids, expected one", part.name(), Quote(token),
                       ids.size());
  }
  return static_cast<int32_t>(ids[0]);
}

// `single` may be [$A] or [token, $A].
Result<std::optional<int32_t>> RecognizeTemplate(const JsonObject& part) {
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> pieces, part.GetObjects("single"));
  const bool known = !pieces.empty() && pieces.size() <= 2 && pieces.back().Has("Sequence") &&
                     (pieces.size() == 1 || pieces[0].Has("SpecialToken"));
  if (!known) {
    return Unsupported("{}: single is {}, expected at most one token, and before the text",
                       part.name(), Printable(part.Find("single")->dump(-1, ' ', true)));
  }
  if (pieces.size() == 1) return std::optional<int32_t>();
  TARE_ASSIGN_OR_RETURN(const JsonObject special, pieces[0].GetObject("SpecialToken"));
  TARE_ASSIGN_OR_RETURN(const std::string token, special.GetString("id"));
  TARE_ASSIGN_OR_RETURN(const int32_t id, TemplateTokenId(part, token));
  return std::optional<int32_t>(id);
}

Result<AddedToken> ReadAddedToken(const JsonObject& json) {
  AddedToken token;
  TARE_ASSIGN_OR_RETURN(token.text, json.GetString("content"));
  TARE_ASSIGN_OR_RETURN(token.id, json.GetUint("id"));
  TARE_ASSIGN_OR_RETURN(token.is_special, json.GetBoolOr("special", false));
  TARE_ASSIGN_OR_RETURN(token.is_normalized, json.GetBoolOr("normalized", !token.is_special));
  for (const char* key : {"lstrip", "rstrip", "single_word"}) {
    TARE_ASSIGN_OR_RETURN(const bool set, json.GetBoolOr(key, false));
    if (set) {
      return Unsupported("{}: token {} has {}, expected no setting that changes the text around it",
                         json.name(), Quote(token.text), key);
    }
  }
  return token;
}

}  // namespace

Result<PreTokenizer> RecognizePreTokenizer(const JsonObject& tokenizer) {
  constexpr char kPart[] = "pre_tokenizer";
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> steps,
                        StepsOf(tokenizer, kPart, "pretokenizers"));
  if (steps.empty()) {
    return Unsupported("{}: has no pre_tokenizer, expected ByteLevel", tokenizer.name());
  }
  TARE_ASSIGN_OR_RETURN(const std::string last, TypeOf(steps.back()));
  if (last != "ByteLevel" || steps.size() > 2) return UnknownSteps(tokenizer, kPart);
  TARE_ASSIGN_OR_RETURN(const bool uses_pattern, UsesPattern(steps.back()));
  if (steps.size() == 1) return uses_pattern ? PreTokenizer::kGpt2 : PreTokenizer::kWhole;

  TARE_ASSIGN_OR_RETURN(const std::string first, TypeOf(steps.front()));
  if (first == "Split" && !uses_pattern) return RecognizeSplit(steps.front());
  TARE_ASSIGN_OR_RETURN(const bool digits, steps.front().GetBoolOr("individual_digits", false));
  if (first == "Digits" && digits && uses_pattern) return PreTokenizer::kSmolLm;
  return UnknownSteps(tokenizer, kPart);
}

Result<std::optional<int32_t>> RecognizePostProcessor(const JsonObject& tokenizer) {
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> steps,
                        StepsOf(tokenizer, "post_processor", "processors"));
  std::optional<int32_t> before;
  for (const JsonObject& step : steps) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(step));
    if (type == "ByteLevel") continue;  // changes offsets, not ids
    if (type != "TemplateProcessing" || before) return UnknownSteps(tokenizer, "post_processor");
    TARE_ASSIGN_OR_RETURN(before, RecognizeTemplate(step));
  }
  return before;
}

Status CheckNormalizerAndDecoder(const JsonObject& tokenizer) {
  if (tokenizer.Has("normalizer")) return UnknownSteps(tokenizer, "normalizer");
  if (!tokenizer.Has("decoder")) return {};
  TARE_ASSIGN_OR_RETURN(const JsonObject decoder, tokenizer.GetObject("decoder"));
  TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(decoder));
  if (type != "ByteLevel") return UnknownSteps(tokenizer, "decoder");
  return {};
}

Result<std::vector<AddedToken>> ReadAddedTokens(const JsonObject& tokenizer) {
  if (!tokenizer.Has("added_tokens")) return std::vector<AddedToken>();
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> entries,
                        tokenizer.GetObjects("added_tokens"));
  std::vector<AddedToken> tokens;
  tokens.reserve(entries.size());
  for (const JsonObject& entry : entries) {
    TARE_ASSIGN_OR_RETURN(AddedToken token, ReadAddedToken(entry));
    tokens.push_back(std::move(token));
  }
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return tokens;
}

}  // namespace tare
