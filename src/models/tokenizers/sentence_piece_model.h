#ifndef TARE_MODELS_TOKENIZERS_SENTENCE_PIECE_MODEL_H_
#define TARE_MODELS_TOKENIZERS_SENTENCE_PIECE_MODEL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/tokenizers/hf_tokenizer_parts.h"
#include "tare/tokenizer.h"

namespace tare {

// What SentencePiece's `ModelProto` holds (tokenizer.model, a KerasHub preset's vocabulary.spm): a
// protocol buffer with the pieces and two specifications. Borrows the bytes.
struct SentencePieceModel {
  struct Piece {
    std::string_view text;
    float score = 0;
    int32_t type = 1;  // GGUF's numbers are the same
  };
  std::vector<Piece> pieces;
  // trainer_spec
  uint64_t model_type = 1;  // 1: Unigram, 2: BPE
  bool byte_fallback = false;
  bool space_is_suffix = false;  // treat_whitespace_as_suffix
  std::optional<int32_t> unknown_id, bos_id, eos_id, padding_id;
  // normalizer_spec
  bool has_charsmap = false;
  bool adds_prefix = true;       // add_dummy_prefix
  bool collapses_spaces = true;  // remove_extra_whitespaces
  bool escapes_spaces = true;    // escape_whitespaces
};

// Reads each field that it knows once, skips others, and keeps nothing beyond 16 bytes a piece:
// time and memory are linear in the file.
//   Errors  CorruptFile for bytes that are no such message.
Result<SentencePieceModel> ParseSentencePieceModel(std::span<const std::byte> bytes);

// What files beside a model file say. Ids outside the vocabulary are ignored.
struct SentencePieceContext {
  std::vector<uint64_t> end_ids = {};      // end a generation too
  std::vector<uint64_t> control_ids = {};  // control tokens, whatever the model calls them
  // By id: pieces that it calls otherwise, and tokens behind the last piece.
  std::vector<AddedToken> added = {};
  std::string start = {}, end = {};  // the texts of bos and eos; empty: the model's own
};

// The tokenizer of a model file; `name` stands for the path in messages.
//   Errors  those of ParseSentencePieceModel and Tokenizer::Create; CorruptFile for an added token
//           that leaves a gap; Unsupported for a kind or an option that is not known, by its name.
Result<Tokenizer> MakeSentencePieceTokenizer(std::span<const std::byte> bytes,
                                             const std::string& name,
                                             const SentencePieceContext& context = {});

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_SENTENCE_PIECE_MODEL_H_
