#ifndef TARE_JINJA_PARSE_EXPRESSION_H_
#define TARE_JINJA_PARSE_EXPRESSION_H_

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/syntax.h"
#include "jinja/token_reader.h"

namespace tare::jinja {

// Reads expressions by Jinja's grammar.
//   Errors  InvalidInput for what is no expression, for a filter or test that Jinja does not know
//           where Jinja too looks for it before it runs (not in an `if`), and for expressions that
//           lie too deep in each other.
class ExpressionParser {
 public:
  explicit ExpressionParser(TokenReader& tokens) : tokens_(tokens) {}

  // Whether what is read next runs only if a condition holds.
  bool is_conditional = false;
  // The macros around what is read next, which note the special names that they use.
  std::vector<Statement*> macros;
  // Errors: a filter or test of what was read since the last call that Jinja does not know.
  Status CheckNames();

  Result<ExpressionPtr> Parse(bool with_condition = true);
  // Expressions with commas between are a tuple. `end`: a name that ends it.
  Result<ExpressionPtr> ParseTuple(bool with_condition = true, std::string_view end = {});
  // What `set`, `for` and `with` assign to: names, tuples of them, and `namespace.name`.
  Result<ExpressionPtr> ParseTarget(bool with_namespace);
  // A name and filters after it, for blocks; nullptr if there is none.
  Result<ExpressionPtr> ParseFilters(ExpressionPtr input, bool begins_inline);
  Result<CallSyntax> ParseArguments();

 private:
  using Kind = Expression::Kind;
  using TokenKind = Token::Kind;
  using Rule = Result<ExpressionPtr> (ExpressionParser::*)();

  Result<ExpressionPtr> ParseOr();
  Result<ExpressionPtr> ParseAnd();
  Result<ExpressionPtr> ParseNot();
  Result<ExpressionPtr> ParseCompare();
  Result<ExpressionPtr> ParseSum();
  Result<ExpressionPtr> ParseConcat();
  Result<ExpressionPtr> ParseProduct();
  Result<ExpressionPtr> ParsePower();
  Result<ExpressionPtr> ParseUnary() { return ParseUnaryWith(true); }
  Result<ExpressionPtr> ParseUnaryWith(bool with_filters);
  Result<ExpressionPtr> ParsePrimary();
  Result<ExpressionPtr> ParseName();
  Result<ExpressionPtr> ParseString();
  Result<ExpressionPtr> ParseParentheses();
  Result<ExpressionPtr> ParseList();
  Result<ExpressionPtr> ParseDict();
  Result<ExpressionPtr> ParsePostfix(ExpressionPtr expression);
  Result<ExpressionPtr> ParseFiltersAndTests(ExpressionPtr expression);
  Result<ExpressionPtr> ParseSubscript(ExpressionPtr expression);
  Result<ExpressionPtr> ParseDot(ExpressionPtr expression);
  Result<ExpressionPtr> ParseTest(ExpressionPtr expression);
  Result<ExpressionPtr> ParseCall(ExpressionPtr expression);
  Result<ExpressionPtr> ParseLeft(Rule operand, std::initializer_list<std::string_view> operators);
  Result<std::string> ParseDottedName();

  ExpressionPtr New(Kind kind) const;
  // Completes a node: computes its height and checks it.
  Result<ExpressionPtr> Finish(ExpressionPtr expression) const;
  Result<ExpressionPtr> Join(Kind kind, int line, ExpressionPtr a, ExpressionPtr b,
                             std::string name = {}) const;
  Status Enter();

  TokenReader& tokens_;
  int depth_ = 0;
  std::vector<std::string> unknown_;  // messages for CheckNames
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_PARSE_EXPRESSION_H_
