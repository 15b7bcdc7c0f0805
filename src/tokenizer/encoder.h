#ifndef TARE_TOKENIZER_ENCODER_H_
#define TARE_TOKENIZER_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/byte_pair_merger.h"
#include "tokenizer/piece_cache.h"
#include "tokenizer/sentence_piece_encoder.h"
#include "tokenizer/tokenizer_data.h"

namespace tare {

// Output and working memory of one call of Tokenizer::Encode. The data and every added text must
// outlive it.
class Encoder {
 public:
  // text_size: bytes of the text to encode.
  Encoder(const TokenizerData& data, size_t text_size)
      : data_(data), merger_(data.merges), cache_(text_size) {
    if (!data.is_byte_level()) sentence_pieces_.emplace(data);
  }

  // plain: where control tokens are not parsed; in order.
  void AddText(std::string_view text, bool parse_special, std::span<const TextRange> plain = {});
  void AddId(int32_t id) { ids_.push_back(id); }
  std::vector<int32_t> TakeIds() { return std::move(ids_); }

 private:
  void AddBetweenControls(std::string_view text);
  void AddAround(const SpecialMatcher& specials, std::string_view text,
                 std::span<const TextRange> plain, void (Encoder::*add_between)(std::string_view));
  void AddPlain(std::string_view text);
  void AddPiece(std::string_view piece);

  const TokenizerData& data_;
  BytePairMerger merger_;
  PieceCache cache_;
  std::optional<SentencePieceEncoder> sentence_pieces_;  // for these kinds
  std::deque<std::string> normalized_;  // parts of the text; the cache refers to them
  std::string collapsed_;               // the text, if its spaces collapse
  std::vector<int32_t> ids_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_ENCODER_H_
