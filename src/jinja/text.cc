#include "jinja/text.h"

#include <algorithm>

#include "base/utf8.h"

namespace tare::jinja {
namespace {

constexpr char32_t kEscapedByte = 0xDC00;

bool Same(char32_t a, char32_t b) { return CodePoint(a) == CodePoint(b); }

// The first place of `part` in `text`, in linear time whatever they hold (Knuth, Morris and Pratt).
template <typename Iterator>
std::optional<size_t> Search(Iterator text, size_t text_size, Iterator part, size_t part_size) {
  const auto at = [](Iterator from, size_t i) { return from[static_cast<std::ptrdiff_t>(i)]; };
  // border[i]: how much of the part's beginning ends part[0..i], the whole left out.
  std::vector<size_t> border(part_size, 0);
  for (size_t i = 1, size = 0; i < part_size; ++i) {
    while (size > 0 && !Same(at(part, i), at(part, size))) size = border[size - 1];
    if (Same(at(part, i), at(part, size))) ++size;
    border[i] = size;
  }
  for (size_t i = 0, size = 0; i < text_size; ++i) {
    while (size > 0 && !Same(at(text, i), at(part, size))) size = border[size - 1];
    if (Same(at(text, i), at(part, size))) ++size;
    if (size == part_size) return i + 1 - part_size;
  }
  return std::nullopt;
}

}  // namespace

Text FromUtf8(std::string_view bytes, bool is_input) {
  const char32_t mark = is_input ? kInput : 0;
  Text text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const Utf8Char c = DecodeUtf8(bytes);
    if (c.status == Utf8Status::kValid) {
      text.push_back(c.code_point | mark);
    } else {
      for (size_t i = 0; i < c.size; ++i) {
        text.push_back((kEscapedByte + static_cast<unsigned char>(bytes[i])) | mark);
      }
    }
    bytes.remove_prefix(c.size);
  }
  return text;
}

std::string ToUtf8(TextView text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t marked : text) {
    const char32_t c = CodePoint(marked);
    if (c >= kEscapedByte + 0x80 && c <= kEscapedByte + 0xFF) {
      bytes.push_back(static_cast<char>(c - kEscapedByte));
    } else {
      AppendUtf8(c, bytes);
    }
  }
  return bytes;
}

bool Equal(TextView a, TextView b) { return std::ranges::equal(a, b, Same); }

bool Equal(TextView a, std::string_view ascii) {
  return std::ranges::equal(
      a, ascii, [](char32_t x, char y) { return CodePoint(x) == static_cast<unsigned char>(y); });
}

int Compare(TextView a, TextView b) {
  const size_t shared = std::min(a.size(), b.size());
  for (size_t i = 0; i < shared; ++i) {
    if (!Same(a[i], b[i])) return CodePoint(a[i]) < CodePoint(b[i]) ? -1 : 1;
  }
  if (a.size() == b.size()) return 0;
  return a.size() < b.size() ? -1 : 1;
}

std::optional<size_t> Find(TextView text, TextView part, size_t begin) {
  if (begin > text.size()) return std::nullopt;
  if (part.empty()) return begin;
  const TextView rest = text.substr(begin);
  const auto found = Search(rest.begin(), rest.size(), part.begin(), part.size());
  return found ? std::optional(*found + begin) : std::nullopt;
}

std::optional<size_t> FindLast(TextView text, TextView part) {
  if (part.empty()) return text.size();
  const auto found = Search(text.rbegin(), text.size(), part.rbegin(), part.size());
  return found ? std::optional(text.size() - part.size() - *found) : std::nullopt;
}

bool StartsWith(TextView text, TextView part) {
  return text.size() >= part.size() && Equal(text.substr(0, part.size()), part);
}

bool EndsWith(TextView text, TextView part) {
  return text.size() >= part.size() && Equal(text.substr(text.size() - part.size()), part);
}

bool ContainsCharacter(TextView set, char32_t c) {
  return std::ranges::any_of(set, [c](char32_t each) { return Same(each, c); });
}

bool IsSpace(char32_t marked) {
  const char32_t c = CodePoint(marked);
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 ||
         c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

bool IsLineEnd(char32_t marked) {
  const char32_t c = CodePoint(marked);
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 ||
         c == 0x2029;
}

TextView Strip(TextView text, Ends ends, std::optional<TextView> set) {
  const auto is_stripped = [&](char32_t c) {
    return set ? ContainsCharacter(*set, c) : IsSpace(c);
  };
  if (ends != Ends::kRight) {
    while (!text.empty() && is_stripped(text.front())) text.remove_prefix(1);
  }
  if (ends != Ends::kLeft) {
    while (!text.empty() && is_stripped(text.back())) text.remove_suffix(1);
  }
  return text;
}

Text Replace(TextView text, TextView from, TextView to, size_t limit) {
  Text out;
  size_t begin = 0;
  for (size_t done = 0; done < limit; ++done) {
    // An empty `from` is found once before each character.
    const size_t search = from.empty() && done > 0 ? begin + 1 : begin;
    const std::optional<size_t> found = Find(text, from, search);
    if (!found) break;
    out.append(text.substr(begin, *found - begin)).append(to);
    begin = *found + from.size();
  }
  return out.append(text.substr(begin));
}

}  // namespace tare::jinja
