// Literals, names, brackets, and what follows them: calls, attributes, elements.
#include <utility>

#include "jinja/parse_expression.h"

namespace tare::jinja {
Status ExpressionParser::CheckNames() {
  if (unknown_.empty()) return {};
  return InvalidInput("{}", unknown_.front());
}

Result<ExpressionPtr> ExpressionParser::ParsePrimary() {
  ExpressionPtr constant = New(Kind::kConstant);
  switch (tokens_.Peek().kind) {
    case TokenKind::kName:
      return ParseName();
    case TokenKind::kString:
      return ParseString();
    case TokenKind::kInteger:
      constant->value = tokens_.Take().integer;
      return constant;
    case TokenKind::kFloat:
      constant->value = tokens_.Take().number;
      return constant;
    default:
      break;
  }
  if (tokens_.IsOperator("(")) return ParseParentheses();
  if (tokens_.IsOperator("[")) return ParseList();
  if (tokens_.IsOperator("{")) return ParseDict();
  return tokens_.Unexpected("an expression");
}

Result<ExpressionPtr> ExpressionParser::ParseName() {
  ExpressionPtr expression = New(Kind::kConstant);
  const Token token = tokens_.Take();
  const std::string& name = token.word;
  if (name == "true" || name == "True" || name == "false" || name == "False") {
    expression->value = name == "true" || name == "True";
  } else if (name != "none" && name != "None") {
    for (Statement* const macro : macros) {
      macro->uses_varargs |= name == "varargs";
      macro->uses_kwargs |= name == "kwargs";
      macro->uses_caller |= name == "caller";
    }
    expression->kind = Kind::kName;
    expression->name = name;
  }
  return expression;
}

// Strings beside each other are one.
Result<ExpressionPtr> ExpressionParser::ParseString() {
  ExpressionPtr expression = New(Kind::kConstant);
  Text text;
  while (tokens_.Is(TokenKind::kString)) text += tokens_.Take().text;
  expression->value = Constant(std::move(text));
  return expression;
}

Result<ExpressionPtr> ExpressionParser::ParseParentheses() {
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("("));
  if (tokens_.IsOperator(")")) {
    tokens_.Take();
    return New(Kind::kTuple);
  }
  TARE_ASSIGN_OR_RETURN(ExpressionPtr expression, ParseTuple());
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(")"));
  return expression;
}

Result<ExpressionPtr> ExpressionParser::ParseList() {
  ExpressionPtr list = New(Kind::kList);
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("["));
  while (!tokens_.IsOperator("]")) {
    if (!list->parts.empty()) TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(","));
    if (tokens_.IsOperator("]")) break;
    TARE_ASSIGN_OR_RETURN(ExpressionPtr part, Parse());
    list->parts.push_back(std::move(part));
  }
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("]"));
  return Finish(std::move(list));
}

Result<ExpressionPtr> ExpressionParser::ParseDict() {
  ExpressionPtr dict = New(Kind::kDict);
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("{"));
  while (!tokens_.IsOperator("}")) {
    if (!dict->parts.empty()) TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(","));
    if (tokens_.IsOperator("}")) break;
    TARE_ASSIGN_OR_RETURN(ExpressionPtr key, Parse());
    TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(":"));
    TARE_ASSIGN_OR_RETURN(ExpressionPtr value, Parse());
    dict->parts.push_back(std::move(key));
    dict->parts.push_back(std::move(value));
  }
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("}"));
  return Finish(std::move(dict));
}

Result<ExpressionPtr> ExpressionParser::ParsePostfix(ExpressionPtr expression) {
  while (true) {
    if (tokens_.IsOperator(".")) {
      TARE_ASSIGN_OR_RETURN(expression, ParseDot(std::move(expression)));
    } else if (tokens_.IsOperator("[")) {
      TARE_ASSIGN_OR_RETURN(expression, ParseSubscript(std::move(expression)));
    } else if (tokens_.IsOperator("(")) {
      TARE_ASSIGN_OR_RETURN(expression, ParseCall(std::move(expression)));
    } else {
      return expression;
    }
  }
}

Result<ExpressionPtr> ExpressionParser::ParseFiltersAndTests(ExpressionPtr expression) {
  while (true) {
    if (tokens_.IsOperator("|")) {
      TARE_ASSIGN_OR_RETURN(expression, ParseFilters(std::move(expression), false));
    } else if (tokens_.IsName("is")) {
      TARE_ASSIGN_OR_RETURN(expression, ParseTest(std::move(expression)));
    } else if (tokens_.IsOperator("(")) {
      TARE_ASSIGN_OR_RETURN(expression, ParseCall(std::move(expression)));
    } else {
      return expression;
    }
  }
}

// x.name and x.0
Result<ExpressionPtr> ExpressionParser::ParseDot(ExpressionPtr expression) {
  const int line = tokens_.Take().line;
  if (tokens_.Is(TokenKind::kInteger)) {
    ExpressionPtr index = New(Kind::kConstant);
    index->value = tokens_.Take().integer;
    return Join(Kind::kItem, line, std::move(expression), std::move(index));
  }
  TARE_ASSIGN_OR_RETURN(std::string name, tokens_.TakeName());
  return Join(Kind::kAttribute, line, std::move(expression), nullptr, std::move(name));
}

// x[key] and x[start:stop:step]
Result<ExpressionPtr> ExpressionParser::ParseSubscript(ExpressionPtr expression) {
  const int line = tokens_.Take().line;
  ExpressionPtr parts[3];
  size_t colons = 0;
  while (true) {
    if (!tokens_.IsOperator(":") && !tokens_.IsOperator("]")) {
      TARE_ASSIGN_OR_RETURN(parts[colons], Parse());
    }
    if (colons == 2 || !tokens_.AcceptOperator(":")) break;
    ++colons;
  }
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("]"));
  if (colons == 0) {
    if (parts[0] == nullptr) return tokens_.Unexpected("a key between [ and ]");
    return Join(Kind::kItem, line, std::move(expression), std::move(parts[0]));
  }
  ExpressionPtr slice = New(Kind::kSlice);
  slice->line = line;
  slice->parts.push_back(std::move(expression));
  for (ExpressionPtr& part : parts) slice->parts.push_back(std::move(part));
  return Finish(std::move(slice));
}

Result<ExpressionPtr> ExpressionParser::ParseCall(ExpressionPtr expression) {
  ExpressionPtr call = New(Kind::kCall);
  call->parts.push_back(std::move(expression));
  TARE_ASSIGN_OR_RETURN(call->call, ParseArguments());
  return Finish(std::move(call));
}

Result<CallSyntax> ExpressionParser::ParseArguments() {
  CallSyntax call;
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator("("));
  const auto misplaced = [] { return InvalidInput("an argument of a call is misplaced"); };
  bool is_first = true;
  while (!tokens_.IsOperator(")")) {
    if (!is_first) TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(","));
    is_first = false;
    if (tokens_.IsOperator(")")) break;
    if (tokens_.AcceptOperator("*")) {
      if (call.spread != nullptr || call.named_spread != nullptr) return misplaced();
      TARE_ASSIGN_OR_RETURN(call.spread, Parse());
    } else if (tokens_.AcceptOperator("**")) {
      if (call.named_spread != nullptr) return misplaced();
      TARE_ASSIGN_OR_RETURN(call.named_spread, Parse());
    } else if (tokens_.Is(TokenKind::kName) && tokens_.Peek(1).kind == TokenKind::kOperator &&
               tokens_.Peek(1).word == "=") {
      if (call.named_spread != nullptr) return misplaced();
      std::string name = tokens_.Take().word;
      tokens_.Take();
      TARE_ASSIGN_OR_RETURN(ExpressionPtr value, Parse());
      call.named.emplace_back(std::move(name), std::move(value));
    } else {
      if (call.spread != nullptr || call.named_spread != nullptr || !call.named.empty()) {
        return misplaced();
      }
      TARE_ASSIGN_OR_RETURN(ExpressionPtr value, Parse());
      call.positional.push_back(std::move(value));
    }
  }
  TARE_RETURN_IF_ERROR(tokens_.ExpectOperator(")"));
  return call;
}

}  // namespace tare::jinja
