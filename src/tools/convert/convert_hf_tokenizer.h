#ifndef TARE_TOOLS_CONVERT_CONVERT_HF_TOKENIZER_H_
#define TARE_TOOLS_CONVERT_CONVERT_HF_TOKENIZER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "tare/tokenizer.h"

namespace tare {

// A tokenizer for a Hugging Face folder. Borrows the tokenizer and the template.
struct HuggingFaceTokenizer {
  const Tokenizer& tokenizer;
  size_t vocabulary = 0;   // of the model, which has no row for further tokens
  size_t max_context = 0;  // of the model
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;  // how a byte-level vocabulary splits texts
  bool adds_bos = false;
  std::string_view chat_template = {};  // Jinja; empty: none
  std::optional<int32_t> padding_id = {};
  std::optional<int32_t> unknown_id = {};
};

// Writes tokenizer.json, tokenizer_config.json and generation_config.json into a folder, for
// Transformers' fast tokenizers and for `tokenizers`. Ids are those of the tokenizer.
//   Errors  Io; Unsupported for a token that is not UTF-8.
Status WriteHuggingFaceTokenizer(const HuggingFaceTokenizer& tokenizer, const std::string& folder);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_HF_TOKENIZER_H_
