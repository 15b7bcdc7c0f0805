#ifndef TARE_TOKENIZER_PRE_TOKENIZERS_H_
#define TARE_TOKENIZER_PRE_TOKENIZERS_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "tare/tokenizer.h"
#include "tokenizer/split_pattern.h"

namespace tare {

// What a tokenizer.json's `Digits` step with `individual_digits` does, as a pattern of ours.
inline constexpr std::string_view kDigitsPattern = R"(\p{Digits})";
// GPT-2's pattern, which a `ByteLevel` step has inside.
inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

// The patterns of a pre-tokenizer: each splits the pieces that the one before has left. What no
// pattern matches stays a piece. Empty for kWhole.
std::vector<std::string_view> PatternsOf(PreTokenizer pre_tokenizer);

// The pre-tokenizer with exactly these patterns. The texts may be other spellings of them that
// published tokenizer.json files have.
std::optional<PreTokenizer> FindPatterns(std::span<const std::string_view> patterns);

// The patterns, compiled.
std::vector<SplitPattern> CompilePatterns(PreTokenizer pre_tokenizer);

}  // namespace tare

#endif  // TARE_TOKENIZER_PRE_TOKENIZERS_H_
