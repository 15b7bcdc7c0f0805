// Any bytes are a SentencePiece model or an error; a model's tokenizer encodes any text and decodes
// what it made.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/check.h"
#include "models/tokenizers/sentence_piece_model.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  const auto tokenizer = tare::MakeSentencePieceTokenizer(bytes, "input");
  if (!tokenizer.ok()) {
    TARE_CHECK(!tokenizer.error().message().empty());
    return 0;
  }
  const std::string text(reinterpret_cast<const char*>(data), size < 4096 ? size : 4096);
  for (const bool special : {false, true}) {
    const auto ids = tokenizer->Encode(text, {.parse_special = special}).value();
    for (const int32_t id : ids) {
      TARE_CHECK(id >= 0 && id < tokenizer->vocabulary_size());
      TARE_CHECK(special || !tokenizer->IsControl(id) || id == tokenizer->unknown_id());
    }
    TARE_CHECK(tokenizer->Decode(ids).ok());
  }
  return 0;
}
