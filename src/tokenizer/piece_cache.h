#ifndef TARE_TOKENIZER_PIECE_CACHE_H_
#define TARE_TOKENIZER_PIECE_CACHE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tokenizer/hash.h"

namespace tare {

// Remembers where in a text a piece was and where its ids went, so that a repeated word is copied
// instead of merged. Stores no strings: the caller owns both the text and the ids.
class PieceCache {
 public:
  // For a text of this many bytes; short texts need no cache.
  explicit PieceCache(size_t text_size) {
    constexpr size_t kMinText = 512;
    constexpr size_t kMaxSlots = 8192;
    if (text_size < kMinText) return;
    slots_.resize(text_size / 8 < kMaxSlots ? text_size / 8 : kMaxSlots);
  }

  // Appends the ids of an equal piece to `ids`; false if none is known.
  bool AppendKnown(std::string_view piece, std::vector<int32_t>& ids) const {
    if (!Cacheable(piece)) return false;
    const Slot& slot = slots_[SlotOf(HashBytes(piece), slots_.size())];
    if (std::string_view(slot.piece, slot.piece_size) != piece) return false;
    for (size_t i = 0; i < slot.id_count; ++i) ids.push_back(ids[slot.first_id + i]);
    return true;
  }

  // The ids of `piece`, which must stay where it is, are ids[first_id..].
  void Remember(std::string_view piece, const std::vector<int32_t>& ids, size_t first_id) {
    if (!Cacheable(piece) || first_id > UINT32_MAX) return;
    slots_[SlotOf(HashBytes(piece), slots_.size())] = {
        piece.data(), static_cast<uint32_t>(first_id), static_cast<uint16_t>(piece.size()),
        static_cast<uint16_t>(ids.size() - first_id)};
  }

 private:
  struct Slot {
    const char* piece = nullptr;
    uint32_t first_id = 0;
    uint16_t piece_size = 0;
    uint16_t id_count = 0;
  };

  bool Cacheable(std::string_view piece) const {
    constexpr size_t kMaxPiece = 64;
    return !slots_.empty() && piece.size() <= kMaxPiece;
  }

  std::vector<Slot> slots_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_PIECE_CACHE_H_
