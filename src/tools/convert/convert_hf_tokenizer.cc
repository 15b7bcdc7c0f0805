#include "tools/convert/convert_hf_tokenizer.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/atomic_file.h"
#include "format/quote.h"
#include "models/tokenizers/hf_tokenizer_parts.h"
#include "tokenizer/utf8.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kPieceBytes = 1 << 20;

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
    return text_.size() < kPieceBytes ? Status() : Flush();
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

Json PreTokenizerJson(PreTokenizer pre_tokenizer) {
  Json first;
  switch (pre_tokenizer) {
    case PreTokenizer::kGpt2:
      return ByteLevel(true);
    case PreTokenizer::kWhole:
      return ByteLevel(false);
    case PreTokenizer::kSmolLm:
      first = {{"type", "Digits"}, {"individual_digits", true}};
      return {{"type", "Sequence"}, {"pretokenizers", {first, ByteLevel(true)}}};
    case PreTokenizer::kLlama3:
      first = {{"type", "Split"},
               {"pattern", {{"Regex", kLlama3Pattern}}},
               {"behavior", "Isolated"},
               {"invert", false}};
      break;
  }
  return {{"type", "Sequence"}, {"pretokenizers", {first, ByteLevel(false)}}};
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

class TokenizerFiles {
 public:
  TokenizerFiles(const ConvertSource& source, std::string folder)
      : source_(source),
        folder_(std::move(folder)),
        fitted_(FitVocabulary(source.tokenizer, source.model.info().vocabulary)) {}

  Status Write() {
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
    for (size_t id = 0; id < fitted_.tokens.size(); ++id) {
      const bool is_special = source_.tokenizer.IsControl(static_cast<int32_t>(id));
      if (!is_special && !source_.tokenizer.IsUserDefined(static_cast<int32_t>(id))) continue;
      added.push_back({{"id", id},
                       {"content", fitted_.tokens[id]},
                       {"single_word", false},
                       {"lstrip", false},
                       {"rstrip", false},
                       {"normalized", !is_special},
                       {"special", is_special}});
    }
    return added;
  }

  Json PostProcessor() const {
    if (!source_.adds_bos || !Has(source_.tokenizer.bos_id())) return ByteLevel(true);
    const int32_t bos = *source_.tokenizer.bos_id();
    return TemplateJson(Text(bos), bos);
  }

  Status WriteTokenizer() {
    TARE_ASSIGN_OR_RETURN(AtomicFile file, Open("tokenizer.json"));
    PieceWriter out(std::move(file));
    TARE_RETURN_IF_ERROR(out.Add(fmt::format(
        "{{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\n\"added_tokens\":{},\n"
        "\"normalizer\":null,\n\"pre_tokenizer\":{},\n\"post_processor\":{},\n\"decoder\":{},\n",
        Dump(AddedTokens()), Dump(PreTokenizerJson(source_.pre_tokenizer)), Dump(PostProcessor()),
        Dump(ByteLevel(true)))));
    TARE_RETURN_IF_ERROR(out.Add(fmt::format(
        "\"model\":{{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,"
        "\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":false,"
        "\"byte_fallback\":false,\"ignore_merges\":{},\n\"vocab\":{{",
        source_.tokenizer.ignores_merges())));
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
  const FittedVocabulary fitted_;
};

}  // namespace

Status WriteHuggingFaceTokenizer(const ConvertSource& source, const std::string& folder) {
  return TokenizerFiles(source, folder).Write();
}

}  // namespace tare
