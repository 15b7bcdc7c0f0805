// Any bytes are a Hugging Face tokenizer.json or an error, and a tokenizer made from one handles
// any text.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "models/tokenizers/load_tokenizer_hf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto tokenizer = tare::ParseHuggingFaceTokenizer(input, "input");
  if (!tokenizer.ok()) {
    // The message prints an unknown pattern in full.
    TARE_CHECK(tokenizer.error().message().size() < 1000 + 6 * size);
    return 0;
  }
  for (const bool parse_special : {false, true}) {
    const auto ids = tokenizer->Encode(input, {.parse_special = parse_special}).value();
    for (const int32_t id : ids) {
      TARE_CHECK(id >= 0 && id < tokenizer->vocabulary_size());
      const bool is_unknown = id == tokenizer->unknown_id();  // text without a token
      if (!parse_special && !is_unknown) TARE_CHECK(!tokenizer->IsControl(id));
    }
    TARE_CHECK(tokenizer->Decode(ids).ok());
  }
  return 0;
}
