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

// Everything that is converted. The tokenizer behaves as in the source's own library.
struct ConvertSource {
  Model model;
  Tokenizer tokenizer;
  // How texts are split, for targets that can express it: the tokenizer's own way. KerasHub does
  // not split texts; for a preset it is the way of the model from which the preset was made, if
  // known.
  PreTokenizer pre_tokenizer = PreTokenizer::kGpt2;
  bool ignores_merges = false;  // goes with the above
  bool adds_bos = false;
  std::string chat_template = {};  // Jinja; empty: none
  std::optional<int32_t> padding_id = {};
  std::optional<int32_t> unknown_id = {};
};

//   Errors  those of Model::Open and LoadTokenizer.
Result<ConvertSource> OpenConvertSource(const std::string& path);

// A tokenizer's tokens and merges, fitted to a model's vocabulary. Borrows the tokenizer.
struct FittedVocabulary {
  std::vector<std::string_view> tokens;
  std::vector<int32_t> types;                 // GGUF's
  std::vector<Tokenizer::MergedPair> merges;  // only of tokens that exist
  std::vector<float> scores;  // of SentencePiece kinds; a list of merges becomes scores
  size_t left_out = 0;        // tokens that the model has no row for
  size_t missing = 0;         // rows without a token
};
FittedVocabulary FitVocabulary(const Tokenizer& tokenizer, size_t rows);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_SOURCE_H_
