#include "models/tokenizers/hf_tokenizer_parts.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "format/quote.h"
#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/token_table.h"

namespace tare {
namespace {

using Json = nlohmann::json;

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

// The pattern of a Split step.
Result<std::string> ReadSplit(const JsonObject& split) {
  TARE_ASSIGN_OR_RETURN(const JsonObject pattern, split.GetObject("pattern"));
  TARE_ASSIGN_OR_RETURN(std::string regex, pattern.GetString("Regex"));
  TARE_ASSIGN_OR_RETURN(const std::string behavior, split.GetString("behavior"));
  TARE_ASSIGN_OR_RETURN(const bool invert, split.GetBoolOr("invert", false));
  if (behavior != "Isolated" || invert) {
    return Unsupported("{}: behavior is {} and invert is {}, expected Isolated and false",
                       split.name(), Quote(behavior), invert);
  }
  return regex;
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
  TARE_ASSIGN_OR_RETURN(token.lstrip, json.GetBoolOr("lstrip", false));
  TARE_ASSIGN_OR_RETURN(token.rstrip, json.GetBoolOr("rstrip", false));
  TARE_ASSIGN_OR_RETURN(token.single_word, json.GetBoolOr("single_word", false));
  return token;
}

// Prepend U+2581, Replace " " by it, or both.
Status ReadNormalizer(const JsonObject& tokenizer, HfSpaces& spaces) {
  TARE_ASSIGN_OR_RETURN(const auto steps, StepsOf(tokenizer, "normalizer", "normalizers"));
  for (const JsonObject& step : steps) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(step));
    if (type == "Prepend") {
      TARE_ASSIGN_OR_RETURN(const std::string mark, step.GetString("prepend"));
      if (mark != kSpaceMark) return UnknownSteps(tokenizer, "normalizer");
      spaces.prefix = SpacePrefix::kAfterSpecial;
      continue;
    }
    if (type != "Replace") return UnknownSteps(tokenizer, "normalizer");
    TARE_ASSIGN_OR_RETURN(const JsonObject pattern, step.GetObject("pattern"));
    TARE_ASSIGN_OR_RETURN(const std::string from, pattern.GetStringOr("String", ""));
    TARE_ASSIGN_OR_RETURN(const std::string to, step.GetString("content"));
    if (from != " " || to != kSpaceMark) return UnknownSteps(tokenizer, "normalizer");
  }
  return {};
}

Status ReadMetaspace(const JsonObject& step, HfSpaces& spaces) {
  TARE_ASSIGN_OR_RETURN(const std::string mark, step.GetStringOr("replacement", "\u2581"));
  TARE_ASSIGN_OR_RETURN(const bool prefix, step.GetBoolOr("add_prefix_space", true));
  TARE_ASSIGN_OR_RETURN(const std::string scheme,
                        step.GetStringOr("prepend_scheme", prefix ? "always" : "never"));
  TARE_ASSIGN_OR_RETURN(spaces.splits_words, step.GetBoolOr("split", true));
  const bool is_known = scheme == "always" || scheme == "first" || scheme == "never";
  if (mark != kSpaceMark || !is_known) {
    return Unsupported(
        "{}: replacement is {} and prepend_scheme is {}, expected U+2581 and "
        "\"always\", \"first\" or \"never\"",
        step.name(), Quote(mark), Quote(scheme));
  }
  spaces.is_optional = true;
  if (scheme == "always") spaces.prefix = SpacePrefix::kAfterSpecial;
  if (scheme == "first") spaces.prefix = SpacePrefix::kFirst;
  return {};
}

}  // namespace

// All steps but the last, a ByteLevel, are patterns; so is that one if it has its own.
Result<PreTokenizer> RecognizePreTokenizer(const JsonObject& tokenizer) {
  constexpr char kPart[] = "pre_tokenizer";
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> steps,
                        StepsOf(tokenizer, kPart, "pretokenizers"));
  if (steps.empty()) {
    return Unsupported("{}: has no pre_tokenizer, expected ByteLevel", tokenizer.name());
  }
  std::vector<std::string> patterns;
  for (const JsonObject& step : steps) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(step));
    const bool is_last = &step == &steps.back();
    if (type == "ByteLevel" && is_last) {
      TARE_ASSIGN_OR_RETURN(const bool uses_pattern, UsesPattern(step));
      if (uses_pattern) patterns.emplace_back(kGpt2Pattern);
    } else if (type == "Split" && !is_last) {
      TARE_ASSIGN_OR_RETURN(patterns.emplace_back(), ReadSplit(step));
    } else {
      TARE_ASSIGN_OR_RETURN(const bool digits, step.GetBoolOr("individual_digits", false));
      if (type != "Digits" || !digits || is_last) return UnknownSteps(tokenizer, kPart);
      patterns.emplace_back(kDigitsPattern);
    }
  }
  const std::vector<std::string_view> views(patterns.begin(), patterns.end());
  if (const auto known = FindPatterns(views)) return *known;
  // Not Quote: a pattern is told by its end as well.
  return Unsupported("{}: {}: the patterns are not known: {}", tokenizer.name(), kPart,
                     Json(patterns).dump(-1, ' ', true, Json::error_handler_t::replace));
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

Result<bool> RecognizeNfcAndDecoder(const JsonObject& tokenizer) {
  TARE_ASSIGN_OR_RETURN(const auto changes, StepsOf(tokenizer, "normalizer", "normalizers"));
  for (const JsonObject& change : changes) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(change));
    if (type != "NFC") return UnknownSteps(tokenizer, "normalizer");
  }
  if (tokenizer.Has("decoder")) {
    TARE_ASSIGN_OR_RETURN(const JsonObject decoder, tokenizer.GetObject("decoder"));
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(decoder));
    if (type != "ByteLevel") return UnknownSteps(tokenizer, "decoder");
  }
  return !changes.empty();
}

Result<bool> IsSentencePiece(const JsonObject& tokenizer) {
  TARE_ASSIGN_OR_RETURN(const auto steps, StepsOf(tokenizer, "pre_tokenizer", "pretokenizers"));
  for (const JsonObject& step : steps) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(step));
    if (type == "Metaspace") return true;
  }
  TARE_ASSIGN_OR_RETURN(const auto changes, StepsOf(tokenizer, "normalizer", "normalizers"));
  for (const JsonObject& change : changes) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(change));
    if (type == "Replace") return true;
  }
  return false;
}

Result<HfSpaces> RecognizeSpaces(const JsonObject& tokenizer) {
  HfSpaces spaces;
  TARE_RETURN_IF_ERROR(ReadNormalizer(tokenizer, spaces));
  TARE_ASSIGN_OR_RETURN(const auto steps, StepsOf(tokenizer, "pre_tokenizer", "pretokenizers"));
  for (const JsonObject& step : steps) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(step));
    if (type == "Metaspace") {
      TARE_RETURN_IF_ERROR(ReadMetaspace(step, spaces));
      continue;
    }
    // Gemma splits at spaces when its normalizer has replaced them all.
    const auto pattern = step.GetObject("pattern");
    const bool is_idle = type == "Split" && pattern.ok() && pattern->Has("String") &&
                         pattern->GetString("String").ok() && *pattern->GetString("String") == " ";
    if (!is_idle || !tokenizer.Has("normalizer")) return UnknownSteps(tokenizer, "pre_tokenizer");
  }
  TARE_ASSIGN_OR_RETURN(const auto decoders, StepsOf(tokenizer, "decoder", "decoders"));
  for (const JsonObject& decoder : decoders) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(decoder));
    const bool is_known = type == "Replace" || type == "ByteFallback" || type == "Fuse" ||
                          type == "Strip" || type == "Metaspace";
    if (!is_known) return UnknownSteps(tokenizer, "decoder");
  }
  return spaces;
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
