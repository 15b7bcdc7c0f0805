#include "jinja/parse_expression.h"

#include <algorithm>
#include <utility>

namespace tare::jinja {
namespace {

// Counts how deep the parser is in itself, until it goes out of scope.
class Depth {
 public:
  explicit Depth(int& depth) : depth_(depth) { ++depth_; }
  Depth(const Depth&) = delete;
  Depth& operator=(const Depth&) = delete;
  ~Depth() { --depth_; }

 private:
  int& depth_;
};

Error TooDeep() {
  return InvalidInput("expressions lie more than {} deep in each other", kMaxNesting);
}

// A parse of one level of brackets goes through all rules, so it needs far more stack than a node.
constexpr int kMaxParseDepth = 100;

}  // namespace

ExpressionPtr ExpressionParser::New(Kind kind) const {
  auto expression = std::make_unique<Expression>();
  expression->kind = kind;
  expression->line = tokens_.line();
  return expression;
}

Result<ExpressionPtr> ExpressionParser::Finish(ExpressionPtr expression) const {
  int height = 0;
  const auto count = [&height](const ExpressionPtr& part) {
    if (part != nullptr) height = std::max(height, part->height);
  };
  for (const ExpressionPtr& part : expression->parts) count(part);
  for (const ExpressionPtr& part : expression->call.positional) count(part);
  for (const auto& [name, part] : expression->call.named) count(part);
  count(expression->call.spread);
  count(expression->call.named_spread);
  expression->height = height + 1;
  if (expression->height > kMaxNesting) return TooDeep();
  return expression;
}

Result<ExpressionPtr> ExpressionParser::Join(Kind kind, int line, ExpressionPtr a, ExpressionPtr b,
                                             std::string name) const {
  ExpressionPtr joined = New(kind);
  joined->line = line;
  joined->name = std::move(name);
  joined->parts.push_back(std::move(a));
  if (b != nullptr) joined->parts.push_back(std::move(b));
  return Finish(std::move(joined));
}

Status ExpressionParser::Enter() { return depth_ < kMaxParseDepth ? Status() : TooDeep(); }

Result<ExpressionPtr> ExpressionParser::Parse(bool with_condition) {
  TARE_RETURN_IF_ERROR(Enter());
  const Depth depth(depth_);
  // Jinja looks for the filters of a conditional expression only when they run, but learns that it
  // is one at its `if`.
  const size_t unknown = unknown_.size();
  TARE_ASSIGN_OR_RETURN(ExpressionPtr expression, ParseOr());
  bool had_condition = false;
  while (with_condition && tokens_.AcceptName("if")) {
    had_condition = true;
    ExpressionPtr conditional = New(Kind::kConditional);
    TARE_ASSIGN_OR_RETURN(ExpressionPtr test, ParseOr());
    conditional->parts.push_back(std::move(test));
    conditional->parts.push_back(std::move(expression));
    if (tokens_.AcceptName("else")) {
      TARE_ASSIGN_OR_RETURN(ExpressionPtr otherwise, Parse());
      conditional->parts.push_back(std::move(otherwise));
    }
    TARE_ASSIGN_OR_RETURN(expression, Finish(std::move(conditional)));
  }
  if (had_condition) unknown_.resize(unknown);
  return expression;
}

Result<ExpressionPtr> ExpressionParser::ParseTuple(bool with_condition, std::string_view end) {
  ExpressionPtr tuple = New(Kind::kTuple);
  bool is_tuple = false;
  while (true) {
    const bool ends = tokens_.Is(TokenKind::kOutputEnd) || tokens_.Is(TokenKind::kBlockEnd) ||
                      tokens_.IsOperator(")") || (!end.empty() && tokens_.IsName(end));
    if (ends && is_tuple) break;
    TARE_ASSIGN_OR_RETURN(ExpressionPtr part, Parse(with_condition));
    tuple->parts.push_back(std::move(part));
    if (!tokens_.AcceptOperator(",")) break;
    is_tuple = true;
  }
  if (!is_tuple) return std::move(tuple->parts[0]);
  return Finish(std::move(tuple));
}

Result<ExpressionPtr> ExpressionParser::ParseTarget(bool with_namespace) {
  TARE_RETURN_IF_ERROR(Enter());
  const Depth depth(depth_);
  ExpressionPtr tuple = New(Kind::kTuple);
  bool is_tuple = false;
  while (true) {
    if (is_tuple && !tokens_.Is(TokenKind::kName) && !tokens_.IsOperator("(")) break;
    if (is_tuple && tokens_.IsName("in")) break;
    ExpressionPtr part = New(Kind::kName);
    if (tokens_.AcceptOperator("(")) {
      TARE_ASSIGN_OR_RETURN(part, ParseTarget(with_namespace));
      TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(")"));
    } else {
      TARE_ASSIGN_OR_RETURN(part->name, tokens_.TakeName());
      const std::string_view kConstants[] = {"true", "false", "none", "True", "False", "None"};
      if (std::ranges::find(kConstants, part->name) != std::end(kConstants)) {
        return InvalidInput("cannot assign to {}", part->name);
      }
      if (with_namespace && tokens_.AcceptOperator(".")) {
        TARE_ASSIGN_OR_RETURN(std::string name, tokens_.TakeName());
        TARE_ASSIGN_OR_RETURN(part, Join(Kind::kAttribute, tokens_.line(), std::move(part), nullptr,
                                         std::move(name)));
      }
    }
    tuple->parts.push_back(std::move(part));
    if (!tokens_.AcceptOperator(",")) break;
    is_tuple = true;
  }
  if (!is_tuple) return std::move(tuple->parts[0]);
  return Finish(std::move(tuple));
}

// Operands with operators of one rank between, grouped from the left.
Result<ExpressionPtr> ExpressionParser::ParseLeft(
    Rule operand, std::initializer_list<std::string_view> operators) {
  TARE_ASSIGN_OR_RETURN(ExpressionPtr left, (this->*operand)());
  while (tokens_.Is(TokenKind::kOperator) &&
         std::ranges::find(operators, tokens_.Peek().word) != operators.end()) {
    const int line = tokens_.line();
    std::string op = tokens_.Take().word;
    TARE_ASSIGN_OR_RETURN(ExpressionPtr right, (this->*operand)());
    TARE_ASSIGN_OR_RETURN(
        left, Join(Kind::kArithmetic, line, std::move(left), std::move(right), std::move(op)));
  }
  return left;
}

Result<ExpressionPtr> ExpressionParser::ParseOr() {
  TARE_ASSIGN_OR_RETURN(ExpressionPtr left, ParseAnd());
  while (tokens_.IsName("or")) {
    const int line = tokens_.Take().line;
    TARE_ASSIGN_OR_RETURN(ExpressionPtr right, ParseAnd());
    TARE_ASSIGN_OR_RETURN(left, Join(Kind::kOr, line, std::move(left), std::move(right)));
  }
  return left;
}

Result<ExpressionPtr> ExpressionParser::ParseAnd() {
  TARE_ASSIGN_OR_RETURN(ExpressionPtr left, ParseNot());
  while (tokens_.IsName("and")) {
    const int line = tokens_.Take().line;
    TARE_ASSIGN_OR_RETURN(ExpressionPtr right, ParseNot());
    TARE_ASSIGN_OR_RETURN(left, Join(Kind::kAnd, line, std::move(left), std::move(right)));
  }
  return left;
}

Result<ExpressionPtr> ExpressionParser::ParseNot() {
  if (!tokens_.IsName("not")) return ParseCompare();
  TARE_RETURN_IF_ERROR(Enter());
  const Depth depth(depth_);
  const int line = tokens_.Take().line;
  TARE_ASSIGN_OR_RETURN(ExpressionPtr operand, ParseNot());
  return Join(Kind::kNot, line, std::move(operand), nullptr);
}

Result<ExpressionPtr> ExpressionParser::ParseCompare() {
  TARE_ASSIGN_OR_RETURN(ExpressionPtr first, ParseSum());
  ExpressionPtr compare = New(Kind::kCompare);
  compare->parts.push_back(std::move(first));
  constexpr std::string_view kOperators[] = {"==", "!=", "<", "<=", ">", ">="};
  while (true) {
    std::string op;
    if (tokens_.Is(TokenKind::kOperator) &&
        std::ranges::find(kOperators, tokens_.Peek().word) != std::end(kOperators)) {
      op = tokens_.Take().word;
    } else if (tokens_.AcceptName("in")) {
      op = "in";
    } else if (tokens_.IsName("not") && tokens_.Peek(1).kind == TokenKind::kName &&
               tokens_.Peek(1).word == "in") {
      tokens_.Take();
      tokens_.Take();
      op = "not in";
    } else {
      break;
    }
    TARE_ASSIGN_OR_RETURN(ExpressionPtr next, ParseSum());
    compare->names.push_back(std::move(op));
    compare->parts.push_back(std::move(next));
  }
  if (compare->names.empty()) return std::move(compare->parts[0]);
  return Finish(std::move(compare));
}

Result<ExpressionPtr> ExpressionParser::ParseSum() {
  return ParseLeft(&ExpressionParser::ParseConcat, {"+", "-"});
}

Result<ExpressionPtr> ExpressionParser::ParseConcat() {
  TARE_ASSIGN_OR_RETURN(ExpressionPtr first, ParseProduct());
  if (!tokens_.IsOperator("~")) return first;
  ExpressionPtr concat = New(Kind::kConcat);
  concat->parts.push_back(std::move(first));
  while (tokens_.AcceptOperator("~")) {
    TARE_ASSIGN_OR_RETURN(ExpressionPtr next, ParseProduct());
    concat->parts.push_back(std::move(next));
  }
  return Finish(std::move(concat));
}

Result<ExpressionPtr> ExpressionParser::ParseProduct() {
  return ParseLeft(&ExpressionParser::ParsePower, {"*", "/", "//", "%"});
}

Result<ExpressionPtr> ExpressionParser::ParsePower() {
  return ParseLeft(&ExpressionParser::ParseUnary, {"**"});
}

Result<ExpressionPtr> ExpressionParser::ParseUnaryWith(bool with_filters) {
  ExpressionPtr expression;
  if (tokens_.IsOperator("-") || tokens_.IsOperator("+")) {
    TARE_RETURN_IF_ERROR(Enter());
    const Depth depth(depth_);
    const Token sign = tokens_.Take();
    TARE_ASSIGN_OR_RETURN(ExpressionPtr operand, ParseUnaryWith(false));
    TARE_ASSIGN_OR_RETURN(expression, Join(sign.word == "-" ? Kind::kNegate : Kind::kPlus,
                                           sign.line, std::move(operand), nullptr));
  } else {
    TARE_ASSIGN_OR_RETURN(expression, ParsePrimary());
  }
  TARE_ASSIGN_OR_RETURN(expression, ParsePostfix(std::move(expression)));
  if (!with_filters) return expression;
  return ParseFiltersAndTests(std::move(expression));
}

Result<std::string> ExpressionParser::ParseDottedName() {
  TARE_ASSIGN_OR_RETURN(std::string name, tokens_.TakeName());
  while (tokens_.AcceptOperator(".")) {
    TARE_ASSIGN_OR_RETURN(const std::string part, tokens_.TakeName());
    name += "." + part;
  }
  return name;
}

Result<ExpressionPtr> ExpressionParser::ParseFilters(ExpressionPtr input, bool begins_inline) {
  while (begins_inline || tokens_.AcceptOperator("|")) {
    begins_inline = false;
    ExpressionPtr filter = New(Kind::kFilter);
    TARE_ASSIGN_OR_RETURN(filter->name, ParseDottedName());
    filter->function = FindFilter(filter->name);
    if (filter->function == nullptr && !is_conditional) {
      unknown_.push_back("there is no filter named '" + filter->name + "'");
    }
    filter->parts.push_back(std::move(input));
    if (tokens_.IsOperator("(")) {
      TARE_ASSIGN_OR_RETURN(filter->call, ParseArguments());
    }
    TARE_ASSIGN_OR_RETURN(input, Finish(std::move(filter)));
  }
  return input;
}

Result<ExpressionPtr> ExpressionParser::ParseTest(ExpressionPtr expression) {
  ExpressionPtr test = New(Kind::kTest);
  tokens_.Take();
  const bool is_negated = tokens_.AcceptName("not");
  TARE_ASSIGN_OR_RETURN(test->name, ParseDottedName());
  test->function = FindTest(test->name);
  if (test->function == nullptr && !is_conditional) {
    unknown_.push_back("there is no test named '" + test->name + "'");
  }
  test->parts.push_back(std::move(expression));
  const bool begins_argument = tokens_.Is(TokenKind::kName) || tokens_.Is(TokenKind::kString) ||
                               tokens_.Is(TokenKind::kInteger) || tokens_.Is(TokenKind::kFloat) ||
                               tokens_.IsOperator("[") || tokens_.IsOperator("{");
  const bool is_word = tokens_.IsName("else") || tokens_.IsName("or") || tokens_.IsName("and");
  if (tokens_.IsOperator("(")) {
    TARE_ASSIGN_OR_RETURN(test->call, ParseArguments());
  } else if (begins_argument && !is_word) {
    if (tokens_.IsName("is")) return InvalidInput("tests with `is` cannot follow each other");
    TARE_ASSIGN_OR_RETURN(ExpressionPtr argument, ParsePrimary());
    TARE_ASSIGN_OR_RETURN(argument, ParsePostfix(std::move(argument)));
    test->call.positional.push_back(std::move(argument));
  }
  const int line = test->line;
  TARE_ASSIGN_OR_RETURN(test, Finish(std::move(test)));
  if (!is_negated) return test;
  return Join(Kind::kNot, line, std::move(test), nullptr);
}

}  // namespace tare::jinja
