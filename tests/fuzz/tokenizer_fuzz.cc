// Any bytes are text that survives encoding, whole and streamed; any bytes are a vocabulary or an
// error.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/utf8.h"
#include "tare/tokenizer.h"
#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {

// The settings in the first byte of the input.
struct Mode {
  explicit Mode(uint8_t bits)
      : own_vocabulary((bits & 1) != 0),
        parse_special((bits & 4) != 0),
        pre_tokenizer((bits & 8) != 0 ? PreTokenizer::kSmolLm : PreTokenizer::kGpt2),
        all_bytes((bits & 16) != 0) {}
  bool own_vocabulary;
  bool parse_special;
  PreTokenizer pre_tokenizer;
  bool all_bytes;
};

Tokenizer MakeBuiltIn(PreTokenizer pre_tokenizer) {
  const auto vocabulary = TestVocabulary::OfBytes(
      {"t h", "th e", "Ġ the", "a a", "aa aa", "Ġ Ġ", "Ã ©", "ð Ł", "ðŁ ĺ"},
      {"<|im_start|>", "<|im_end|>", "<|im|>", "<|im|>x"}, {"é\t", "=>", "=>>"});
  return std::move(Tokenizer::Create(vocabulary.View(pre_tokenizer))).value();
}

std::string ReplaceIllFormed(std::string_view bytes) {
  std::string text;
  while (!bytes.empty()) {
    const Utf8Char c = DecodeUtf8(bytes);
    text += c.status == Utf8Status::kValid ? bytes.substr(0, c.size) : "\uFFFD";
    bytes.remove_prefix(c.size);
  }
  return text;
}

void CheckText(const Tokenizer& tokenizer, std::string_view text, bool parse_special) {
  const auto ids = tokenizer.Encode(text, {.parse_special = parse_special}).value();
  const std::string bytes = tokenizer.Decode(ids).value();
  bool whole = true;
  for (int byte = 0; byte < 256; ++byte) whole &= tokenizer.EncodesByte(static_cast<uint8_t>(byte));
  if (whole) TARE_CHECK(bytes == text);

  StreamDecoder stream(tokenizer);
  std::string streamed;
  for (int32_t id : ids) {
    if (!parse_special) TARE_CHECK(!tokenizer.IsControl(id));
    const std::string part = stream.Push(id).value();
    TARE_CHECK(ReplaceIllFormed(part) == part);
    streamed += part;
  }
  streamed += stream.Flush();
  TARE_CHECK(streamed == ReplaceIllFormed(bytes));
}

// Reads a vocabulary, one entry per line: n, c or u and a text is a token of that type; m and a
// text is a merge. An empty line ends the vocabulary. Returns the rest of the input.
std::string_view ReadVocabulary(std::string_view input, TestVocabulary& vocabulary) {
  while (!input.empty()) {
    const size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = input.substr(0, end);
    input.remove_prefix(std::min(end + 1, input.size()));
    if (line.empty()) break;
    const std::string text(line.substr(1));
    if (line[0] == 'm') vocabulary.merges.push_back(text);
    if (line[0] == 'n') vocabulary.Add(text, 1);
    if (line[0] == 'c') vocabulary.Add(text, 3);
    if (line[0] == 'u') vocabulary.Add(text, 4);
  }
  return input;
}

void CheckOwnVocabulary(const Mode& mode, std::string_view input) {
  TestVocabulary vocabulary;
  if (mode.all_bytes) vocabulary = TestVocabulary::OfBytes({});
  const std::string_view text = ReadVocabulary(input, vocabulary);
  const auto tokenizer = Tokenizer::Create(vocabulary.View(mode.pre_tokenizer));
  if (tokenizer.ok()) return CheckText(*tokenizer, text, mode.parse_special);
  TARE_CHECK(tokenizer.error().message().size() < 1000);
}

}  // namespace
}  // namespace tare

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::array<tare::Tokenizer, 2> kBuiltIn = {
      tare::MakeBuiltIn(tare::PreTokenizer::kGpt2), tare::MakeBuiltIn(tare::PreTokenizer::kSmolLm)};
  if (size == 0) return 0;
  const tare::Mode mode(data[0]);
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const tare::Tokenizer& built_in = kBuiltIn[mode.pre_tokenizer == tare::PreTokenizer::kSmolLm];
  if (mode.own_vocabulary) {
    tare::CheckOwnVocabulary(mode, input);
  } else {
    tare::CheckText(built_in, input, mode.parse_special);
  }
  return 0;
}
