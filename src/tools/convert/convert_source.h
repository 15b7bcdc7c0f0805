#ifndef TARE_TOOLS_CONVERT_CONVERT_SOURCE_H_
#define TARE_TOOLS_CONVERT_CONVERT_SOURCE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/model.h"
#include "tare/tokenizer.h"

namespace tare {

// All that is converted. The tokenizer is that of the source's own library.
struct ConvertSource {
  Model model;
  Tokenizer tokenizer;
  // How texts are split where the target can say it: the tokenizer's own, or for a KerasHub preset,
  // whose library does not split, that of the model it was made from, if that is known.
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;
  bool adds_bos = false;
  std::string chat_template = {};  // Jinja; empty: none
  std::optional<int32_t> padding_id = {};
  std::optional<int32_t> unknown_id = {};
};

//   Errors  those of Model::Open and LoadTokenizer.
Result<ConvertSource> OpenConvertSource(const std::string& path);

// A tokenizer's tokens and merges, fit to a model's vocabulary. Borrows the tokenizer.
struct FittedVocabulary {
  std::vector<std::string_view> tokens;
  std::vector<int32_t> types;                 // GGUF's
  std::vector<Tokenizer::MergedPair> merges;  // of tokens that are there
  size_t left_out = 0;                        // tokens that the model has no row for
  size_t missing = 0;                         // rows without a token
};
FittedVocabulary FitVocabulary(const Tokenizer& tokenizer, size_t rows);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_SOURCE_H_
