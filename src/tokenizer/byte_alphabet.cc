#include "tokenizer/byte_alphabet.h"

#include <array>

#include "base/utf8.h"

namespace tare {
namespace {

constexpr int kStandInCount = 68;
constexpr char32_t kFirstStandIn = 0x100;

constexpr bool StandsForItself(int byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

constexpr std::array<char32_t, 256> kCharOfByte = [] {
  std::array<char32_t, 256> chars{};
  char32_t stand_in = kFirstStandIn;
  for (int byte = 0; byte < 256; ++byte) chars[byte] = StandsForItself(byte) ? byte : stand_in++;
  return chars;
}();

constexpr std::array<uint8_t, kStandInCount> kByteOfStandIn = [] {
  std::array<uint8_t, kStandInCount> bytes{};
  for (int byte = 0; byte < 256; ++byte) {
    if (!StandsForItself(byte)) bytes[kCharOfByte[byte] - kFirstStandIn] = byte;
  }
  return bytes;
}();

}  // namespace

std::string ByteToAlphabet(uint8_t byte) {
  const char32_t c = kCharOfByte[byte];
  if (c < 0x80) return {static_cast<char>(c)};
  return {static_cast<char>(0xC0 | c >> 6), static_cast<char>(0x80 | (c & 0x3F))};
}

bool AppendFromAlphabet(std::string_view text, std::string& bytes) {
  const size_t begin = bytes.size();
  while (!text.empty()) {
    const Utf8Char c = DecodeUtf8(text);
    if (c.status == Utf8Status::kValid && c.code_point < 0x100 && StandsForItself(c.code_point)) {
      bytes.push_back(static_cast<char>(c.code_point));
    } else if (c.status == Utf8Status::kValid && c.code_point >= kFirstStandIn &&
               c.code_point < kFirstStandIn + kStandInCount) {
      bytes.push_back(static_cast<char>(kByteOfStandIn[c.code_point - kFirstStandIn]));
    } else {
      bytes.resize(begin);
      return false;
    }
    text.remove_prefix(c.size);
  }
  return true;
}

}  // namespace tare
