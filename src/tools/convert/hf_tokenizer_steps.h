#ifndef TARE_TOOLS_CONVERT_HF_TOKENIZER_STEPS_H_
#define TARE_TOOLS_CONVERT_HF_TOKENIZER_STEPS_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

#include "tare/tokenizer.h"

namespace tare {

// The steps of a tokenizer.json, for `tokenizers`. Each may be null.

nlohmann::ordered_json NormalizerJson(const Tokenizer& tokenizer);
// `split`: how byte-level vocabularies split; the SentencePiece kinds have steps of their own.
nlohmann::ordered_json PreTokenizerJson(const Tokenizer& tokenizer, PreTokenizer split);
nlohmann::ordered_json DecoderJson(const Tokenizer& tokenizer);

// A token that the post-processor puts before or behind a text.
struct EdgeToken {
  std::string_view text;
  int32_t id = 0;
};
nlohmann::ordered_json PostProcessorJson(const Tokenizer& tokenizer,
                                         const std::optional<EdgeToken>& before,
                                         const std::optional<EdgeToken>& after);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_HF_TOKENIZER_STEPS_H_
