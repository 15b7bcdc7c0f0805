#include "tools/convert/convert_source.h"

#include <filesystem>
#include <utility>

#include "models/keras_extras.h"
#include "models/tokenizers/load_tokenizer.h"
#include "models/tokenizers/load_tokenizer_hf.h"
#include "tokenizer/token_types.h"

namespace tare {
namespace {

Result<std::optional<int32_t>> GgufTokenId(const GgufFile& file, std::string_view key,
                                           const Tokenizer& tokenizer) {
  if (file.FindValue(key) == nullptr) return std::optional<int32_t>();
  TARE_ASSIGN_OR_RETURN(const uint64_t id, file.GetUint(key));
  // One that is outside can never occur.
  if (id >= static_cast<uint64_t>(tokenizer.vocabulary_size())) return std::optional<int32_t>();
  return std::optional(static_cast<int32_t>(id));
}

Status ReadGguf(const GgufFile& file, ConvertSource& source) {
  TARE_ASSIGN_OR_RETURN(const std::string_view chat,
                        file.GetStringOr("tokenizer.chat_template", ""));
  source.chat_template = chat;
  TARE_ASSIGN_OR_RETURN(source.padding_id,
                        GgufTokenId(file, "tokenizer.ggml.padding_token_id", source.tokenizer));
  TARE_ASSIGN_OR_RETURN(source.unknown_id,
                        GgufTokenId(file, "tokenizer.ggml.unknown_token_id", source.tokenizer));
  return {};
}

Status ReadHuggingFace(const std::string& folder, ConvertSource& source) {
  TARE_ASSIGN_OR_RETURN(const HuggingFaceExtras extras, ReadHuggingFaceExtras(folder));
  source.chat_template = extras.chat_template;
  if (!extras.padding_token.empty()) {
    source.padding_id = source.tokenizer.FindSpecial(extras.padding_token);
  }
  if (!extras.unknown_token.empty()) {
    source.unknown_id = source.tokenizer.FindSpecial(extras.unknown_token);
  }
  return {};
}

Status ReadKeras(const std::string& folder, ConvertSource& source) {
  TARE_ASSIGN_OR_RETURN(const KerasExtras extras, ReadKerasExtras(folder));
  source.chat_template = extras.chat_template;
  if (extras.pre_tokenizer) {
    source.pre_tokenizer = *extras.pre_tokenizer;
    source.ignores_merges = extras.ignores_merges;
  }
  source.adds_bos = extras.adds_bos.value_or(source.adds_bos);
  return {};
}

// A token of a list of merges is worth more the earlier its first merge is.
std::vector<float> ScoresOf(const Tokenizer& tokenizer, const FittedVocabulary& fitted) {
  std::vector<float> scores(fitted.tokens.size());
  if (tokenizer.kind() != TokenizerKind::kRankedBpe) {
    for (size_t i = 0; i < scores.size(); ++i) {
      scores[i] = tokenizer.Score(static_cast<int32_t>(i));
    }
    return scores;
  }
  std::vector<bool> is_scored(scores.size());
  float next = 0;
  for (const Tokenizer::MergedPair& merge : fitted.merges) {
    const auto id = static_cast<size_t>(merge.result);
    if (!is_scored[id]) scores[id] = next--;
    is_scored[id] = true;
  }
  // No merge makes the others: nothing may come after them.
  for (size_t i = 0; i < scores.size(); ++i) {
    if (!is_scored[i] && fitted.types[i] == kNormalType) scores[i] = next;
  }
  return scores;
}

}  // namespace

Result<ConvertSource> OpenConvertSource(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(Model model, Model::Open(path));
  TARE_ASSIGN_OR_RETURN(Tokenizer tokenizer, LoadTokenizer(path));
  ConvertSource source = {.model = std::move(model), .tokenizer = std::move(tokenizer)};
  source.pre_tokenizer = source.tokenizer.pre_tokenizer();
  source.ignores_merges = source.tokenizer.ignores_merges();
  source.adds_bos = source.tokenizer.adds_bos();
  if (const GgufFile* file = source.model.gguf(); file != nullptr) {
    TARE_RETURN_IF_ERROR(ReadGguf(*file, source));
  } else if (source.model.format() == ModelFormat::kKeras) {
    TARE_RETURN_IF_ERROR(ReadKeras(path, source));
  } else {
    TARE_RETURN_IF_ERROR(ReadHuggingFace(path, source));
  }
  return source;
}

FittedVocabulary FitVocabulary(const Tokenizer& tokenizer, size_t rows) {
  FittedVocabulary fitted;
  const size_t size = static_cast<size_t>(tokenizer.vocabulary_size());
  fitted.left_out = size > rows ? size - rows : 0;
  fitted.missing = size < rows ? rows - size : 0;
  const size_t kept = size - fitted.left_out;
  fitted.tokens.reserve(kept);
  fitted.types.reserve(kept);
  for (size_t i = 0; i < kept; ++i) {
    const auto id = static_cast<int32_t>(i);
    fitted.tokens.push_back(tokenizer.TokenText(id));
    fitted.types.push_back(tokenizer.TokenType(id));
  }
  fitted.merges = tokenizer.Merges();
  if (fitted.left_out > 0) {
    std::erase_if(fitted.merges, [&](const Tokenizer::MergedPair& merge) {
      return !(static_cast<size_t>(merge.left) < kept && static_cast<size_t>(merge.right) < kept &&
               static_cast<size_t>(merge.result) < kept);
    });
  }
  if (tokenizer.kind() != TokenizerKind::kByteBpe) fitted.scores = ScoresOf(tokenizer, fitted);
  return fitted;
}

}  // namespace tare
