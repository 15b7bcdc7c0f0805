#include "models/tokenizers/sentence_piece_model.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "format/quote.h"
#include "tokenizer/token_table.h"
#include "tokenizer/token_types.h"

namespace tare {
namespace {

enum class Wire { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

// A field of a message.
struct Field {
  uint64_t number = 0;
  Wire wire = Wire::kVarint;
  uint64_t value = 0;      // of a number, or its bits
  std::string_view bytes;  // of text or a message
};

// Reads the fields of a message one after the other.
//   Source  protobuf.dev, "Encoding".
class FieldReader {
 public:
  explicit FieldReader(std::string_view message) : rest_(message) {}

  bool at_end() const { return rest_.empty(); }

  Result<Field> Next() {
    Field field;
    TARE_ASSIGN_OR_RETURN(const uint64_t tag, ReadVarint());
    field.number = tag >> 3;
    field.wire = static_cast<Wire>(tag & 7);
    if (field.number == 0) return CorruptFile("field number 0");
    switch (field.wire) {
      case Wire::kVarint: {
        TARE_ASSIGN_OR_RETURN(field.value, ReadVarint());
        return field;
      }
      case Wire::kFixed64:
      case Wire::kFixed32: {
        const size_t size = field.wire == Wire::kFixed32 ? 4 : 8;
        TARE_ASSIGN_OR_RETURN(const std::string_view bytes, Take(size));
        for (size_t i = 0; i < size; ++i) {
          field.value |= static_cast<uint64_t>(static_cast<uint8_t>(bytes[i])) << 8 * i;
        }
        return field;
      }
      case Wire::kBytes: {
        TARE_ASSIGN_OR_RETURN(const uint64_t size, ReadVarint());
        TARE_ASSIGN_OR_RETURN(field.bytes, Take(size));
        return field;
      }
    }
    return CorruptFile("field {} has wire type {}, expected 0, 1, 2 or 5", field.number, tag & 7);
  }

 private:
  Result<uint64_t> ReadVarint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      TARE_ASSIGN_OR_RETURN(const std::string_view byte, Take(1));
      value |= static_cast<uint64_t>(byte[0] & 0x7F) << shift;
      if ((byte[0] & 0x80) == 0) return value;
    }
    return CorruptFile("a number has more than ten bytes");
  }

  Result<std::string_view> Take(uint64_t size) {
    if (size > rest_.size()) {
      return CorruptFile("a field has {} bytes, but {} are left", size, rest_.size());
    }
    const std::string_view taken = rest_.substr(0, static_cast<size_t>(size));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
};

// Calls take(field) for each field of `message` with the expected wire type; fails for a field that
// take() asks for with another.
template <typename Take>
Status ForEachField(std::string_view message, Take take) {
  FieldReader reader(message);
  while (!reader.at_end()) {
    TARE_ASSIGN_OR_RETURN(const Field field, reader.Next());
    TARE_RETURN_IF_ERROR(take(field));
  }
  return {};
}

Status Expect(const Field& field, Wire wire, const char* name) {
  if (field.wire == wire) return {};
  return CorruptFile("{} has wire type {}, expected {}", name, static_cast<int>(field.wire),
                     static_cast<int>(wire));
}

Result<SentencePieceModel::Piece> ReadPiece(std::string_view message) {
  SentencePieceModel::Piece piece;
  const Status read = ForEachField(message, [&](const Field& field) -> Status {
    switch (field.number) {
      case 1:
        TARE_RETURN_IF_ERROR(Expect(field, Wire::kBytes, "a piece's text"));
        piece.text = field.bytes;
        break;
      case 2:
        TARE_RETURN_IF_ERROR(Expect(field, Wire::kFixed32, "a piece's score"));
        piece.score = std::bit_cast<float>(static_cast<uint32_t>(field.value));
        break;
      case 3:
        TARE_RETURN_IF_ERROR(Expect(field, Wire::kVarint, "a piece's type"));
        piece.type = static_cast<int32_t>(field.value);
        break;
      default:
        break;
    }
    return {};
  });
  TARE_RETURN_IF_ERROR(read);
  return piece;
}

struct Setting {
  uint64_t number;
  const char* name;
};

// The number of a setting if `field` is it.
Result<std::optional<uint64_t>> NumberOf(const Field& field, const Setting& setting) {
  if (field.number != setting.number) return std::optional<uint64_t>();
  TARE_RETURN_IF_ERROR(Expect(field, Wire::kVarint, setting.name));
  return std::optional<uint64_t>(field.value);
}

Status ReadTrainerSpec(std::string_view message, SentencePieceModel& model) {
  struct Flag {
    Setting setting;
    bool SentencePieceModel::*member;
  };
  struct Id {
    Setting setting;
    std::optional<int32_t> SentencePieceModel::*member;
  };
  constexpr Flag kFlags[] = {
      {{24, "treat_whitespace_as_suffix"}, &SentencePieceModel::space_is_suffix},
      {{35, "byte_fallback"}, &SentencePieceModel::byte_fallback}};
  constexpr Id kIds[] = {{{40, "unk_id"}, &SentencePieceModel::unknown_id},
                         {{41, "bos_id"}, &SentencePieceModel::bos_id},
                         {{42, "eos_id"}, &SentencePieceModel::eos_id},
                         {{43, "pad_id"}, &SentencePieceModel::padding_id}};
  // The defaults of the format.
  model.unknown_id = 0;
  model.bos_id = 1;
  model.eos_id = 2;
  return ForEachField(message, [&](const Field& field) -> Status {
    TARE_ASSIGN_OR_RETURN(const auto type, NumberOf(field, {3, "model_type"}));
    if (type) model.model_type = *type;
    for (const Flag& flag : kFlags) {
      TARE_ASSIGN_OR_RETURN(const auto value, NumberOf(field, flag.setting));
      if (value) model.*flag.member = *value != 0;
    }
    for (const Id& id : kIds) {
      TARE_ASSIGN_OR_RETURN(const auto value, NumberOf(field, id.setting));
      if (!value) continue;
      const auto number = static_cast<int64_t>(*value);  // -1: there is none
      if (number >= 0 && number <= std::numeric_limits<int32_t>::max()) {
        model.*id.member = static_cast<int32_t>(number);
      } else {
        (model.*id.member).reset();
      }
    }
    return {};
  });
}

Status ReadNormalizerSpec(std::string_view message, SentencePieceModel& model) {
  struct Flag {
    Setting setting;
    bool SentencePieceModel::*member;
  };
  constexpr Flag kFlags[] = {
      {{3, "add_dummy_prefix"}, &SentencePieceModel::adds_prefix},
      {{4, "remove_extra_whitespaces"}, &SentencePieceModel::collapses_spaces},
      {{5, "escape_whitespaces"}, &SentencePieceModel::escapes_spaces}};
  return ForEachField(message, [&](const Field& field) -> Status {
    if (field.number == 2) {
      TARE_RETURN_IF_ERROR(Expect(field, Wire::kBytes, "precompiled_charsmap"));
      model.has_charsmap = !field.bytes.empty();
    }
    for (const Flag& flag : kFlags) {
      TARE_ASSIGN_OR_RETURN(const auto value, NumberOf(field, flag.setting));
      if (value) model.*flag.member = *value != 0;
    }
    return {};
  });
}

Result<TokenizerKind> CheckSettings(const SentencePieceModel& model) {
  if (model.has_charsmap) {
    return Unsupported(
        "normalizer_spec has a precompiled_charsmap: the tokenizer normalises text, which is not "
        "supported");
  }
  if (model.space_is_suffix) {
    return Unsupported("treat_whitespace_as_suffix is true, expected false");
  }
  if (!model.escapes_spaces) return Unsupported("escape_whitespaces is false, expected true");
  if (model.model_type == 1) return TokenizerKind::kUnigram;
  if (model.model_type == 2) return TokenizerKind::kScoredBpe;
  return Unsupported("model_type is {}, expected 1 (UNIGRAM) or 2 (BPE)", model.model_type);
}

// A user-defined piece with spaces in place of U+2581, as it occurs in a text.
std::string WithSpaces(std::string_view text) {
  std::string spaced;
  while (!text.empty()) {
    const bool is_mark = text.starts_with(kSpaceMark);
    spaced.push_back(is_mark ? ' ' : text[0]);
    text.remove_prefix(is_mark ? kSpaceMark.size() : 1);
  }
  return spaced;
}

constexpr float kAddedScore = -1000;  // as llama.cpp has it; no part of a text is such a token

// Adds what other files say to the pieces. The texts borrow `context`.
Status Complete(const SentencePieceContext& context, SentencePieceModel& model,
                std::vector<SpecialRule>& rules) {
  std::vector<SentencePieceModel::Piece>& pieces = model.pieces;
  for (const uint64_t id : context.control_ids) {
    if (id < pieces.size()) pieces[id].type = kControlType;
  }
  for (const AddedToken& token : context.added) {
    if (token.id > pieces.size()) {
      return CorruptFile("added token {} has id {}, but the ids before it end at {}",
                         Quote(token.text), token.id, pieces.size());
    }
    if (token.id == pieces.size()) pieces.push_back({token.text, kAddedScore, kUserDefinedType});
    SentencePieceModel::Piece& piece = pieces[token.id];
    if (piece.text != token.text) {
      return CorruptFile("added token {} has id {}, which is that of {}", Quote(token.text),
                         token.id, Quote(piece.text));
    }
    if (piece.type != kUnknownType) piece.type = token.is_special ? kControlType : kUserDefinedType;
    AddRule(token, rules);
  }
  return {};
}

// The id that `text` has, or else the model's own.
std::optional<int32_t> IdOf(const std::string& text, std::optional<int32_t> id,
                            const SentencePieceModel& model) {
  const auto found = std::ranges::find(model.pieces, text, &SentencePieceModel::Piece::text);
  if (!text.empty() && found != model.pieces.end()) {
    return static_cast<int32_t>(found - model.pieces.begin());
  }
  return id && static_cast<size_t>(*id) < model.pieces.size() ? id : std::optional<int32_t>();
}

Result<Tokenizer> MakeTokenizer(SentencePieceModel model, const SentencePieceContext& context) {
  TokenizerVocabulary vocabulary;
  TARE_ASSIGN_OR_RETURN(vocabulary.kind, CheckSettings(model));
  TARE_RETURN_IF_ERROR(Complete(context, model, vocabulary.rules));
  const std::vector<SentencePieceModel::Piece>& pieces = model.pieces;
  std::string spaced;
  vocabulary.tokens = {pieces.size(), [&, i = size_t{0}]() mutable -> std::string_view {
                         const SentencePieceModel::Piece& piece = pieces[i++];
                         if (piece.type != kUserDefinedType) return piece.text;
                         spaced = WithSpaces(piece.text);
                         return spaced;
                       }};
  vocabulary.scores = {pieces.size(), [&, i = size_t{0}]() mutable { return pieces[i++].score; }};
  vocabulary.token_types = {pieces.size(),
                            [&, i = size_t{0}]() mutable { return pieces[i++].type; }};
  vocabulary.bos_id = IdOf(context.start, model.bos_id, model);
  vocabulary.eos_id = IdOf(context.end, model.eos_id, model);
  vocabulary.unknown_id = IdOf("", model.unknown_id, model);
  for (const uint64_t id : context.end_ids) {
    if (id < pieces.size()) vocabulary.other_end_ids.push_back(static_cast<int32_t>(id));
  }
  vocabulary.adds_bos = vocabulary.bos_id.has_value();
  if (model.adds_prefix) vocabulary.space_prefix = SpacePrefix::kBeforeAll;
  vocabulary.byte_fallback = model.byte_fallback;
  vocabulary.collapses_spaces = model.collapses_spaces;
  return Tokenizer::Create(vocabulary);
}

}  // namespace

Result<SentencePieceModel> ParseSentencePieceModel(std::span<const std::byte> bytes) {
  const std::string_view message(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  SentencePieceModel model;
  const Status read = ForEachField(message, [&](const Field& field) -> Status {
    if (field.number < 1 || field.number > 3) return {};
    TARE_RETURN_IF_ERROR(Expect(field, Wire::kBytes, "a part of the model"));
    if (field.number == 2) return ReadTrainerSpec(field.bytes, model);
    if (field.number == 3) return ReadNormalizerSpec(field.bytes, model);
    TARE_ASSIGN_OR_RETURN(const SentencePieceModel::Piece piece, ReadPiece(field.bytes));
    model.pieces.push_back(piece);
    return {};
  });
  TARE_RETURN_IF_ERROR(read);
  if (model.pieces.empty()) {
    return CorruptFile("has no pieces, expected a SentencePiece model");
  }
  return model;
}

Result<Tokenizer> MakeSentencePieceTokenizer(std::span<const std::byte> bytes,
                                             const std::string& name,
                                             const SentencePieceContext& context) {
  Result<SentencePieceModel> model = ParseSentencePieceModel(bytes);
  if (!model.ok()) return model.error().In(name);
  Result<Tokenizer> tokenizer = MakeTokenizer(*std::move(model), context);
  if (!tokenizer.ok()) return tokenizer.error().In(name);
  return tokenizer;
}

}  // namespace tare
