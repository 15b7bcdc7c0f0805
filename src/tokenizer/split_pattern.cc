#include "tokenizer/split_pattern.h"

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "base/utf8.h"

namespace tare {
namespace {

using Elements = std::vector<SplitElement>;
using Kind = SplitElement::Kind;

constexpr uint32_t kUnbounded = std::numeric_limits<uint32_t>::max();
constexpr CharSet kAll = ~CharSet{0};

struct NamedSet {
  std::string_view name;
  CharSet set;
};

using C = CharClass;
constexpr CharSet kUppers = SetOf(C::kAsciiUpper, C::kUpper);
constexpr CharSet kLowers = SetOf(C::kAsciiLower, C::kLower);
constexpr CharSet kNumbers = SetOf(C::kAsciiDigit, C::kNumber);
constexpr CharSet kSpaces = SetOf(C::kBlank, C::kLineEnd, C::kSpace);
// \p{Digits} is our own: what the reference's Digits step splits.
constexpr NamedSet kProperties[] = {
    {"L", kUppers | kLowers | SetOf(C::kTitle, C::kModifierLetter, C::kOtherLetter)},
    {"Lu", kUppers},
    {"Ll", kLowers},
    {"Lt", SetOf(C::kTitle)},
    {"Lm", SetOf(C::kModifierLetter)},
    {"Lo", SetOf(C::kOtherLetter)},
    {"M", SetOf(C::kMark)},
    {"N", kNumbers},
    {"P", SetOf(C::kAsciiPunctuation, C::kApostrophe, C::kSlash, C::kPunctuation)},
    {"S", SetOf(C::kAsciiSymbol, C::kBacktick, C::kSymbol)},
    {"Digits", kNumbers | SetOf(C::kNumeric)},
};

// A bracket expression, or the like, as it is read.
class TestBuilder {
 public:
  void Add(CharSet classes) { test_.classes |= classes; }
  void Add(char32_t first, char32_t last) {
    for (char32_t c = first; c <= last && c < kAscii; ++c) ascii_[c] = true;
    if (last >= kAscii) test_.ranges.emplace_back(std::max(first, char32_t{kAscii}), last);
  }

  CharTest Build(bool negated) {
    TakeWholeClasses();
    for (char32_t c = 0; c < kAscii; ++c) {
      if (ascii_[c]) test_.ranges.emplace_back(c, c);
    }
    std::sort(test_.ranges.begin(), test_.ranges.end());
    test_.negated = negated && !test_.ranges.empty();
    if (negated && test_.ranges.empty()) test_.classes = ~test_.classes;
    return std::move(test_);
  }

 private:
  static constexpr size_t kAscii = 128;

  // Turns the ASCII characters that make up a whole class into that class, which is faster.
  void TakeWholeClasses() {
    for (const C c :
         {C::kAsciiUpper, C::kAsciiLower, C::kAsciiDigit, C::kAsciiPunctuation, C::kApostrophe,
          C::kSlash, C::kAsciiSymbol, C::kBacktick, C::kBlank, C::kLineEnd}) {
      bool whole = true;
      for (size_t i = 0; i < kAscii; ++i) whole = whole && (kAsciiClasses[i] != c || ascii_[i]);
      if (!whole) continue;
      test_.classes |= SetOf(c);
      for (size_t i = 0; i < kAscii; ++i) ascii_[i] = ascii_[i] && kAsciiClasses[i] != c;
    }
  }

  CharTest test_;
  std::array<bool, kAscii> ascii_{};
};

class Parser {
 public:
  explicit Parser(std::string_view regex) : rest_(regex) {}

  std::vector<Elements> ReadAlternatives() {
    std::vector<Elements> alternatives(1);
    while (!rest_.empty() && rest_[0] != ')') {
      if (Take("|")) {
        alternatives.emplace_back();
      } else {
        alternatives.back().push_back(ReadElement());
      }
    }
    return alternatives;
  }
  bool at_end() const { return rest_.empty(); }

 private:
  bool Take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  char32_t TakeChar() {
    TARE_CHECK(!rest_.empty());
    const Utf8Char c = DecodeUtf8(rest_);
    TARE_CHECK(c.status == Utf8Status::kValid);
    rest_.remove_prefix(c.size);
    return c.code_point;
  }

  SplitElement ReadElement() {
    SplitElement element;
    if (Take("$")) {
      element.kind = Kind::kEnd;
    } else if (Take("(?!")) {
      element = ReadElement();
      element.kind = Kind::kNotBefore;
      TARE_CHECK(Take(")"));
    } else if (Take("(?i:") || Take("(?:")) {
      fold_ = true;  // no pattern has letters in a (?:) group
      element.kind = Kind::kGroup;
      element.choices = ReadAlternatives();
      fold_ = false;
      TARE_CHECK(Take(")"));
      ReadCount(element);
    } else {
      element.test = ReadTest();
      ReadCount(element);
    }
    return element;
  }

  // A count with + behind never gives anything back. In these patterns nothing would ask for it.
  void ReadCount(SplitElement& element) {
    if (Take("?+") || Take("?")) {
      element.min = 0;
    } else if (Take("*")) {
      element.min = 0;
      element.max = kUnbounded;
    } else if (Take("++") || Take("+")) {
      element.max = kUnbounded;
    } else if (Take("{1,3}")) {
      element.max = 3;
    }
  }

  CharTest ReadTest() {
    TestBuilder builder;
    if (!Take("[")) {
      ReadItem(builder);
      return builder.Build(false);
    }
    const bool negated = Take("^");
    while (!Take("]")) ReadItem(builder);
    return builder.Build(negated);
  }

  // A character, a range or a class.
  void ReadItem(TestBuilder& builder) {
    if (Take("\\p{")) {
      const std::string_view name = rest_.substr(0, rest_.find('}'));
      rest_.remove_prefix(name.size() + 1);
      const auto* property = std::find_if(std::begin(kProperties), std::end(kProperties),
                                          [&](const NamedSet& p) { return p.name == name; });
      TARE_CHECK(property != std::end(kProperties));
      return builder.Add(property->set);
    }
    if (Take("\\s")) return builder.Add(kSpaces);
    if (Take("\\S")) return builder.Add(~kSpaces);
    const char32_t first = ReadChar();
    const bool is_range = rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']';
    if (is_range) rest_.remove_prefix(1);
    const char32_t last = is_range ? ReadChar() : first;
    builder.Add(first, last);
    if (fold_ && first >= 'a' && first <= 'z') builder.Add(first - 'a' + 'A', first - 'a' + 'A');
    if (fold_ && first == 's') builder.Add(0x17F, 0x17F);  // the long s
  }

  char32_t ReadChar() {
    if (Take("\\r")) return '\r';
    if (Take("\\n")) return '\n';
    Take("\\");
    return TakeChar();
  }

  std::string_view rest_;
  bool fold_ = false;  // letters of either case
};

// The classes that a match of the elements may begin with.
CharSet StartsOf(std::span<const SplitElement> elements) {
  CharSet starts = 0;
  for (const SplitElement& element : elements) {
    switch (element.kind) {
      case Kind::kRun:
        starts |= element.test.Starts();
        break;
      case Kind::kGroup:
        for (const Elements& choice : element.choices) starts |= StartsOf(choice);
        break;
      case Kind::kNotBefore:
      case Kind::kEnd:
        return kAll;
    }
    if (element.min > 0) return starts;
  }
  return kAll;
}

struct Char {
  char32_t code_point;
  size_t size;
};

// The character at `at` in valid UTF-8.
Char DecodeValid(const char* at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(at[i]); };
  const char32_t first = byte(0);
  if (first < 0x80) return {first, 1};
  if (first < 0xE0) return {(first & 0x1F) << 6 | (byte(1) & 0x3Fu), 2};
  const char32_t two = (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
  if (first < 0xF0) return {(first & 0xF) << 12 | two, 3};
  return {(first & 7) << 18 | two << 6 | (byte(3) & 0x3Fu), 4};
}

const char* StepBack(const char* at) {
  do {
    --at;
  } while ((static_cast<uint8_t>(*at) & 0xC0) == 0x80);
  return at;
}

class Matcher {
 public:
  Matcher(const char* end, CharClassifier& classify) : end_(end), classify_(classify) {}

  bool Passes(const CharTest& test, const char* at) {
    const Char c = DecodeValid(at);
    return test(classify_(c.code_point), c.code_point);
  }

  // Where the match of all elements from `at` ends; null if they do not match.
  const char* Match(std::span<const SplitElement> elements, const char* at) {
    if (elements.empty()) return at;
    const SplitElement& element = elements.front();
    const auto rest = elements.subspan(1);
    switch (element.kind) {
      case Kind::kRun:
        return MatchRun(element, rest, at);
      case Kind::kGroup:
        for (const Elements& choice : element.choices) {
          const char* chosen = Match(choice, at);
          if (chosen == nullptr) continue;
          if (const char* matched = Match(rest, chosen); matched != nullptr) return matched;
        }
        return element.min == 0 ? Match(rest, at) : nullptr;
      case Kind::kNotBefore:
        return at != end_ && Passes(element.test, at) ? nullptr : Match(rest, at);
      case Kind::kEnd:
        break;
    }
    return at == end_ ? Match(rest, at) : nullptr;
  }

 private:
  const char* MatchRun(const SplitElement& element, std::span<const SplitElement> rest,
                       const char* at) {
    uint32_t count = 0;
    at = element.test.ranges.empty() ? SkipClasses(element, at, count)
                                     : SkipTested(element, at, count);
    if (count < element.min) return nullptr;
    if (rest.empty()) return at;
    for (;; --count, at = StepBack(at)) {
      if (const char* matched = Match(rest, at); matched != nullptr) return matched;
      if (count == element.min) return nullptr;
    }
  }

  // Both count the characters from `at` that pass, up to the maximum, and return where they end.
  const char* SkipClasses(const SplitElement& element, const char* at, uint32_t& count) {
    const CharSet classes = element.test.classes;
    for (; at != end_ && count < element.max; ++count) {
      const auto byte = static_cast<uint8_t>(*at);
      if (byte < 0x80) {
        if (!Has(classes, kAsciiClasses[byte])) break;
        ++at;
      } else {
        const Char c = DecodeValid(at);
        if (!Has(classes, classify_(c.code_point))) break;
        at += c.size;
      }
    }
    return at;
  }
  const char* SkipTested(const SplitElement& element, const char* at, uint32_t& count) {
    for (; at != end_ && count < element.max; ++count) {
      const Char c = DecodeValid(at);
      if (!element.test(classify_(c.code_point), c.code_point)) break;
      at += c.size;
    }
    return at;
  }

  const char* const end_;
  CharClassifier& classify_;
};

}  // namespace

CharSet CharTest::Starts() const {
  if (negated) return kAll;
  CharSet starts = classes;
  for (const auto& [first, last] : ranges) {
    if (last >= 0x80) return kAll;
    starts |= SetOf(kAsciiClasses[first]);  // ASCII ranges are of one character
  }
  return starts;
}

bool CharTest::InRanges(char32_t code_point) const {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), code_point,
                       [](char32_t value, const auto& range) { return value < range.first; });
  return after != ranges.begin() && code_point <= (after - 1)->second;
}

SplitPattern::SplitPattern(std::string_view regex) {
  Parser parser(regex);
  for (Elements& elements : parser.ReadAlternatives()) {
    const bool is_run = elements[0].kind == Kind::kRun && elements[0].max == kUnbounded;
    const CharSet starts = StartsOf(elements);
    alternatives_.push_back({std::move(elements), starts, is_run});
    starts_ |= starts;
  }
  TARE_CHECK(parser.at_end());
}

std::string_view SplitPattern::TakePiece(std::string_view& rest, CharClassifier& classify) const {
  const char* const begin = rest.data();
  const char* const end = begin + rest.size();
  Matcher matcher(end, classify);
  const auto take = [&](const char* until) {
    const auto size = static_cast<size_t>(until - begin);
    const std::string_view piece = rest.substr(0, size);
    rest.remove_prefix(size);
    return piece;
  };
  for (const char* at = begin; at != end;) {
    const Char c = DecodeValid(at);
    const CharClass char_class = classify(c.code_point);
    if (!Has(starts_, char_class)) {
      at += c.size;
      continue;
    }
    for (const Alternative& alternative : alternatives_) {
      if (!Has(alternative.starts, char_class)) continue;
      if (alternative.fails_along_run && at != begin &&
          matcher.Passes(alternative.elements[0].test, StepBack(at))) {
        continue;
      }
      const char* const matched = matcher.Match(alternative.elements, at);
      if (matched != nullptr && matched != at) return take(at == begin ? matched : at);
    }
    at += c.size;
  }
  return take(end);
}

}  // namespace tare
