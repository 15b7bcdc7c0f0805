#include "tools/synth/synth_tokenizer.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/count_text.h"
#include "base/mapped_file.h"
#include "format/json/json_file.h"
#include "format/quote.h"
#include "tare/tokenizer.h"
#include "tools/synth/bpe_trainer.h"

namespace tare {
namespace {

constexpr uint64_t kMaxVocabularyBytes = 256 << 20;

std::vector<std::string> SpecialTokens(const KerasTokenizerClass& known) {
  std::vector<std::string> tokens = {std::string(known.start)};
  if (known.end != known.start) tokens.emplace_back(known.end);
  tokens.insert(tokens.end(), known.demanded.begin(), known.demanded.end());
  if (!known.second_end.empty()) tokens.emplace_back(known.second_end);
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

// Checks that a Tokenizer can be created from it.
Status CheckTokenizer(const KerasTokenizer& tokenizer) {
  std::vector<int32_t> types(tokenizer.tokens.size(), 1);
  for (const std::string& special : tokenizer.special_tokens) {
    const auto found = std::find(tokenizer.tokens.begin(), tokenizer.tokens.end(), special);
    if (found == tokenizer.tokens.end()) {
      return InvalidInput("special token {} is not in the vocabulary", Quote(special));
    }
    types[static_cast<size_t>(found - tokenizer.tokens.begin())] = 3;
  }
  BpeVocabulary vocabulary;
  vocabulary.tokens = SequenceOf<std::string_view>(tokenizer.tokens);
  vocabulary.merges = SequenceOf<std::string_view>(tokenizer.merges);
  vocabulary.token_types = SequenceOf<int32_t>(types);
  const auto made = Tokenizer::Create(vocabulary);
  if (!made.ok()) return made.error();
  return {};
}

}  // namespace

Result<KerasTokenizer> MakeTokenizer(std::string_view text, size_t size,
                                     const KerasTokenizerClass& known) {
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
  const Status checked = CheckTokenizer(tokenizer);
  if (!checked.ok()) return checked.error().In(folder);
  return tokenizer;
}

}  // namespace tare
