#ifndef TARE_MODELS_JSON_CONFIGS_H_
#define TARE_MODELS_JSON_CONFIGS_H_

#include "base/error.h"
#include "format/json/json_file.h"
#include "models/families/gpt2/gpt2.h"
#include "models/families/llama/llama.h"

namespace tare {

// Configurations in JSON. All: every size in [1, 2^24], heads that divide what they must.
//   Errors   CorruptFile (a key that is missing or of another type, a value that cannot be or
//            contradicts another), Unsupported (a variant that the graph does not have, by its
//            key).

// The `config` object of a KerasHub backbone's config.json (docs/formats.md). A Llama backbone
// names no longest context: kKerasLlamaContext is taken, where no tare.json beside it says one.
inline constexpr size_t kKerasLlamaContext = 131072;
Result<Gpt2Config> Gpt2ConfigFromKeras(const JsonObject& config);
Result<LlamaConfig> LlamaConfigFromKeras(const JsonObject& config);

// A Hugging Face model's config.json.
Result<Gpt2Config> Gpt2ConfigFromHuggingFace(const JsonObject& config);
Result<LlamaConfig> LlamaConfigFromHuggingFace(const JsonObject& config);

}  // namespace tare

#endif  // TARE_MODELS_JSON_CONFIGS_H_
