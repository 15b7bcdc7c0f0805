#include "base/utf8.h"

#include <cstdint>

namespace tare {
namespace {

// What a leading byte determines: the length, and the bounds of the second byte, which exclude
// overlong forms, surrogates and values that are too large.
struct Lead {
  size_t size;
  uint8_t second_min;
  uint8_t second_max;
};

Lead LeadOf(uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

Utf8Char DecodeUtf8(std::string_view text) {
  const auto first = static_cast<uint8_t>(text[0]);
  if (first < 0x80) return {first, 1, Utf8Status::kValid};
  const Lead lead = LeadOf(first);
  if (lead.size == 0) return {0, 1, Utf8Status::kInvalid};

  char32_t code_point = first & (0x7F >> lead.size);
  uint8_t low = lead.second_min;
  uint8_t high = lead.second_max;
  for (size_t i = 1; i < lead.size; ++i) {
    if (i == text.size()) return {0, i, Utf8Status::kIncomplete};
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < low || byte > high) return {0, i, Utf8Status::kInvalid};
    code_point = code_point << 6 | (byte & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {code_point, lead.size, Utf8Status::kValid};
}

void AppendUtf8(char32_t code_point, std::string& out) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) return put(code_point);
  if (code_point < 0x800) {
    put(0xC0 | code_point >> 6);
  } else if (code_point < 0x10000) {
    put(0xE0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3F));
  } else {
    put(0xF0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3F));
    put(0x80 | (code_point >> 6 & 0x3F));
  }
  put(0x80 | (code_point & 0x3F));
}

}  // namespace tare
