#include "models/families/gpt2/gpt2.h"
#include "models/gguf_keys.h"

namespace tare {

Result<Gpt2Config> Gpt2ConfigFromGguf(const GgufFile& file) {
  Gpt2Config config;
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(file, "gpt2.block_count", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(file, "gpt2.embedding_length"));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSize(file, "gpt2.feed_forward_length"));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(file, "gpt2.attention.head_count"));
  TARE_ASSIGN_OR_RETURN(config.max_context, GetSize(file, "gpt2.context_length"));
  TARE_ASSIGN_OR_RETURN(config.norm_epsilon, GetEpsilon(file, "gpt2.attention.layer_norm_epsilon"));
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetVocabularySize(file, "gpt2.vocab_size"));
  if (config.width % config.heads != 0) {
    return CorruptFile("{}: the width {} is not a multiple of {} heads", file.path(), config.width,
                       config.heads);
  }
  return config;
}

Status Gpt2Model::AddGgufKeys(GgufKeyWriter& keys) const {
  keys.Float("attention.layer_norm_epsilon", config_.norm_epsilon);
  return {};
}

}  // namespace tare
