#ifndef TARE_TOOLS_SYNTH_BPE_TRAINER_H_
#define TARE_TOOLS_SYNTH_BPE_TRAINER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tare {

// Tokens of a byte-level vocabulary that are single bytes.
inline constexpr size_t kByteTokens = 256;

struct BpeMerge {
  int32_t left;
  int32_t right;
};

// Tokens by id, the 256 bytes first, and the merges that give the others, in order of ids: merge i
// gives token 256 + i. Texts are in the byte alphabet.
struct LearntBpe {
  std::vector<std::string> tokens;
  std::vector<BpeMerge> merges;
};

// Byte-pair encoding (Sennrich et al. 2016) on GPT-2's pieces of `text`. Merges the most frequent
// pair of neighbours (of equal pairs, the one with the smallest ids) until there are `max_merges`
// or no pair occurs twice. No two tokens have the same text. Takes O(pieces · length · log) time.
LearntBpe TrainBpe(std::string_view text, size_t max_merges);

// Adds merges of tokens of letters until there are `count` merges. Each merges two tokens that the
// earlier merges leave side by side, so that the new token's text encodes to that token alone.
void AddInventedMerges(size_t count, LearntBpe& bpe);

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_BPE_TRAINER_H_
