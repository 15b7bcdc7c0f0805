#ifndef TARE_MODELS_TOKENIZERS_SENTENCE_PIECE_WRITER_H_
#define TARE_MODELS_TOKENIZERS_SENTENCE_PIECE_WRITER_H_

#include <string>

#include "models/tokenizers/sentence_piece_model.h"

namespace tare {

// The bytes of a `ModelProto` with these pieces and settings, which ParseSentencePieceModel and the
// sentencepiece library read.
std::string SentencePieceModelBytes(const SentencePieceModel& model);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_SENTENCE_PIECE_WRITER_H_
