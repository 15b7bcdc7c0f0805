#include "tools/convert/hf_tokenizer_steps.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/token_table.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

Json ByteLevel(bool use_regex) {
  return {{"type", "ByteLevel"},
          {"add_prefix_space", false},
          {"trim_offsets", true},
          {"use_regex", use_regex}};
}

Json StepJson(std::string_view pattern) {
  if (pattern == kDigitsPattern) return {{"type", "Digits"}, {"individual_digits", true}};
  return {{"type", "Split"},
          {"pattern", {{"Regex", pattern}}},
          {"behavior", "Isolated"},
          {"invert", false}};
}

Json ByteLevelSteps(PreTokenizer split) {
  std::vector<std::string_view> patterns = PatternsOf(split);
  const bool has_own = !patterns.empty() && patterns.back() == kGpt2Pattern;
  if (has_own) patterns.pop_back();
  if (patterns.empty()) return ByteLevel(has_own);
  Json steps = Json::array();
  for (const std::string_view pattern : patterns) steps.push_back(StepJson(pattern));
  steps.push_back(ByteLevel(has_own));
  return {{"type", "Sequence"}, {"pretokenizers", std::move(steps)}};
}

Json Replace(std::string_view from, std::string_view to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}

Json Metaspace(std::string_view mark, std::string_view scheme) {
  return {
      {"type", "Metaspace"}, {"replacement", mark}, {"prepend_scheme", scheme}, {"split", false}};
}

bool IsByteLevel(const Tokenizer& tokenizer) { return tokenizer.kind() == TokenizerKind::kByteBpe; }

// Where `Prepend` puts the space: before every text between added tokens.
bool Prepends(const Tokenizer& tokenizer) {
  return tokenizer.space_prefix() == SpacePrefix::kAfterSpecial && !tokenizer.prefix_is_optional();
}

Json TokenPiece(std::string_view text, int type) {
  return {{"SpecialToken", {{"id", text}, {"type_id", type}}}};
}

Json TextPiece(const char* name, int type) {
  return {{"Sequence", {{"id", name}, {"type_id", type}}}};
}

}  // namespace

Json NormalizerJson(const Tokenizer& tokenizer) {
  if (IsByteLevel(tokenizer)) return tokenizer.puts_into_nfc() ? Json{{"type", "NFC"}} : Json();
  if (!Prepends(tokenizer)) return Replace(" ", kSpaceMark);
  const Json prepend = {{"type", "Prepend"}, {"prepend", kSpaceMark}};
  return {{"type", "Sequence"}, {"normalizers", Json::array({prepend, Replace(" ", kSpaceMark)})}};
}

// Metaspace puts no prefix before a text that begins with its mark. Where there must be one, a
// first step has a mark that no text has any more, a space; the second makes it U+2581.
Json PreTokenizerJson(const Tokenizer& tokenizer, PreTokenizer split) {
  if (IsByteLevel(tokenizer)) return ByteLevelSteps(split);
  if (tokenizer.space_prefix() == SpacePrefix::kNone || Prepends(tokenizer)) return nullptr;
  if (tokenizer.prefix_is_optional()) {
    const bool is_first = tokenizer.space_prefix() != SpacePrefix::kAfterSpecial;
    return Metaspace(kSpaceMark, is_first ? "first" : "always");
  }
  return {
      {"type", "Sequence"},
      {"pretokenizers", Json::array({Metaspace(" ", "first"), Metaspace(kSpaceMark, "never")})}};
}

Json DecoderJson(const Tokenizer& tokenizer) {
  if (IsByteLevel(tokenizer)) return ByteLevel(true);
  Json steps = Json::array(
      {Replace(kSpaceMark, " "), Json{{"type", "ByteFallback"}}, Json{{"type", "Fuse"}}});
  if (tokenizer.space_prefix() != SpacePrefix::kNone) {
    steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  }
  return {{"type", "Sequence"}, {"decoders", std::move(steps)}};
}

Json PostProcessorJson(const Tokenizer& tokenizer, const std::optional<EdgeToken>& before,
                       const std::optional<EdgeToken>& after) {
  if (!before && !after) return IsByteLevel(tokenizer) ? ByteLevel(true) : Json();
  Json single = Json::array();
  Json pair = Json::array();
  for (const auto& [name, type] : {std::pair{"A", 0}, std::pair{"B", 1}}) {
    if (before) pair.push_back(TokenPiece(before->text, type));
    pair.push_back(TextPiece(name, type));
    if (after) pair.push_back(TokenPiece(after->text, type));
    if (type == 0) single = pair;
  }
  Json tokens = Json::object();
  for (const std::optional<EdgeToken>& edge : {before, after}) {
    if (!edge) continue;
    tokens[std::string(edge->text)] = {{"id", edge->text},
                                       {"ids", Json::array({edge->id})},
                                       {"tokens", Json::array({edge->text})}};
  }
  return {{"type", "TemplateProcessing"},
          {"single", std::move(single)},
          {"pair", std::move(pair)},
          {"special_tokens", std::move(tokens)}};
}

}  // namespace tare
