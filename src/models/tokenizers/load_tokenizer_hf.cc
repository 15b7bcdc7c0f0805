#include "models/tokenizers/load_tokenizer_hf.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/json/json_file.h"
#include "format/quote.h"
#include "models/tokenizers/chat_templates.h"
#include "models/tokenizers/hf_folder.h"
#include "models/tokenizers/hf_lone_files.h"
#include "models/tokenizers/hf_tokenizer_parts.h"
#include "models/tokenizers/vocabulary_builder.h"

namespace tare {
namespace {

using Json = nlohmann::json;

constexpr uint64_t kMaxTokenizerBytes = 256 << 20;

std::string_view AsText(const MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

// tokenizer.json in one pass: the vocabulary and the merges go straight into a builder, all else is
// small and kept as it is.
class TokenizerJson {
 public:
  VocabularyBuilder builder;
  Json rest = Json::object();   // but for the model
  Json model = Json::object();  // but for its vocabulary and merges

  Status Read(std::string_view text) {
    const JsonReceiver receiver = {[this](JsonPath at) { return Opens(at); },
                                   [this](JsonPath at, Json& value) { return Take(at, value); }};
    TARE_RETURN_IF_ERROR(ReadJson(text, receiver));
    if (vocabularies_ == 1 && merges_ <= 1) return builder.FinishTokens();
    return CorruptFile("has {} model.vocab and {} model.merges, expected one of each",
                       vocabularies_, merges_);
  }

 private:
  static bool IsIn(JsonPath at, std::string_view key) {
    return at.size() >= 2 && at[0] == "model" && at[1] == key;
  }

  bool Opens(JsonPath at) {
    if (at.size() == 2 && IsIn(at, "vocab")) ++vocabularies_;
    if (at.size() == 2 && IsIn(at, "merges")) ++merges_;
    return at.empty() || (at.size() == 1 && at[0] == "model") ||
           (at.size() == 2 && (IsIn(at, "vocab") || IsIn(at, "merges")));
  }

  Status Take(JsonPath at, Json& value) {
    if (at.empty()) return CorruptFile("is {}, expected an object", value.type_name());
    if (at.size() == 3) return IsIn(at, "vocab") ? TakeToken(at[2], value) : TakeMerge(value);
    Json& into = at.size() == 1 ? rest : model;
    if (!into.emplace(at.back(), std::move(value)).second) {
      return CorruptFile("JSON key {} appears twice", Quote(at.back()));
    }
    return {};
  }

  // Unigram's vocabulary is a list of [token, score].
  Status TakeScored(const Json& pair) {
    const bool is_pair =
        pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_number();
    if (!is_pair) {
      return CorruptFile("model.vocab: {}, expected [\"token\", score]",
                         Printable(pair.dump(-1, ' ', true)));
    }
    return builder.AddScored(pair[0].get_ref<const std::string&>(), pair[1].get<float>());
  }

  Status TakeToken(const std::string& text, const Json& id) {
    if (id.is_array()) return TakeScored(id);
    if (!id.is_number_unsigned()) {
      return CorruptFile("model.vocab: token {} is {}, expected an id", Quote(text),
                         id.type_name());
    }
    return builder.AddToken(text, id.get<uint64_t>());
  }

  Status TakeMerge(const Json& merge) {
    if (merge.is_string()) return builder.AddMerge(merge.get_ref<const std::string&>());
    const bool is_pair =
        merge.is_array() && merge.size() == 2 && merge[0].is_string() && merge[1].is_string();
    if (!is_pair) {
      return CorruptFile("model.merges: {}, expected \"left right\" or [\"left\", \"right\"]",
                         Printable(merge.dump(-1, ' ', true)));
    }
    return builder.AddMerge(merge[0].get_ref<const std::string&>(),
                            merge[1].get_ref<const std::string&>());
  }

  int vocabularies_ = 0;
  int merges_ = 0;
};

// What kind of tokenizer the file describes. Old files do not say the type: BPE is the only one
// with merges.
Result<TokenizerKind> ReadKind(const JsonObject& model, const JsonObject& rest) {
  TARE_ASSIGN_OR_RETURN(const std::string type, model.GetStringOr("type", "BPE"));
  if (type == "Unigram") return TokenizerKind::kUnigram;
  if (type != "BPE") {
    return Unsupported("{}: type is {}, expected BPE or Unigram", model.name(), Quote(type));
  }
  TARE_ASSIGN_OR_RETURN(const bool is_sentence_piece, IsSentencePiece(rest));
  return is_sentence_piece ? TokenizerKind::kRankedBpe : TokenizerKind::kByteBpe;
}

// The options of a BPE model that change ids.
Status CheckBpe(const JsonObject& model) {
  TARE_ASSIGN_OR_RETURN(const double dropout, model.GetFloatOr("dropout", 0.0));
  if (dropout != 0.0) return Unsupported("{}: dropout is {}, expected 0", model.name(), dropout);
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    TARE_ASSIGN_OR_RETURN(const std::string affix, model.GetStringOr(key, ""));
    if (affix.empty()) continue;
    return Unsupported("{}: {} is {}, expected none", model.name(), key, Quote(affix));
  }
  return {};
}

Status ReadByteLevel(const JsonObject& model, const JsonObject& rest,
                     const VocabularyBuilder& builder, TokenizerVocabulary& vocabulary) {
  TARE_ASSIGN_OR_RETURN(const bool byte_fallback, model.GetBoolOr("byte_fallback", false));
  if (byte_fallback) return Unsupported("{}: byte_fallback is true, expected false", model.name());
  // It would stand for bytes without a token.
  if (model.Has("unk_token") && !builder.HasAllBytes()) {
    return Unsupported("{}: unk_token is set, expected none or a vocabulary of all bytes",
                       model.name());
  }
  TARE_ASSIGN_OR_RETURN(vocabulary.puts_into_nfc, RecognizeNfcAndDecoder(rest));
  TARE_ASSIGN_OR_RETURN(vocabulary.pre_tokenizer, RecognizePreTokenizer(rest));
  TARE_ASSIGN_OR_RETURN(vocabulary.ignores_merges, model.GetBoolOr("ignore_merges", false));
  return {};
}

// BPE names the token for text without one, Unigram has its id.
Result<std::optional<int32_t>> ReadUnknown(const JsonObject& model,
                                           const VocabularyBuilder& builder) {
  if (model.Has("unk_id")) {
    TARE_ASSIGN_OR_RETURN(const uint64_t id, model.GetUint("unk_id"));
    if (id < builder.size()) return std::optional<int32_t>(static_cast<int32_t>(id));
    return CorruptFile("{}: unk_id is {}, outside the vocabulary", model.name(), id);
  }
  TARE_ASSIGN_OR_RETURN(const std::string text, model.GetStringOr("unk_token", ""));
  return text.empty() ? std::optional<int32_t>() : builder.Find(text);
}

Status ReadSentencePiece(const JsonObject& model, const JsonObject& rest,
                         VocabularyBuilder& builder, TokenizerVocabulary& vocabulary) {
  TARE_ASSIGN_OR_RETURN(const HfSpaces spaces, RecognizeSpaces(rest));
  vocabulary.space_prefix = spaces.prefix;
  vocabulary.prefix_is_optional = spaces.is_optional;
  if (spaces.splits_words && builder.HasInnerSpace()) {
    return Unsupported(
        "{}: Metaspace splits words, and tokens have spaces inside; expected "
        "\"split\": false",
        rest.name());
  }
  TARE_ASSIGN_OR_RETURN(const bool ignores, model.GetBoolOr("ignore_merges", false));
  if (ignores) return Unsupported("{}: ignore_merges is true, expected false", model.name());
  TARE_ASSIGN_OR_RETURN(vocabulary.byte_fallback, model.GetBoolOr("byte_fallback", false));
  if (vocabulary.byte_fallback) builder.MarkBytes();
  TARE_ASSIGN_OR_RETURN(vocabulary.unknown_id, ReadUnknown(model, builder));
  const bool is_bpe = vocabulary.kind == TokenizerKind::kRankedBpe;
  TARE_ASSIGN_OR_RETURN(const bool fuses, model.GetBoolOr("fuse_unk", false));
  if (is_bpe && vocabulary.unknown_id && !vocabulary.byte_fallback && !fuses) {
    return Unsupported("{}: fuse_unk is false, expected true or byte_fallback", model.name());
  }
  return {};
}

bool Overlap(std::string_view a, std::string_view b) {
  if (a.find(b) != std::string_view::npos || b.find(a) != std::string_view::npos) return true;
  for (size_t size = 1; size < std::min(a.size(), b.size()); ++size) {
    if (a.substr(a.size() - size) == b.substr(0, size)) return true;
    if (b.substr(b.size() - size) == a.substr(0, size)) return true;
  }
  return false;
}

// The reference finds added tokens in two passes, those with `normalized` last; the tokenizer here
// finds those that are not special last. Where the two orders differ for tokens that can meet in a
// text, ids could differ.
Status CheckOrder(const std::vector<AddedToken>& tokens) {
  for (const AddedToken& user : tokens) {
    if (user.is_special) continue;
    for (const AddedToken& special : tokens) {
      const bool same_order = !special.is_special || (user.is_normalized && !special.is_normalized);
      if (same_order || !Overlap(user.text, special.text)) continue;
      return Unsupported(
          "added tokens {} and {} overlap, and the special one would not be matched first",
          Quote(user.text), Quote(special.text));
    }
  }
  return {};
}

Status MarkAddedTokens(const std::vector<AddedToken>& tokens, VocabularyBuilder& builder,
                       std::vector<SpecialRule>& rules) {
  TARE_RETURN_IF_ERROR(CheckOrder(tokens));
  for (const AddedToken& token : tokens) {
    TARE_RETURN_IF_ERROR(builder.MarkSpecial(token.text, token.id, token.is_special));
    AddRule(token, rules);
  }
  return {};
}

Result<Tokenizer> Parse(std::string_view text, const std::string& name, const HfFolder& folder) {
  TokenizerJson parts;
  if (const Status read = parts.Read(text); !read.ok()) return read.error().In(name);
  TARE_ASSIGN_OR_RETURN(const JsonObject rest, JsonObject::FromValue(std::move(parts.rest), name));
  TARE_ASSIGN_OR_RETURN(const JsonObject model,
                        JsonObject::FromValue(std::move(parts.model), name + ": model"));
  TokenizerVocabulary vocabulary;
  TARE_ASSIGN_OR_RETURN(vocabulary.kind, ReadKind(model, rest));
  TARE_RETURN_IF_ERROR(CheckBpe(model));
  TARE_ASSIGN_OR_RETURN(const std::vector<AddedToken> added, ReadAddedTokens(rest));
  if (const Status marked = MarkAddedTokens(added, parts.builder, vocabulary.rules); !marked.ok()) {
    return marked.error().In(name);
  }
  TARE_RETURN_IF_ERROR(vocabulary.kind == TokenizerKind::kByteBpe
                           ? ReadByteLevel(model, rest, parts.builder, vocabulary)
                           : ReadSentencePiece(model, rest, parts.builder, vocabulary));
  TARE_ASSIGN_OR_RETURN(const HfTemplate around, RecognizePostProcessor(rest));
  vocabulary.bos_id = around.before;
  vocabulary.adds_bos = around.before.has_value();
  ApplyEnds(folder, parts.builder, vocabulary);
  if (around.after) {
    vocabulary.eos_id = around.after;
    vocabulary.adds_eos = true;
  }
  Result<Tokenizer> tokenizer = parts.builder.Build(std::move(vocabulary));
  if (!tokenizer.ok()) return tokenizer.error().In(name);
  return tokenizer;
}

}  // namespace

Result<Tokenizer> ParseHuggingFaceTokenizer(std::string_view json, const std::string& name) {
  return Parse(json, name, HfFolder());
}

Result<Tokenizer> LoadHuggingFaceTokenizer(const std::string& directory) {
  const auto has = [&](const char* name) {
    std::error_code ignored;
    return std::filesystem::exists(directory + name, ignored);
  };
  TARE_ASSIGN_OR_RETURN(const HfFolder folder, ReadHfFolder(directory));
  const bool is_alone = !has("/tokenizer.json");
  if (is_alone && has("/tokenizer.model")) return LoadHfSentencePieces(directory, folder);
  if (is_alone && has("/vocab.json")) return LoadHfVocabulary(directory, folder);
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(directory + "/tokenizer.json"));
  if (file.bytes().size() > kMaxTokenizerBytes) {
    return Unsupported("{}: has {} bytes, expected at most {}", file.path(), file.bytes().size(),
                       kMaxTokenizerBytes);
  }
  return Parse(AsText(file), file.path(), folder);
}

Result<HuggingFaceExtras> ReadHuggingFaceExtras(const std::string& directory) {
  HuggingFaceExtras extras;
  TARE_ASSIGN_OR_RETURN(const HfFolder folder, ReadHfFolder(directory));
  extras.padding_token = folder.padding;
  extras.unknown_token = folder.unknown;
  TARE_ASSIGN_OR_RETURN(const ChatTemplates templates, ReadChatTemplates(directory));
  if (const FoundTemplate* found = templates.Find(kDefaultTemplate)) {
    extras.chat_template = found->source;
  }
  return extras;
}

}  // namespace tare
