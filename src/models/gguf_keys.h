#ifndef TARE_MODELS_GGUF_KEYS_H_
#define TARE_MODELS_GGUF_KEYS_H_

#include <string_view>

#include "format/gguf/gguf.h"
#include "format/named_tensors.h"
#include "models/size_limits.h"

namespace tare {

// What the families' GGUF readers share.

// A size that must be there, in [1, max]. Errors: those of GetUint, CorruptFile outside the range.
Result<size_t> GetSize(const GgufFile& file, std::string_view key, uint64_t max = kMaxModelSize);
Result<size_t> GetSizeOr(const GgufFile& file, std::string_view key, size_t fallback);

// The number of tokens in the file's vocabulary; `key`, where it is there, must agree.
Result<size_t> GetVocabularySize(const GgufFile& file, std::string_view key);

// A norm's epsilon: a finite number above 0.
Result<float> GetEpsilon(const GgufFile& file, std::string_view key);

// The file's tensors as families look them up.
NamedTensors TensorsOf(const GgufFile& file);

}  // namespace tare

#endif  // TARE_MODELS_GGUF_KEYS_H_
