#include "tools/synth/synth_tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/count_text.h"
#include "base/mapped_file.h"
#include "format/json/json_file.h"
#include "format/quote.h"
#include "models/tokenizers/sentence_piece_writer.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/token_table.h"
#include "tokenizer/token_types.h"
#include "tools/synth/bpe_trainer.h"

namespace tare {
namespace {

constexpr uint64_t kMaxVocabularyBytes = 256 << 20;

std::vector<std::string> SpecialTokens(const KerasTokenizerClass& known) {
  std::vector<std::string> tokens = {std::string(known.start)};
  if (known.end != known.start) tokens.emplace_back(known.end);
  tokens.insert(tokens.end(), known.demanded.begin(), known.demanded.end());
  tokens.emplace_back(known.second_end);
  std::erase(tokens, "");
  return tokens;
}

void SetEnds(const KerasTokenizerClass& known, KerasTokenizer& tokenizer) {
  tokenizer.bos = known.start;
  tokenizer.eos = known.end;
}

Result<std::vector<std::string>> ReadTokens(const std::string& path, size_t size) {
  std::vector<std::string> tokens;
  size_t count = 0;
  const JsonReceiver receiver = {[](JsonPath at) { return at.empty(); },
                                 [&](JsonPath at, nlohmann::json& value) -> Status {
                                   if (at.empty() || !value.is_number_unsigned()) {
                                     return CorruptFile(
                                         "expected an object of tokens and their ids, got {}",
                                         value.type_name());
                                   }
                                   const auto id = value.get<uint64_t>();
                                   ++count;
                                   if (id >= size) return {};  // counted, and refused below
                                   if (tokens.size() <= id) tokens.resize(id + 1);
                                   tokens[id] = at[0];
                                   return {};
                                 }};
  TARE_RETURN_IF_ERROR(ReadJsonFile(path, kMaxVocabularyBytes, receiver));
  if (count != size) {
    return InvalidInput("{}: has {}, but the shape's vocabulary is {}", path,
                        CountText(count, "token"), size);
  }
  if (tokens.size() != size || std::find(tokens.begin(), tokens.end(), "") != tokens.end()) {
    return CorruptFile("{}: has {} tokens, expected each id from 0 to {} once", path, size,
                       size - 1);
  }
  return tokens;
}

Result<std::vector<std::string>> ReadMergeLines(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  std::string_view rest(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
  std::vector<std::string> merges;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty() && !line.starts_with("#version:")) merges.emplace_back(line);
  }
  return merges;
}

std::optional<int32_t> IdOf(std::string_view token, const KerasTokenizer& tokenizer) {
  const auto found = std::ranges::find(tokenizer.tokens, token);
  if (found == tokenizer.tokens.end()) return std::nullopt;
  return static_cast<int32_t>(found - tokenizer.tokens.begin());
}

// Adds tokens and merges to `vocabulary`, which says how texts are split.
Result<Tokenizer> CreateTokenizer(const KerasTokenizer& tokenizer, TokenizerVocabulary vocabulary) {
  std::vector<int32_t> types(tokenizer.tokens.size(), kNormalType);
  for (const std::string& special : tokenizer.special_tokens) {
    const std::optional<int32_t> id = IdOf(special, tokenizer);
    if (!id) return InvalidInput("special token {} is not in the vocabulary", Quote(special));
    types[static_cast<size_t>(*id)] = kControlType;
  }
  vocabulary.tokens = SequenceOf<std::string_view>(tokenizer.tokens);
  vocabulary.merges = SequenceOf<std::string_view>(tokenizer.merges);
  vocabulary.token_types = SequenceOf<int32_t>(types);
  return Tokenizer::Create(vocabulary);
}

// The characters that get a piece: those of ASCII that texts have.
bool IsPieceChar(int c) { return c == '\n' || c == '\t' || (c >= ' ' && c < 0x7F); }

// A token in the byte alphabet as a piece.
std::string PieceOf(const std::string& token) {
  std::string bytes;
  AppendFromAlphabet(token, bytes);
  std::string piece;
  for (const char c : bytes) piece.append(c == ' ' ? kSpaceMark : std::string_view(&c, 1));
  return piece;
}

// SentencePiece's kind: an unknown token, the special ones, all bytes, ASCII's characters, and what
// byte-pair encoding learns from `text`, which is ASCII. The earlier a piece, the higher its score.
Result<KerasTokenizer> MakeSentencePieces(std::string_view text, size_t size,
                                          const KerasTokenizerClass& known) {
  KerasTokenizer tokenizer;
  tokenizer.special_tokens = SpecialTokens(known);
  std::vector<int32_t> types;
  const auto add = [&](std::string piece, int32_t type) {
    tokenizer.tokens.push_back(std::move(piece));
    types.push_back(type);
  };
  add("<unk>", 2);
  for (const std::string& special : tokenizer.special_tokens) {
    if (special != "<unk>") add(special, 3);
  }
  for (int byte = 0; byte < 256; ++byte) add(fmt::format("<0x{:02X}>", byte), 6);
  for (int c = 0; c < 0x80; ++c) {
    if (IsPieceChar(c)) add(PieceOf(ByteToAlphabet(static_cast<uint8_t>(c))), 1);
  }
  const size_t fixed = tokenizer.tokens.size();
  if (size < fixed) {
    return InvalidInput(
        "a vocabulary of {} has no room for 256 bytes, the characters of ASCII and the special "
        "tokens; use {} or more",
        size, fixed);
  }
  LearntBpe bpe = TrainBpe(text, size - fixed);
  AddInventedMerges(size - fixed, bpe);
  for (size_t i = 0; i < size - fixed; ++i) add(PieceOf(bpe.tokens[kByteTokens + i]), 1);

  SentencePieceModel model;
  for (size_t i = 0; i < size; ++i) {
    const bool is_learnt = i >= fixed;
    const float score = is_learnt ? -static_cast<float>(i - fixed)
                                  : (types[i] == 1 ? -static_cast<float>(size) : 0.0F);
    model.pieces.push_back({tokenizer.tokens[i], score, types[i]});
  }
  model.model_type = 2;
  model.byte_fallback = true;
  model.unknown_id = 0;
  model.bos_id = IdOf(known.start, tokenizer);
  model.eos_id = IdOf(known.end, tokenizer);
  model.adds_prefix = known.adds_space_prefix;
  model.collapses_spaces = false;
  tokenizer.sentence_piece = SentencePieceModelBytes(model);
  SetEnds(known, tokenizer);
  return tokenizer;
}

}  // namespace

KerasTokenizerClass SynthSpecials(const Family& family) {
  if (SynthesisFormat(family) == ModelFormat::kKeras) return family.keras_tokenizer;
  const HuggingFaceTokenizerClass& known = family.hugging_face_tokenizer;
  return {.start = known.start, .end = known.end};
}

Result<KerasTokenizer> MakeTokenizer(std::string_view text, size_t size,
                                     const KerasTokenizerClass& known) {
  if (known.is_sentence_piece) return MakeSentencePieces(text, size, known);
  KerasTokenizer tokenizer;
  tokenizer.special_tokens = SpecialTokens(known);
  const size_t fixed = kByteTokens + tokenizer.special_tokens.size();
  if (size < fixed) {
    return InvalidInput(
        "a vocabulary of {} has no room for 256 bytes and {} special tokens; use {} or more", size,
        tokenizer.special_tokens.size(), fixed);
  }
  LearntBpe bpe = TrainBpe(text, size - fixed);
  AddInventedMerges(size - fixed, bpe);
  tokenizer.merges.reserve(bpe.merges.size());
  for (const BpeMerge& merge : bpe.merges) {
    tokenizer.merges.push_back(bpe.tokens[merge.left] + " " + bpe.tokens[merge.right]);
  }
  tokenizer.tokens = std::move(bpe.tokens);
  tokenizer.tokens.insert(tokenizer.tokens.end(), tokenizer.special_tokens.begin(),
                          tokenizer.special_tokens.end());
  SetEnds(known, tokenizer);
  return tokenizer;
}

Result<KerasTokenizer> ReadTokenizer(const std::string& folder, size_t size,
                                     const KerasTokenizerClass& known) {
  if (known.is_sentence_piece) {
    return Unsupported("{}: a SentencePiece tokenizer cannot be made of vocabulary.json", folder);
  }
  std::error_code ignored;
  const bool as_published = std::filesystem::exists(folder + "/encoder.json", ignored);
  KerasTokenizer tokenizer;
  TARE_ASSIGN_OR_RETURN(
      tokenizer.tokens,
      ReadTokens(folder + (as_published ? "/encoder.json" : "/vocabulary.json"), size));
  TARE_ASSIGN_OR_RETURN(tokenizer.merges,
                        ReadMergeLines(folder + (as_published ? "/vocab.bpe" : "/merges.txt")));
  tokenizer.special_tokens = SpecialTokens(known);
  SetEnds(known, tokenizer);
  const auto created = CreateTokenizer(tokenizer, {});
  if (!created.ok()) return created.error().In(folder);
  return tokenizer;
}

Result<Tokenizer> SplittingTokenizer(const KerasTokenizer& tokenizer, const Family& family) {
  TokenizerVocabulary vocabulary;
  TARE_ASSIGN_OR_RETURN(const NamedPreTokenizer named, FindPreTokenizer(family.pre_tokenizer));
  vocabulary.pre_tokenizer = named.split;
  vocabulary.puts_into_nfc = family.hugging_face_tokenizer.puts_into_nfc;
  vocabulary.bos_id = IdOf(tokenizer.bos, tokenizer);
  vocabulary.eos_id = IdOf(tokenizer.eos, tokenizer);
  return CreateTokenizer(tokenizer, std::move(vocabulary));
}

}  // namespace tare
