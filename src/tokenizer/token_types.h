#ifndef TARE_TOKENIZER_TOKEN_TYPES_H_
#define TARE_TOKENIZER_TOKEN_TYPES_H_

#include <cstdint>

namespace tare {

// What TokenizerVocabulary::token_types holds: GGUF's numbers, which are SentencePiece's.
inline constexpr int32_t kNormalType = 1;
inline constexpr int32_t kUnknownType = 2;
inline constexpr int32_t kControlType = 3;
inline constexpr int32_t kUserDefinedType = 4;
inline constexpr int32_t kUnusedType = 5;
inline constexpr int32_t kByteType = 6;

}  // namespace tare

#endif  // TARE_TOKENIZER_TOKEN_TYPES_H_
