#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace tare {
namespace {

// The textbook encoder, to hold the decoder to.
std::string EncodeUtf8(char32_t c) {
  const auto tail = [&](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) return {static_cast<char>(c)};
  if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

TEST(Utf8, EveryScalarValueIsReadAndNoSurrogateIs) {
  for (char32_t c = 0; c <= 0x110000; ++c) {
    const std::string text = EncodeUtf8(c) + "x";
    const Utf8Char read = DecodeUtf8(text);
    const bool scalar = c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
    ASSERT_EQ(read.status == Utf8Status::kValid, scalar) << std::hex << static_cast<uint32_t>(c);
    if (!scalar) continue;
    ASSERT_EQ(read.code_point, c);
    ASSERT_EQ(read.size, text.size() - 1);
    std::string written = "<";
    AppendUtf8(c, written);
    ASSERT_EQ(written + "x", "<" + text);
  }
}

TEST(Utf8, EveryProperPrefixOfACharacterIsIncomplete) {
  for (char32_t c : {0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF}) {
    const std::string text = EncodeUtf8(c);
    for (size_t size = 1; size < text.size(); ++size) {
      const Utf8Char read = DecodeUtf8(std::string_view(text).substr(0, size));
      EXPECT_EQ(read.status, Utf8Status::kIncomplete) << std::hex << static_cast<uint32_t>(c);
      EXPECT_EQ(read.size, size);
    }
  }
}

TEST(Utf8, IllFormedBytesAreInvalidUpToTheirMaximalSubpart) {
  struct Case {
    std::string_view bytes;
    size_t size;
  };
  const Case cases[] = {{"\x80", 1},         {"\xBF", 1},         {"\xC0\x80", 1},
                        {"\xC1\xBF", 1},     {"\xE0\x9F\x80", 1}, {"\xED\xA0\x80", 1},
                        {"\xF0\x8F\x80", 1}, {"\xF4\x90\x80", 1}, {"\xF5", 1},
                        {"\xFF", 1},         {"\xC3x", 1},        {"\xE2\x82x", 2},
                        {"\xF0\x9F\x98x", 3}};
  for (const Case& c : cases) {
    const Utf8Char read = DecodeUtf8(c.bytes);
    EXPECT_EQ(read.status, Utf8Status::kInvalid) << testing::PrintToString(c.bytes);
    EXPECT_EQ(read.size, c.size) << testing::PrintToString(c.bytes);
  }
}

}  // namespace
}  // namespace tare
