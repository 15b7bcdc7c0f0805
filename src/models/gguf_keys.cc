#include "models/gguf_keys.h"

#include <cmath>
#include <string>

#include "base/count_text.h"

namespace tare {
namespace {

constexpr std::string_view kTokensKey = "tokenizer.ggml.tokens";

}  // namespace

Result<size_t> GetSize(const GgufFile& file, std::string_view key, uint64_t max) {
  TARE_ASSIGN_OR_RETURN(const uint64_t value, file.GetUint(key));
  if (value == 0 || value > max) {
    return CorruptFile("{}: {} is {}, expected 1 to {}", file.path(), key, value, max);
  }
  return static_cast<size_t>(value);
}

Result<size_t> GetSizeOr(const GgufFile& file, std::string_view key, size_t fallback) {
  if (file.FindValue(key) == nullptr) return fallback;
  return GetSize(file, key);
}

Result<size_t> GetVocabularySize(const GgufFile& file, std::string_view key) {
  if (file.FindValue(kTokensKey) == nullptr) {
    const TensorView* const embedding = file.FindTensor("token_embd.weight");
    if (embedding == nullptr || embedding->shape.rank() != 2) return GetSize(file, key);
    return GetSizeOr(file, key, embedding->shape[0]);
  }
  TARE_ASSIGN_OR_RETURN(const GgufStrings tokens, file.GetStrings(kTokensKey));
  TARE_ASSIGN_OR_RETURN(const size_t size, GetSizeOr(file, key, tokens.size()));
  if (size != tokens.size()) {
    return CorruptFile("{}: {} is {} but the tokenizer has {}", file.path(), key, size,
                       CountText(tokens.size(), "token"));
  }
  return size;
}

Result<float> GetEpsilon(const GgufFile& file, std::string_view key) {
  TARE_ASSIGN_OR_RETURN(const float epsilon, file.GetFloat(key));
  if (!(epsilon > 0.0f) || !std::isfinite(epsilon)) {
    return CorruptFile("{}: {} is {}, expected more than 0", file.path(), key, epsilon);
  }
  return epsilon;
}

void AddGgufSizes(const ModelSizes& sizes, GgufKeyWriter& keys) {
  keys.Uint("context_length", sizes.max_context);
  keys.Uint("embedding_length", sizes.width);
  keys.Uint("block_count", sizes.layers);
  keys.Uint("feed_forward_length", sizes.inner_width);
  keys.Uint("attention.head_count", sizes.heads);
  keys.Uint("vocab_size", sizes.vocabulary);
}

}  // namespace tare
