#include "models/tokenizers/load_tokenizer.h"

#include <filesystem>
#include <limits>
#include <utility>

#include "describe/model_folder.h"
#include "format/quote.h"
#include "models/tokenizers/load_tokenizer_hf.h"
#include "models/tokenizers/load_tokenizer_keras.h"

namespace tare {
namespace {

constexpr char kTokenTypeKey[] = "tokenizer.ggml.token_type";

Result<std::optional<int32_t>> ReadTokenId(const GgufFile& file, std::string_view key) {
  if (file.FindValue(key) == nullptr) return std::optional<int32_t>();
  TARE_ASSIGN_OR_RETURN(const uint64_t id, file.GetUint(key));
  if (id > static_cast<uint64_t>(std::numeric_limits<int32_t>::max())) {
    return CorruptFile("{}: {} is {}, expected a token id", file.path(), key, id);
  }
  return std::optional<int32_t>(static_cast<int32_t>(id));
}

Result<Sequence<int32_t>> ReadTokenTypes(const GgufFile& file) {
  const GgufValue* value = file.FindValue(kTokenTypeKey);
  if (value == nullptr) return Sequence<int32_t>();
  const auto types = value->AsI32Array();
  if (!types.ok()) return types.error().In(file.path());
  return Sequence<int32_t>{types->size(),
                           [types = *types, i = size_t{0}]() mutable { return types[i++]; }};
}

Result<PreTokenizer> ReadPreTokenizer(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(const std::string_view name, file.GetString("tokenizer.ggml.pre"));
  auto pre_tokenizer = PreTokenizerFromName(name);
  if (!pre_tokenizer.ok()) return pre_tokenizer.error().In(file.path() + ": tokenizer.ggml.pre");
  return pre_tokenizer;
}

}  // namespace

Result<Tokenizer> LoadTokenizer(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(const std::string_view model, file.GetString("tokenizer.ggml.model"));
  if (model != kGgufByteLevelBpe) {
    return Unsupported("{}: tokenizer.ggml.model is {}, expected \"{}\" (byte-level BPE)",
                       file.path(), Quote(model), kGgufByteLevelBpe);
  }
  BpeVocabulary vocabulary;
  TARE_ASSIGN_OR_RETURN(vocabulary.pre_tokenizer, ReadPreTokenizer(file));
  TARE_ASSIGN_OR_RETURN(const GgufStrings tokens, file.GetStrings("tokenizer.ggml.tokens"));
  TARE_ASSIGN_OR_RETURN(const GgufStrings merges, file.GetStrings("tokenizer.ggml.merges"));
  vocabulary.tokens = SequenceOf<std::string_view>(tokens);
  vocabulary.merges = SequenceOf<std::string_view>(merges);
  TARE_ASSIGN_OR_RETURN(vocabulary.token_types, ReadTokenTypes(file));
  TARE_ASSIGN_OR_RETURN(vocabulary.bos_id, ReadTokenId(file, "tokenizer.ggml.bos_token_id"));
  TARE_ASSIGN_OR_RETURN(vocabulary.eos_id, ReadTokenId(file, "tokenizer.ggml.eos_token_id"));
  TARE_ASSIGN_OR_RETURN(const auto end_of_turn, ReadTokenId(file, "tokenizer.ggml.eot_token_id"));
  if (end_of_turn) vocabulary.other_end_ids.push_back(*end_of_turn);
  // llama.cpp takes these two for granted of a Llama 3 vocabulary, so that files need not say them.
  const bool is_llama3 = vocabulary.pre_tokenizer == PreTokenizer::kLlama3;
  vocabulary.ignores_merges = is_llama3;
  TARE_ASSIGN_OR_RETURN(
      vocabulary.adds_bos,
      file.GetBoolOr("tokenizer.ggml.add_bos_token", is_llama3 && vocabulary.bos_id.has_value()));
  Result<Tokenizer> tokenizer = Tokenizer::Create(std::move(vocabulary));
  if (!tokenizer.ok()) return tokenizer.error().In(file.path());
  return tokenizer;
}

Result<Tokenizer> LoadTokenizer(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    // Both kinds of folder have a tokenizer.json; only a preset has assets.
    const bool is_preset = std::filesystem::exists(path + "/assets/tokenizer", ignored);
    if (is_preset) return LoadKerasTokenizer(path);
    TARE_RETURN_IF_ERROR(ExpectInModelFolder(path, "tokenizer.json"));
    return LoadHuggingFaceTokenizer(path);
  }
  TARE_ASSIGN_OR_RETURN(const GgufFile file, GgufFile::Open(path));
  return LoadTokenizer(file);
}

Result<ChatTemplate> LoadChatTemplate(const GgufFile& file) {
  constexpr std::string_view kKey = "tokenizer.chat_template";
  if (file.FindValue(kKey) == nullptr) return InvalidInput("{}: has no {}", file.path(), kKey);
  TARE_ASSIGN_OR_RETURN(const std::string_view source, file.GetString(kKey));
  Result<ChatTemplate> parsed = ChatTemplate::Parse(source);
  if (!parsed.ok()) return parsed.error().In(file.path() + ": tokenizer.chat_template");
  return parsed;
}

}  // namespace tare
