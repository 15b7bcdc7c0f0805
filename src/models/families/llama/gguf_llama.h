#ifndef TARE_MODELS_FAMILIES_LLAMA_GGUF_LLAMA_H_
#define TARE_MODELS_FAMILIES_LLAMA_GGUF_LLAMA_H_

#include "base/error.h"
#include "format/gguf/gguf.h"
#include "models/families/llama/llama.h"

namespace tare {

// Reads and checks the `llama.*` keys. The pairing is interleaved: GGUF stores query and key rows
// permuted for it.
//   Errors   CorruptFile (a key that is missing, of another type or contradicts another),
//            Unsupported (experts, sliding windows, partial rotation, rope scaling other than none,
//            linear or by tensor).
Result<LlamaConfig> LlamaConfigFromGguf(const GgufFile& file);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_GGUF_LLAMA_H_
