#include "tools/convert/convert_hf_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/atomic_file.h"
#include "base/utf8.h"
#include "format/quote.h"
#include "models/tokenizers/hf_tokenizer_parts.h"
#include "tokenizer/pre_tokenizers.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kTextPieceBytes = 1 << 20;

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const Utf8Char c = DecodeUtf8(text);
    if (c.status != Utf8Status::kValid) return false;
    text.remove_prefix(c.size);
  }
  return true;
}

std::string Dump(const Json& json, int indent = -1) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// Text for a file, handed on in pieces.
class PieceWriter {
 public:
  explicit PieceWriter(AtomicFile file) : file_(std::move(file)) {}

  Status Add(std::string_view text) {
    text_ += text;
    return text_.size() < kTextPieceBytes ? Status() : Flush();
  }
  Status Commit() {
    TARE_RETURN_IF_ERROR(Flush());
    return file_.Commit();
  }

 private:
  Status Flush() {
    Status written = file_.Write(std::as_bytes(std::span(text_)));
    text_.clear();
    return written;
  }

  AtomicFile file_;
  std::string text_;
};

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

Json PreTokenizerJson(PreTokenizer pre_tokenizer) {
  std::vector<std::string_view> patterns = PatternsOf(pre_tokenizer);
  const bool has_own = !patterns.empty() && patterns.back() == kGpt2Pattern;
  if (has_own) patterns.pop_back();
  if (patterns.empty()) return ByteLevel(has_own);
  Json steps = Json::array();
  for (const std::string_view pattern : patterns) steps.push_back(StepJson(pattern));
  steps.push_back(ByteLevel(has_own));
  return {{"type", "Sequence"}, {"pretokenizers", std::move(steps)}};
}

// The post-processor that puts bos before a text.
Json TemplateJson(std::string_view bos, int32_t id) {
  const Json token = {{"SpecialToken", {{"id", bos}, {"type_id", 0}}}};
  const Json second = {{"SpecialToken", {{"id", bos}, {"type_id", 1}}}};
  const Json a = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  const Json b = {{"Sequence", {{"id", "B"}, {"type_id", 1}}}};
  Json entry = {{"id", bos}, {"ids", Json::array({id})}, {"tokens", Json::array({bos})}};
  return {{"type", "TemplateProcessing"},
          {"single", Json::array({token, a})},
          {"pair", Json::array({token, a, second, b})},
          {"special_tokens", {{std::string(bos), std::move(entry)}}}};
}

constexpr std::string_view kMark = "\u2581";

Json Replace(std::string_view from, std::string_view to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}

Json NormalizerJson(const Tokenizer& tokenizer) {
  if (tokenizer.kind() == TokenizerKind::kByteBpe) {
    return tokenizer.puts_into_nfc() ? Json{{"type", "NFC"}} : Json(nullptr);
  }
  if (tokenizer.space_prefix() == SpacePrefix::kFirst) return nullptr;  // Metaspace does it
  if (tokenizer.space_prefix() == SpacePrefix::kNone) return Replace(" ", kMark);
  const Json prepend = {{"type", "Prepend"}, {"prepend", kMark}};
  return {{"type", "Sequence"}, {"normalizers", Json::array({prepend, Replace(" ", kMark)})}};
}

// What splits text in SentencePiece kinds: nothing, but one way to put a space before it is here.
Json MetaspaceJson(const Tokenizer& tokenizer) {
  if (tokenizer.space_prefix() != SpacePrefix::kFirst) return nullptr;
  return {
      {"type", "Metaspace"}, {"replacement", kMark}, {"prepend_scheme", "first"}, {"split", false}};
}

Json SpacesDecoderJson(const Tokenizer& tokenizer) {
  Json steps =
      Json::array({Replace(kMark, " "), Json{{"type", "ByteFallback"}}, Json{{"type", "Fuse"}}});
  if (tokenizer.space_prefix() != SpacePrefix::kNone) {
    steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  }
  return {{"type", "Sequence"}, {"decoders", std::move(steps)}};
}

// Where each character of valid UTF-8 but the first begins.
std::vector<size_t> InnerEdges(std::string_view text) {
  std::vector<size_t> edges;
  for (size_t at = 0; at < text.size();) {
    if (at > 0) edges.push_back(at);
    at += DecodeUtf8(text.substr(at)).size;
  }
  return edges;
}

// Scores as merges: all pairs of tokens that make a token, the highest score first.
std::vector<Tokenizer::MergedPair> MergesOfScores(const Tokenizer& tokenizer,
                                                  const FittedVocabulary& fitted) {
  std::unordered_map<std::string_view, int32_t> ids;
  const auto is_normal = [&](size_t id) { return fitted.types[id] == 1; };
  for (size_t id = 0; id < fitted.tokens.size(); ++id) {
    if (is_normal(id)) ids.emplace(fitted.tokens[id], static_cast<int32_t>(id));
  }
  std::vector<Tokenizer::MergedPair> merges;
  for (size_t id = 0; id < fitted.tokens.size(); ++id) {
    if (!is_normal(id)) continue;
    const std::string_view text = fitted.tokens[id];
    for (const size_t edge : InnerEdges(text)) {
      const auto left = ids.find(text.substr(0, edge));
      const auto right = ids.find(text.substr(edge));
      if (left == ids.end() || right == ids.end()) continue;
      merges.push_back({left->second, right->second, static_cast<int32_t>(id)});
    }
  }
  std::stable_sort(merges.begin(), merges.end(), [&](const auto& a, const auto& b) {
    return tokenizer.Score(a.result) > tokenizer.Score(b.result);
  });
  return merges;
}

class TokenizerFiles {
 public:
  TokenizerFiles(const ConvertSource& source, std::string folder)
      : source_(source),
        folder_(std::move(folder)),
        fitted_(FitVocabulary(source.tokenizer, source.model.info().vocabulary)) {
    if (source.tokenizer.kind() == TokenizerKind::kScoredBpe) {
      fitted_.merges = MergesOfScores(source.tokenizer, fitted_);
    }
  }

  Status Write() {
    if (source_.tokenizer.kind() == TokenizerKind::kUnigram) {
      return Unsupported("converting a Unigram tokenizer to tokenizer.json is not supported");
    }
    for (const std::string_view token : fitted_.tokens) {
      if (!IsUtf8(token)) {
        return Unsupported("token {} is not UTF-8, which tokenizer.json cannot hold", Quote(token));
      }
    }
    TARE_RETURN_IF_ERROR(WriteTokenizer());
    TARE_RETURN_IF_ERROR(WriteConfig());
    return WriteGeneration();
  }

 private:
  Result<AtomicFile> Open(const char* name) const {
    return AtomicFile::Create(folder_ + "/" + name);
  }

  bool Has(std::optional<int32_t> id) const {
    return id && static_cast<size_t>(*id) < fitted_.tokens.size();
  }
  std::string_view Text(int32_t id) const { return fitted_.tokens[static_cast<size_t>(id)]; }

  Json AddedTokens() const {
    Json added = Json::array();
    const bool is_byte_level = source_.tokenizer.kind() == TokenizerKind::kByteBpe;
    for (size_t id = 0; id < fitted_.tokens.size(); ++id) {
      const bool is_special = source_.tokenizer.IsControl(static_cast<int32_t>(id));
      if (!is_special && !source_.tokenizer.IsUserDefined(static_cast<int32_t>(id))) continue;
      SpecialRule rule;
      for (const SpecialRule& each : source_.tokenizer.rules()) {
        if (each.id == static_cast<int32_t>(id)) rule = each;
      }
      added.push_back({{"id", id},
                       {"content", fitted_.tokens[id]},
                       {"single_word", rule.is_word},
                       {"lstrip", rule.takes_spaces_before},
                       {"rstrip", rule.takes_spaces_after},
                       {"normalized", !is_special && is_byte_level},
                       {"special", is_special}});
    }
    return added;
  }

  Json PostProcessor() const {
    if (!source_.adds_bos || !Has(source_.tokenizer.bos_id())) {
      return source_.tokenizer.kind() == TokenizerKind::kByteBpe ? ByteLevel(true) : Json(nullptr);
    }
    const int32_t bos = *source_.tokenizer.bos_id();
    return TemplateJson(Text(bos), bos);
  }

  Status WriteTokenizer() {
    TARE_ASSIGN_OR_RETURN(AtomicFile file, Open("tokenizer.json"));
    PieceWriter out(std::move(file));
    const Tokenizer& tokenizer = source_.tokenizer;
    const bool is_byte_level = tokenizer.kind() == TokenizerKind::kByteBpe;
    const Json split =
        is_byte_level ? PreTokenizerJson(source_.pre_tokenizer) : MetaspaceJson(tokenizer);
    const Json decoder = is_byte_level ? ByteLevel(true) : SpacesDecoderJson(tokenizer);
    TARE_RETURN_IF_ERROR(out.Add(fmt::format(
        "{{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\n\"added_tokens\":{},\n"
        "\"normalizer\":{},\n\"pre_tokenizer\":{},\n\"post_processor\":{},\n\"decoder\":{},\n",
        Dump(AddedTokens()), Dump(NormalizerJson(tokenizer)), Dump(split), Dump(PostProcessor()),
        Dump(decoder))));
    const bool has_unknown = !is_byte_level && Has(tokenizer.unknown_id());
    TARE_RETURN_IF_ERROR(out.Add(fmt::format(
        "\"model\":{{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":{},"
        "\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":{},"
        "\"byte_fallback\":{},\"ignore_merges\":{},\n\"vocab\":{{",
        has_unknown ? Dump(Text(*tokenizer.unknown_id())) : "null", !is_byte_level,
        tokenizer.byte_fallback(), tokenizer.ignores_merges())));
    for (size_t id = 0; id < fitted_.tokens.size(); ++id) {
      TARE_RETURN_IF_ERROR(
          out.Add(fmt::format("{}\n{}:{}", id == 0 ? "" : ",", Dump(fitted_.tokens[id]), id)));
    }
    TARE_RETURN_IF_ERROR(out.Add("},\n\"merges\":["));
    for (size_t i = 0; i < fitted_.merges.size(); ++i) {
      const Tokenizer::MergedPair& merge = fitted_.merges[i];
      TARE_RETURN_IF_ERROR(out.Add(fmt::format("{}\n[{},{}]", i == 0 ? "" : ",",
                                               Dump(Text(merge.left)), Dump(Text(merge.right)))));
    }
    TARE_RETURN_IF_ERROR(out.Add("]}}\n"));
    return out.Commit();
  }

  Status WriteConfig() const {
    const Tokenizer& tokenizer = source_.tokenizer;
    // Not the family's own class, which would ignore tokenizer.json and split in its own way.
    Json config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                   {"clean_up_tokenization_spaces", false},
                   {"model_max_length", source_.model.info().max_context}};
    const auto add = [&](const char* key, std::optional<int32_t> id) {
      if (Has(id)) config[key] = Text(*id);
    };
    add("bos_token", tokenizer.bos_id());
    add("eos_token", tokenizer.eos_id());
    add("pad_token", source_.padding_id);
    add("unk_token", source_.unknown_id);
    if (!source_.chat_template.empty()) config["chat_template"] = source_.chat_template;
    TARE_ASSIGN_OR_RETURN(AtomicFile file, Open("tokenizer_config.json"));
    return file.CommitText(Dump(config, 2) + "\n");
  }

  Status WriteGeneration() const {
    Json config = Json::object();
    if (Has(source_.tokenizer.bos_id())) config["bos_token_id"] = *source_.tokenizer.bos_id();
    Json ends = Json::array();
    for (const int32_t id : source_.tokenizer.end_ids()) {
      if (Has(id)) ends.push_back(id);
    }
    if (ends.size() == 1) config["eos_token_id"] = ends[0];
    if (ends.size() > 1) config["eos_token_id"] = ends;
    if (Has(source_.padding_id)) config["pad_token_id"] = *source_.padding_id;
    TARE_ASSIGN_OR_RETURN(AtomicFile file, Open("generation_config.json"));
    return file.CommitText(Dump(config, 2) + "\n");
  }

  const ConvertSource& source_;
  const std::string folder_;
  FittedVocabulary fitted_;
};

}  // namespace

Status WriteHuggingFaceTokenizer(const ConvertSource& source, const std::string& folder) {
  return TokenizerFiles(source, folder).Write();
}

}  // namespace tare
