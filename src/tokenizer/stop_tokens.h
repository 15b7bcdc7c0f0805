#ifndef TARE_TOKENIZER_STOP_TOKENS_H_
#define TARE_TOKENIZER_STOP_TOKENS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/token_table.h"

namespace tare {

// Tokens after which models have nothing more to say, known by the names that families give them:
// files often declare only one of theirs. The names are those of llama.cpp, whose users expect
// generations to end there.

// Whether a token of this text is such a one, or a part of the prompts that fill a gap in code.
bool IsStopName(std::string_view text);

// `ids`, and the tokens with such a name, of any kind: some converters do not mark them.
std::vector<int32_t> StopIds(std::vector<int32_t> ids, const TokenIndex& index);

}  // namespace tare

#endif  // TARE_TOKENIZER_STOP_TOKENS_H_
