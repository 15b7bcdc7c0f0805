#ifndef TARE_MODELS_FAMILIES_GPT2_GGUF_GPT2_H_
#define TARE_MODELS_FAMILIES_GPT2_GGUF_GPT2_H_

#include "base/error.h"
#include "format/gguf/gguf.h"
#include "models/families/gpt2/gpt2.h"

namespace tare {

// As gguf_llama.h, for the `gpt2.*` keys. A file keeps query, key and value in one [3 C, C] tensor,
// of which each is a view.
Result<Gpt2Config> Gpt2ConfigFromGguf(const GgufFile& file);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GPT2_GGUF_GPT2_H_
