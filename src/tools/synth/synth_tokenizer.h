#ifndef TARE_TOOLS_SYNTH_SYNTH_TOKENIZER_H_
#define TARE_TOOLS_SYNTH_SYNTH_TOKENIZER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "models/family.h"
#include "tare/tokenizer.h"
#include "tools/convert/keras_preset_writer.h"

namespace tare {

// The special tokens of a family's tokenizer in the format in which its models are synthesised: of
// KerasHub's class, or of Hugging Face's, which may have none.
KerasTokenizerClass SynthSpecials(const Family& family);

// A tokenizer of exactly `size` tokens: all bytes; the merges that byte-pair encoding learns from
// `text` (of pairs that occur at least twice); pairs of learned tokens that form new words; and the
// special tokens of `known`. Every token except the special ones encodes to
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

// The same as a Tokenizer, for a family whose models become Hugging Face folders: it splits texts
// as the family's models do. Precondition: byte-level BPE.
//   Errors  CorruptFile for an inconsistent vocabulary.
Result<Tokenizer> SplittingTokenizer(const KerasTokenizer& tokenizer, const Family& family);

}  // namespace tare

#endif  // TARE_TOOLS_SYNTH_SYNTH_TOKENIZER_H_
