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

// The id of one of a template's special tokens.
Result<int32_t> TokenOf(const JsonObject& part, const JsonObject& piece) {
  TARE_ASSIGN_OR_RETURN(const JsonObject special, piece.GetObject("SpecialToken"));
  TARE_ASSIGN_OR_RETURN(const std::string token, special.GetString("id"));
  return TemplateTokenId(part, token);
}

// `single` is $A with at most one token before it and one after it.
Result<HfTemplate> RecognizeTemplate(const JsonObject& part) {
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> pieces, part.GetObjects("single"));
  const auto text = std::ranges::find_if(pieces, [](const auto& p) { return p.Has("Sequence"); });
  const auto tokens =
      std::ranges::count_if(pieces, [](const auto& p) { return p.Has("SpecialToken"); });
  const auto before = text - pieces.begin();
  const auto after = pieces.end() - text - 1;
  if (text == pieces.end() || before > 1 || after > 1 || tokens != before + after) {
    return Unsupported("{}: single is {}, expected at most one token before the text and one after",
                       part.name(), Printable(part.Find("single")->dump(-1, ' ', true)));
  }
  HfTemplate around;
  if (before == 1) {
    TARE_ASSIGN_OR_RETURN(around.before, TokenOf(part, pieces.front()));
  }
  if (after == 1) {
    TARE_ASSIGN_OR_RETURN(around.after, TokenOf(part, pieces.back()));
  }
  return around;
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

// One step: Metaspace.
struct Metaspace {
  std::string mark;
  std::string scheme;  // always, first or never
  bool splits = true;
};

Result<Metaspace> ReadMetaspace(const JsonObject& step) {
  Metaspace read;
  TARE_ASSIGN_OR_RETURN(read.mark, step.GetStringOr("replacement", std::string(kSpaceMark)));
  TARE_ASSIGN_OR_RETURN(const bool prefix, step.GetBoolOr("add_prefix_space", true));
  TARE_ASSIGN_OR_RETURN(read.scheme,
                        step.GetStringOr("prepend_scheme", prefix ? "always" : "never"));
  TARE_ASSIGN_OR_RETURN(read.splits, step.GetBoolOr("split", true));
  const bool is_known = read.scheme == "always" || read.scheme == "first" || read.scheme == "never";
  if (is_known && (read.mark == kSpaceMark || read.mark == " ")) return read;
  return Unsupported(
      "{}: replacement is {} and prepend_scheme is {}, expected U+2581 and \"always\", \"first\" "
      "or \"never\"",
      step.name(), Quote(read.mark), Quote(read.scheme));
}

// Metaspace puts no prefix before a text that begins with its mark. A first step whose mark is a
// space, behind a normalizer that has replaced all spaces, always does; the second makes it U+2581.
Status AddMetaspaces(const JsonObject& tokenizer, const std::vector<Metaspace>& steps,
                     HfSpaces& spaces) {
  if (steps.empty()) return {};
  const bool is_pair = steps.size() == 2 && steps[0].mark == " " && steps[1].mark == kSpaceMark &&
                       steps[1].scheme == "never" && tokenizer.Has("normalizer");
  if (!is_pair && (steps.size() != 1 || steps[0].mark != kSpaceMark)) {
    return UnknownSteps(tokenizer, "pre_tokenizer");
  }
  spaces.is_optional = !is_pair;
  if (steps[0].scheme == "always") spaces.prefix = SpacePrefix::kAfterSpecial;
  if (steps[0].scheme == "first") spaces.prefix = SpacePrefix::kFirst;
  for (const Metaspace& step : steps) spaces.splits_words = spaces.splits_words || step.splits;
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

Result<HfTemplate> RecognizePostProcessor(const JsonObject& tokenizer) {
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> steps,
                        StepsOf(tokenizer, "post_processor", "processors"));
  HfTemplate around;
  bool is_found = false;
  for (const JsonObject& step : steps) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(step));
    if (type == "ByteLevel") continue;  // changes offsets, not ids
    if (type != "TemplateProcessing" || is_found) return UnknownSteps(tokenizer, "post_processor");
    TARE_ASSIGN_OR_RETURN(around, RecognizeTemplate(step));
    is_found = true;
  }
  return around;
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
  std::vector<Metaspace> metaspaces;
  for (const JsonObject& step : steps) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(step));
    if (type == "Metaspace") {
      TARE_ASSIGN_OR_RETURN(metaspaces.emplace_back(), ReadMetaspace(step));
      continue;
    }
    // Gemma splits at spaces when its normalizer has replaced them all.
    const auto pattern = step.GetObject("pattern");
    const bool is_idle = type == "Split" && pattern.ok() && pattern->Has("String") &&
                         pattern->GetString("String").ok() && *pattern->GetString("String") == " ";
    if (!is_idle || !tokenizer.Has("normalizer")) return UnknownSteps(tokenizer, "pre_tokenizer");
  }
  TARE_RETURN_IF_ERROR(AddMetaspaces(tokenizer, metaspaces, spaces));
  TARE_ASSIGN_OR_RETURN(const auto decoders, StepsOf(tokenizer, "decoder", "decoders"));
  for (const JsonObject& decoder : decoders) {
    TARE_ASSIGN_OR_RETURN(const std::string type, TypeOf(decoder));
    const bool is_known = type == "Replace" || type == "ByteFallback" || type == "Fuse" ||
                          type == "Strip" || type == "Metaspace";  // Decode does as they do
    if (!is_known) return UnknownSteps(tokenizer, "decoder");
  }
  return spaces;
}

Result<AddedToken> ReadAddedToken(const JsonObject& json, uint64_t id) {
  AddedToken token;
  token.id = id;
  TARE_ASSIGN_OR_RETURN(token.text, json.GetString("content"));
  TARE_ASSIGN_OR_RETURN(token.is_special, json.GetBoolOr("special", false));
  TARE_ASSIGN_OR_RETURN(token.is_normalized, json.GetBoolOr("normalized", !token.is_special));
  TARE_ASSIGN_OR_RETURN(token.lstrip, json.GetBoolOr("lstrip", false));
  TARE_ASSIGN_OR_RETURN(token.rstrip, json.GetBoolOr("rstrip", false));
  TARE_ASSIGN_OR_RETURN(token.single_word, json.GetBoolOr("single_word", false));
  return token;
}

void AddRule(const AddedToken& token, std::vector<SpecialRule>& rules) {
  if (!token.lstrip && !token.rstrip && !token.single_word) return;
  rules.push_back({static_cast<int32_t>(token.id), token.lstrip, token.rstrip, token.single_word});
}

Result<std::vector<AddedToken>> ReadAddedTokens(const JsonObject& tokenizer) {
  if (!tokenizer.Has("added_tokens")) return std::vector<AddedToken>();
  TARE_ASSIGN_OR_RETURN(const std::vector<JsonObject> entries,
                        tokenizer.GetObjects("added_tokens"));
  std::vector<AddedToken> tokens;
  tokens.reserve(entries.size());
  for (const JsonObject& entry : entries) {
    TARE_ASSIGN_OR_RETURN(const uint64_t id, entry.GetUint("id"));
    TARE_ASSIGN_OR_RETURN(AddedToken token, ReadAddedToken(entry, id));
    tokens.push_back(std::move(token));
  }
  std::stable_sort(tokens.begin(), tokens.end(),
                   [](const AddedToken& a, const AddedToken& b) { return a.id < b.id; });
  return tokens;
}

}  // namespace tare
