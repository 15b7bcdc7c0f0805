#include "models/tokenizers/sentence_piece_writer.h"

#include <bit>

namespace tare {
namespace {

// A protocol buffer's message, as it grows.
class Message {
 public:
  void AddNumber(uint32_t field, uint64_t value) {
    AddVarint(field << 3);
    AddVarint(value);
  }
  void AddFloat(uint32_t field, float value) {
    AddVarint(field << 3 | 5);
    const auto bits = std::bit_cast<uint32_t>(value);
    for (int i = 0; i < 4; ++i) bytes_.push_back(static_cast<char>(bits >> 8 * i));
  }
  void AddBytes(uint32_t field, std::string_view bytes) {
    AddVarint(field << 3 | 2);
    AddVarint(bytes.size());
    bytes_.append(bytes);
  }
  // -1 stands for none.
  void AddId(uint32_t field, std::optional<int32_t> id) {
    AddNumber(field, static_cast<uint64_t>(id ? int64_t{*id} : int64_t{-1}));
  }

  const std::string& bytes() const { return bytes_; }

 private:
  void AddVarint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string bytes_;
};

}  // namespace

std::string SentencePieceModelBytes(const SentencePieceModel& model) {
  Message whole;
  for (const SentencePieceModel::Piece& piece : model.pieces) {
    Message part;
    part.AddBytes(1, piece.text);
    part.AddFloat(2, piece.score);
    part.AddNumber(3, static_cast<uint64_t>(piece.type));
    whole.AddBytes(1, part.bytes());
  }
  Message trainer;
  trainer.AddNumber(3, model.model_type);
  trainer.AddNumber(24, model.space_is_suffix ? 1 : 0);
  trainer.AddNumber(35, model.byte_fallback ? 1 : 0);
  trainer.AddId(40, model.unknown_id);
  trainer.AddId(41, model.bos_id);
  trainer.AddId(42, model.eos_id);
  trainer.AddId(43, model.padding_id);
  whole.AddBytes(2, trainer.bytes());
  Message normalizer;
  normalizer.AddBytes(1, "identity");
  normalizer.AddNumber(3, model.adds_prefix ? 1 : 0);
  normalizer.AddNumber(4, model.collapses_spaces ? 1 : 0);
  normalizer.AddNumber(5, model.escapes_spaces ? 1 : 0);
  whole.AddBytes(3, normalizer.bytes());
  return whole.bytes();
}

}  // namespace tare
