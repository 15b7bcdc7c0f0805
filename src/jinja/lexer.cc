#include "jinja/lexer.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "jinja/string_literal.h"

namespace tare::jinja {
namespace {

// Each line end as \n, and without one at the end of the template.
Text NormalizeLines(const Text& source) {
  Text out;
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == U'\r') {
      out.push_back(U'\n');
      if (i + 1 < source.size() && source[i + 1] == U'\n') ++i;
    } else {
      out.push_back(source[i]);
    }
  }
  if (!out.empty() && out.back() == U'\n') out.pop_back();
  return out;
}

bool IsDecimalDigit(char32_t c) { return c >= U'0' && c <= U'9'; }
// Letters beyond ASCII may be in names, as in Python.
bool BeginsName(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || c == U'_' || c > 0x7F;
}

class Lexer {
 public:
  explicit Lexer(Text source) : source_(std::move(source)) {}

  Result<std::vector<Token>> Run() {
    while (at_ < source_.size()) {
      const Status status = ReadPart();
      if (!status.ok()) return status.error().In(fmt::format("line {}", line_));
    }
    Add(Token::Kind::kEnd);
    return std::move(tokens_);
  }

 private:
  TextView Rest() const { return TextView(source_).substr(at_); }
  char32_t Peek(size_t ahead = 0) const {
    return at_ + ahead < source_.size() ? source_[at_ + ahead] : 0;
  }
  bool Accept(TextView text) {
    if (!StartsWith(Rest(), text)) return false;
    Advance(text.size());
    return true;
  }
  void Advance(size_t count) {
    const auto from = source_.begin() + static_cast<std::ptrdiff_t>(at_);
    line_ += static_cast<int>(std::count(from, from + static_cast<std::ptrdiff_t>(count), U'\n'));
    at_ += count;
    begins_line_ = at_ > 0 && source_[at_ - 1] == U'\n';
  }
  void SkipSpaces() {
    size_t count = 0;
    while (at_ + count < source_.size() && IsSpace(source_[at_ + count])) ++count;
    if (count > 0) Advance(count);
  }
  Token& Add(Token::Kind kind) {
    tokens_.push_back({kind, line_});
    return tokens_.back();
  }

  // Where the next {{, {% or {# is, or the end.
  size_t FindTag() const {
    for (size_t i = at_; i + 1 < source_.size(); ++i) {
      if (source_[i] != U'{') continue;
      const char32_t next = source_[i + 1];
      if (next == U'{' || next == U'%' || next == U'#') return i;
    }
    return source_.size();
  }

  // The text before a tag, without what the tag takes away. sign: the - or + at the tag's begin.
  void AddText(size_t end, char32_t sign, bool is_block) {
    TextView text = TextView(source_).substr(at_, end - at_);
    const bool begins_line = begins_line_;
    if (sign == U'-') {
      text = Strip(text, Ends::kRight);
    } else if (is_block && sign != U'+') {
      const size_t line_end = text.rfind(U'\n');
      const size_t begin = line_end == text.npos ? 0 : line_end + 1;
      if ((begin > 0 || begins_line) && Strip(text.substr(begin), Ends::kLeft).empty()) {
        text = text.substr(0, begin);
      }
    }
    if (!text.empty()) Add(Token::Kind::kText).text = text;
    Advance(end - at_);
  }

  Status ReadPart() {
    const size_t tag = FindTag();
    if (tag == source_.size()) {
      AddText(tag, U'+', false);
      return {};
    }
    const char32_t kind = source_[tag + 1];
    const char32_t sign = tag + 2 < source_.size() ? source_[tag + 2] : 0;
    const bool has_sign = sign == U'-' || sign == U'+';
    AddText(tag, has_sign ? sign : 0, kind != U'{');
    Advance(has_sign ? 3 : 2);
    if (kind == U'#') return SkipComment();
    if (kind == U'%' && IsRaw()) return ReadRaw();
    Add(kind == U'{' ? Token::Kind::kOutputBegin : Token::Kind::kBlockBegin);
    return ReadCode(kind == U'{');
  }

  // Eats the end of a tag: -%}, +%} or %}, and the line end after it where no + keeps it.
  bool AcceptEnd(char32_t mark, bool trims) {
    const char32_t end[] = {mark, U'}', 0};
    if (Peek() == U'-' && Peek(1) == mark && Peek(2) == U'}') {
      Advance(3);
      SkipSpaces();
      return true;
    }
    if (trims && Peek() == U'+' && Peek(1) == mark && Peek(2) == U'}') {
      Advance(3);
      return true;
    }
    if (!Accept(end)) return false;
    if (trims && Peek() == U'\n') Advance(1);
    return true;
  }

  Status SkipComment() {
    while (at_ < source_.size()) {
      if (AcceptEnd(U'#', true)) return {};
      Advance(1);
    }
    return InvalidInput("a comment has no end #}}");
  }

  // Whether `raw` and the end of the tag follow.
  bool IsRaw() const {
    const TextView rest = Strip(Rest(), Ends::kLeft);
    if (!StartsWith(rest, U"raw")) return false;
    const TextView end = Strip(rest.substr(3), Ends::kLeft);
    return StartsWith(end, U"%}") || StartsWith(end, U"-%}");
  }

  Status ReadRaw() {
    SkipSpaces();
    Advance(3);
    SkipSpaces();
    AcceptEnd(U'%', false);
    for (size_t i = at_; i + 1 < source_.size(); ++i) {
      if (source_[i] != U'{' || source_[i + 1] != U'%') continue;
      const char32_t sign = i + 2 < source_.size() ? source_[i + 2] : 0;
      const bool has_sign = sign == U'-' || sign == U'+';
      const TextView after = Strip(TextView(source_).substr(i + (has_sign ? 3 : 2)), Ends::kLeft);
      if (!StartsWith(after, U"endraw")) continue;
      AddText(i, has_sign ? sign : 0, true);
      at_ = source_.size() - after.size() + 6;
      SkipSpaces();
      if (!AcceptEnd(U'%', true)) return InvalidInput("endraw is not followed by %}}");
      return {};
    }
    return InvalidInput("raw has no endraw");
  }

  Status ReadCode(bool is_output) {
    std::string open;  // brackets
    while (true) {
      // Inside of brackets }} is two ends of mappings.
      if (open.empty() && AcceptEnd(is_output ? U'}' : U'%', !is_output)) {
        Add(is_output ? Token::Kind::kOutputEnd : Token::Kind::kBlockEnd);
        return {};
      }
      SkipSpaces();
      if (at_ == source_.size()) {
        return InvalidInput("the template ends inside of {}", is_output ? "{{ }}" : "{% %}");
      }
      if (open.empty() && (EndFollows(is_output))) continue;
      TARE_RETURN_IF_ERROR(ReadToken(open));
    }
  }

  bool EndFollows(bool is_output) const {
    const char32_t mark = is_output ? U'}' : U'%';
    const bool has_sign = Peek() == U'-' || (!is_output && Peek() == U'+');
    return Peek(has_sign ? 1 : 0) == mark && Peek(has_sign ? 2 : 1) == U'}';
  }

  Status ReadToken(std::string& open) {
    const char32_t c = Peek();
    if (IsDecimalDigit(c)) return ReadNumber();
    if (BeginsName(c)) {
      size_t size = 1;
      while (BeginsName(Peek(size)) || IsDecimalDigit(Peek(size))) ++size;
      Add(Token::Kind::kName).word = ToUtf8(Rest().substr(0, size));
      Advance(size);
      return {};
    }
    if (c == U'\'' || c == U'"') return ReadString(c);
    return ReadOperator(open);
  }

  Status ReadString(char32_t quote) {
    size_t size = 1;
    while (Peek(size) != quote) {
      if (at_ + size >= source_.size()) return InvalidInput("a string has no end");
      size += Peek(size) == U'\\' ? 2 : 1;
    }
    if (at_ + size >= source_.size()) return InvalidInput("a string has no end");
    TARE_ASSIGN_OR_RETURN(Text text, ReadStringLiteral(Rest().substr(1, size - 1)));
    Add(Token::Kind::kString).text = std::move(text);
    Advance(size + 1);
    return {};
  }

  // Digits with single underscores between.
  size_t DigitsAt(size_t ahead) const {
    size_t size = 0;
    while (IsDecimalDigit(Peek(ahead + size)) ||
           (size > 0 && Peek(ahead + size) == U'_' && IsDecimalDigit(Peek(ahead + size + 1)))) {
      ++size;
    }
    return size;
  }

  Status ReadNumber() {
    size_t size = DigitsAt(0);
    bool is_float = false;
    // In x.0.1 the numbers are keys.
    const bool is_key = at_ > 0 && source_[at_ - 1] == U'.';
    if (!is_key && Peek(size) == U'.' && DigitsAt(size + 1) > 0) {
      size += 1 + DigitsAt(size + 1);
      is_float = true;
    }
    const bool has_exponent = Peek(size) == U'e' || Peek(size) == U'E';
    const bool has_sign = Peek(size + 1) == U'+' || Peek(size + 1) == U'-';
    if (!is_key && has_exponent && DigitsAt(size + (has_sign ? 2 : 1)) > 0) {
      size += (has_sign ? 2 : 1) + DigitsAt(size + (has_sign ? 2 : 1));
      is_float = true;
    }
    const char32_t kind = Peek(1) | 0x20;
    if (size == 1 && Peek() == U'0' && (kind == U'x' || kind == U'o' || kind == U'b')) {
      return Unsupported("integers with a base (0x, 0o, 0b) are not supported");
    }
    std::string text = ToUtf8(Rest().substr(0, size));
    std::erase(text, '_');
    Token& token = Add(is_float ? Token::Kind::kFloat : Token::Kind::kInteger);
    const char* const end = text.data() + text.size();
    const auto read = is_float ? std::from_chars(text.data(), end, token.number)
                               : std::from_chars(text.data(), end, token.integer);
    if (read.ec != std::errc()) return Unsupported("the number {} is too large", text);
    if (!is_float && text.size() > 1 && text[0] == '0' &&
        text.find_first_not_of('0') != text.npos) {
      return InvalidInput("the integer {} begins with 0", text);
    }
    Advance(size);
    return {};
  }

  Status ReadOperator(std::string& open) {
    constexpr std::u32string_view kLong[] = {U"//", U"**", U"==", U"!=", U">=", U"<="};
    constexpr std::u32string_view kShort = U"+-*/%~[](){}<>=.:|,;";
    size_t size = 0;
    for (const std::u32string_view each : kLong) {
      if (StartsWith(Rest(), each)) size = 2;
    }
    if (size == 0 && kShort.find(Peek()) != kShort.npos) size = 1;
    if (size == 0) return InvalidInput("\"{}\" is not expected here", ToUtf8(Rest().substr(0, 1)));
    const std::string word = ToUtf8(Rest().substr(0, size));
    const char c = word[0];
    if (c == '(' || c == '[' || c == '{') open.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
    if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c) return InvalidInput("{} has no begin", c);
      open.pop_back();
    }
    Add(Token::Kind::kOperator).word = word;
    Advance(size);
    return {};
  }

  const Text source_;
  size_t at_ = 0;
  int line_ = 1;
  bool begins_line_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> Tokenize(std::string_view source) {
  return Lexer(NormalizeLines(FromUtf8(source))).Run();
}

}  // namespace tare::jinja
