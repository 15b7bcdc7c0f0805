#include "tools/convert/convert_hf_tokenizer.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/atomic_file.h"
#include "base/utf8.h"
#include "format/quote.h"
#include "tokenizer/token_types.h"
#include "tools/convert/convert_source.h"
#include "tools/convert/hf_tokenizer_steps.h"
#include "tools/convert/merges_of_scores.h"

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

class TokenizerFiles {
 public:
  TokenizerFiles(const HuggingFaceTokenizer& source, std::string folder)
      : source_(source),
        folder_(std::move(folder)),
        fitted_(FitVocabulary(source.tokenizer, source.vocabulary)) {
    if (source.tokenizer.kind() == TokenizerKind::kScoredBpe) {
      fitted_.merges = MergesOfScores(fitted_);
    }
  }

  Status Write() {
    if (source_.tokenizer.collapses_spaces()) {
      return Unsupported(
          "the tokenizer makes one space of several (remove_extra_whitespaces), which "
          "tokenizer.json cannot express; try --to gguf");
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

  std::optional<EdgeToken> Edge(bool is_added, std::optional<int32_t> id) const {
    if (!is_added || !Has(id)) return std::nullopt;
    return EdgeToken{Text(*id), *id};
  }

  Status WriteTokenizer() {
    TARE_ASSIGN_OR_RETURN(AtomicFile file, Open("tokenizer.json"));
    PieceWriter out(std::move(file));
    const Tokenizer& tokenizer = source_.tokenizer;
    const Json around = PostProcessorJson(tokenizer, Edge(source_.adds_bos, tokenizer.bos_id()),
                                          Edge(tokenizer.adds_eos(), tokenizer.eos_id()));
    TARE_RETURN_IF_ERROR(out.Add(fmt::format(
        "{{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\n\"added_tokens\":{},\n"
        "\"normalizer\":{},\n\"pre_tokenizer\":{},\n\"post_processor\":{},\n\"decoder\":{},\n",
        Dump(AddedTokens()), Dump(NormalizerJson(tokenizer)),
        Dump(PreTokenizerJson(tokenizer, source_.pre_tokenizer)), Dump(around),
        Dump(DecoderJson(tokenizer)))));
    TARE_RETURN_IF_ERROR(tokenizer.kind() == TokenizerKind::kUnigram ? AddUnigram(out)
                                                                     : AddBpe(out));
    TARE_RETURN_IF_ERROR(out.Add("}}\n"));
    return out.Commit();
  }

  Status AddBpe(PieceWriter& out) const {
    const Tokenizer& tokenizer = source_.tokenizer;
    const bool is_byte_level = tokenizer.kind() == TokenizerKind::kByteBpe;
    const bool has_unknown = !is_byte_level && Has(tokenizer.unknown_id());
    TARE_RETURN_IF_ERROR(out.Add(fmt::format(
        "\"model\":{{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":{},"
        "\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":{},"
        "\"byte_fallback\":{},\"ignore_merges\":{},\n\"vocab\":{{",
        has_unknown ? Dump(Text(*tokenizer.unknown_id())) : "null", !is_byte_level,
        !is_byte_level && tokenizer.byte_fallback(), tokenizer.ignores_merges())));
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
    return out.Add("]");
  }

  // Every token of the list may be a part of a text. Those that are none here cost as much as the
  // dearest token, so that the price of an unknown character, which follows from that one, stays.
  Status AddUnigram(PieceWriter& out) const {
    float lowest = 0;
    for (size_t id = 0; id < fitted_.tokens.size(); ++id) {
      if (fitted_.types[id] == kNormalType) lowest = std::min(lowest, fitted_.scores[id]);
    }
    const std::optional<int32_t> unknown = source_.tokenizer.unknown_id();
    TARE_RETURN_IF_ERROR(out.Add(fmt::format(
        "\"model\":{{\"type\":\"Unigram\",\"unk_id\":{},\"byte_fallback\":{},\n\"vocab\":[",
        Has(unknown) ? fmt::format("{}", *unknown) : "null", source_.tokenizer.byte_fallback())));
    for (size_t id = 0; id < fitted_.tokens.size(); ++id) {
      const float score = fitted_.types[id] == kNormalType ? fitted_.scores[id] : lowest;
      TARE_RETURN_IF_ERROR(
          out.Add(fmt::format("{}\n[{},{}]", id == 0 ? "" : ",", Dump(fitted_.tokens[id]),
                              Dump(Json(static_cast<double>(score))))));
    }
    return out.Add("]");
  }

  Status WriteConfig() const {
    const Tokenizer& tokenizer = source_.tokenizer;
    // Not the family's own class, which would ignore tokenizer.json and split in its own way.
    Json config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                   {"clean_up_tokenization_spaces", false},
                   {"model_max_length", source_.max_context}};
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

  const HuggingFaceTokenizer& source_;
  const std::string folder_;
  FittedVocabulary fitted_;
};

}  // namespace

Status WriteHuggingFaceTokenizer(const HuggingFaceTokenizer& tokenizer, const std::string& folder) {
  return TokenizerFiles(tokenizer, folder).Write();
}

}  // namespace tare
