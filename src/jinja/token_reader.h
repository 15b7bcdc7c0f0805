#ifndef TARE_JINJA_TOKEN_READER_H_
#define TARE_JINJA_TOKEN_READER_H_

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/lexer.h"

namespace tare::jinja {

// Walks over the tokens of a template.
class TokenReader {
 public:
  explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
  }
  Token Take() {
    Token& token = tokens_[at_];
    if (at_ + 1 < tokens_.size()) ++at_;
    return std::move(token);
  }
  int line() const { return Peek().line; }

  bool Is(Token::Kind kind) const { return Peek().kind == kind; }
  bool IsName(std::string_view name) const { return Is(Token::Kind::kName) && Peek().word == name; }
  bool IsOperator(std::string_view op) const {
    return Is(Token::Kind::kOperator) && Peek().word == op;
  }
  bool AcceptName(std::string_view name) { return IsName(name) && Drop(); }
  bool AcceptOperator(std::string_view op) { return IsOperator(op) && Drop(); }

  Status Expect(Token::Kind kind) { return Is(kind) ? Dropped() : Unexpected(NameOf(kind)); }
  Status ExpectOperator(std::string_view op) { return IsOperator(op) ? Dropped() : Unexpected(op); }
  Status ExpectName(std::string_view name) { return IsName(name) ? Dropped() : Unexpected(name); }
  Result<std::string> TakeName() {
    if (!Is(Token::Kind::kName)) return Unexpected("a name");
    return Take().word;
  }

  // The error that the next token is not what is expected.
  Error Unexpected(std::string_view expected) const {
    const Token& token = Peek();
    std::string got(token.word.empty() ? NameOf(token.kind) : fmt::format("\"{}\"", token.word));
    return InvalidInput("got {}, expected {}", got, expected);
  }

 private:
  static std::string_view NameOf(Token::Kind kind) {
    switch (kind) {
      case Token::Kind::kText:
        return "text";
      case Token::Kind::kOutputBegin:
        return "{{";
      case Token::Kind::kOutputEnd:
        return "}}";
      case Token::Kind::kBlockBegin:
        return "{%";
      case Token::Kind::kBlockEnd:
        return "%}";
      case Token::Kind::kName:
        return "a name";
      case Token::Kind::kString:
        return "a string";
      case Token::Kind::kInteger:
      case Token::Kind::kFloat:
        return "a number";
      case Token::Kind::kOperator:
        return "an operator";
      case Token::Kind::kEnd:
        return "the end of the template";
    }
    return "";
  }
  bool Drop() {
    Take();
    return true;
  }
  Status Dropped() {
    Take();
    return {};
  }

  std::vector<Token> tokens_;
  size_t at_ = 0;
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_TOKEN_READER_H_
