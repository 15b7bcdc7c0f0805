#ifndef TARE_TOOLS_SYNTH_SYNTH_TOKENIZER_H_
#define TARE_TOOLS_SYNTH_SYNTH_TOKENIZER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/family.h"
#include "tools/convert/keras_preset_writer.h"

namespace tare {

// A tokenizer of exactly `size` tokens: all bytes; the merges that byte-pair encoding learns from
// `text` (of pairs that occur at least twice); pairs of learned tokens that form new words; and the
// special tokens of KerasHub's class for the family. Every token except the special ones encodes to
// itself. The same input gives the same tokenizer. For a class of SentencePiece's kind the same
// with ASCII's characters and byte tokens in place of the bytes.
//   Errors  InvalidInput if `size` has no room for bytes and special tokens.
Result<KerasTokenizer> MakeTokenizer(std::string_view text, size_t size,
                                     const KerasTokenizerClass& known);

// The tokenizer in `folder`: vocabulary.json and merges.txt, or as GPT-2's were published,
// encoder.json and vocab.bpe.
//   Errors  Io; CorruptFile for an inconsistent vocabulary; InvalidInput if it does not have `size`
//           tokens.
Result<KerasTokenizer> ReadTokenizer(const std::string& folder, size_t size,
                                     const KerasTokenizerClass& known);

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_TOKENIZER_H_
