#ifndef TARE_MODELS_GGUF_KEYS_H_
#define TARE_MODELS_GGUF_KEYS_H_

#include <string>
#include <string_view>
#include <utility>

#include "describe/size_limits.h"
#include "format/gguf/gguf.h"
#include "format/gguf/gguf_writer.h"
#include "models/model_part.h"

namespace tare {

// Helpers for the families' readers and writers of GGUF keys.

// A required size in [1, max]. Errors: those of GetUint; CorruptFile outside the range.
Result<size_t> GetSize(const GgufFile& file, std::string_view key, uint64_t max = kMaxModelSize);
Result<size_t> GetSizeOr(const GgufFile& file, std::string_view key, size_t fallback);

// The number of tokens in the file's vocabulary. If `key` exists, it must agree. A file without a
// tokenizer has as many tokens as `key` says, else as the embedding has rows.
Result<size_t> GetVocabularySize(const GgufFile& file, std::string_view key);

// A norm's epsilon: a finite number above 0.
Result<float> GetEpsilon(const GgufFile& file, std::string_view key);

// Adds keys with a common prefix; stops at the first error.
class GgufKeyWriter {
 public:
  GgufKeyWriter(GgufWriter& writer, std::string prefix)
      : writer_(writer), prefix_(std::move(prefix)) {}

  void Uint(const std::string& key, size_t value) {
    if (status_.ok()) status_ = writer_.AddScalar(prefix_ + key, static_cast<uint32_t>(value));
  }
  void Float(const std::string& key, float value) {
    if (status_.ok()) status_ = writer_.AddScalar(prefix_ + key, value);
  }
  void Bool(const std::string& key, bool value) {
    if (status_.ok()) status_ = writer_.AddScalar(prefix_ + key, value);
  }
  void String(const std::string& key, std::string_view value) {
    if (status_.ok()) status_ = writer_.AddString(prefix_ + key, value);
  }
  const Status& status() const { return status_; }

 private:
  GgufWriter& writer_;
  std::string prefix_;
  Status status_;
};

// The sizes that every architecture has keys for.
void AddGgufSizes(const ModelSizes& sizes, GgufKeyWriter& keys);

}  // namespace tare

#endif  // TARE_MODELS_GGUF_KEYS_H_
