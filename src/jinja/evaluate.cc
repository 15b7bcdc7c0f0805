#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "jinja/access.h"
#include "jinja/interpreter.h"
#include "jinja/loop.h"
#include "jinja/operations.h"
#include "jinja/print.h"

namespace tare::jinja {
namespace {

// Whether the value is known before anything runs. Jinja2 works such expressions out while it
// compiles, where a slice that fails is only undefined.
bool IsConstant(const Expression& expression) {
  using Kind = Expression::Kind;
  const Kind kind = expression.kind;
  const bool is_known = kind == Kind::kConstant ||
                        (kind >= Kind::kList && kind <= Kind::kConditional) ||
                        kind == Kind::kItem || kind == Kind::kSlice;
  return is_known && std::ranges::all_of(expression.parts, [](const ExpressionPtr& part) {
           return part == nullptr || IsConstant(*part);
         });
}

}  // namespace

Result<Value> Interpreter::Evaluate(const Expression& expression) {
  const Depth depth(*this);
  line_ = expression.line;
  TARE_RETURN_IF_ERROR(depth.status);
  TARE_RETURN_IF_ERROR(budget_.Work(kWorkPerStep));
  return EvaluateKind(expression);
}

Result<Value> Interpreter::EvaluateKind(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::kConstant:
      return expression.value;
    case Expression::Kind::kName:
      return EvaluateName(expression);
    case Expression::Kind::kList:
    case Expression::Kind::kTuple:
    case Expression::Kind::kDict:
      return EvaluateLiteral(expression);
    case Expression::Kind::kCompare:
      return EvaluateCompare(expression);
    case Expression::Kind::kConcat:
      return EvaluateConcat(expression);
    case Expression::Kind::kConditional:
      return EvaluateConditional(expression);
    case Expression::Kind::kSlice:
      return EvaluateSlice(expression);
    case Expression::Kind::kFilter:
    case Expression::Kind::kTest:
      return EvaluateFilterOrTest(expression);
    case Expression::Kind::kCall:
      return EvaluateCall(expression, {});
    default:
      return EvaluateOperator(expression);
  }
}

Result<Value> Interpreter::EvaluateName(const Expression& expression) {
  if (const Value* value = scope_->Find(expression.name)) return *value;
  if (const NativeFunction* function = FindGlobal(expression.name)) {
    return Value(BoundFunction{function, nullptr});
  }
  return MakeUndefined("'" + expression.name + "' is undefined");
}

Result<Values> Interpreter::EvaluateParts(const Expression& expression) {
  Values values;
  values.reserve(expression.parts.size());
  for (const ExpressionPtr& part : expression.parts) {
    TARE_ASSIGN_OR_RETURN(Value value, Evaluate(*part));
    values.push_back(std::move(value));
  }
  line_ = expression.line;
  return values;
}

Result<Value> Interpreter::EvaluateLiteral(const Expression& expression) {
  TARE_ASSIGN_OR_RETURN(Values values, EvaluateParts(expression));
  if (expression.kind == Expression::Kind::kList) return MakeList(budget_, std::move(values));
  if (expression.kind == Expression::Kind::kTuple) return MakeTuple(budget_, std::move(values));
  Pairs pairs;
  for (size_t i = 0; i + 1 < values.size(); i += 2) {
    TARE_RETURN_IF_ERROR(Insert(budget_, pairs, std::move(values[i]), std::move(values[i + 1])));
  }
  return MakeDict(budget_, std::move(pairs));
}

// Operators and subscripts of one or two operands.
Result<Value> Interpreter::EvaluateOperator(const Expression& expression) {
  TARE_ASSIGN_OR_RETURN(Value left, Evaluate(*expression.parts[0]));
  if (expression.kind == Expression::Kind::kAnd || expression.kind == Expression::Kind::kOr) {
    if (IsTrue(left) == (expression.kind == Expression::Kind::kOr)) return left;
    return Evaluate(*expression.parts[1]);
  }
  Value right;
  if (expression.parts.size() > 1) {
    TARE_ASSIGN_OR_RETURN(right, Evaluate(*expression.parts[1]));
  }
  line_ = expression.line;
  switch (expression.kind) {
    case Expression::Kind::kNot:
      return Value(!IsTrue(left));
    case Expression::Kind::kNegate:
      return Negate(left);
    case Expression::Kind::kPlus:
      return Plus(left);
    case Expression::Kind::kArithmetic:
      return Calculate(budget_, expression.name, left, right);
    case Expression::Kind::kAttribute:
      return GetAttribute(budget_, left, expression.name);
    case Expression::Kind::kItem:
      return GetItem(budget_, left, right);
    default:
      return InternalError("an expression has no rule");
  }
}

Result<Value> Interpreter::EvaluateCompare(const Expression& expression) {
  TARE_ASSIGN_OR_RETURN(Value left, Evaluate(*expression.parts[0]));
  for (size_t i = 0; i < expression.names.size(); ++i) {
    TARE_ASSIGN_OR_RETURN(Value right, Evaluate(*expression.parts[i + 1]));
    line_ = expression.line;
    TARE_ASSIGN_OR_RETURN(const bool holds, Compare(budget_, expression.names[i], left, right));
    if (!holds) return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

Result<Value> Interpreter::EvaluateConcat(const Expression& expression) {
  TARE_ASSIGN_OR_RETURN(const Values values, EvaluateParts(expression));
  Text text;
  for (const Value& value : values) {
    TARE_ASSIGN_OR_RETURN(const Text part, Str(budget_, value));
    TARE_RETURN_IF_ERROR(budget_.CanHold((text.size() + part.size()) * sizeof(char32_t)));
    text += part;
  }
  return MakeString(budget_, std::move(text));
}

Result<Value> Interpreter::EvaluateConditional(const Expression& expression) {
  TARE_ASSIGN_OR_RETURN(const Value test, Evaluate(*expression.parts[0]));
  if (IsTrue(test)) return Evaluate(*expression.parts[1]);
  if (expression.parts.size() > 2) return Evaluate(*expression.parts[2]);
  return MakeUndefined("an `if` without `else` in an expression does not hold");
}

Result<Value> Interpreter::EvaluateSlice(const Expression& expression) {
  Values values(4);
  for (size_t i = 0; i < values.size(); ++i) {
    if (expression.parts[i] == nullptr) continue;
    TARE_ASSIGN_OR_RETURN(values[i], Evaluate(*expression.parts[i]));
  }
  line_ = expression.line;
  const bool has_slices =
      values[0].IsSequence() || values[0].range() != nullptr || values[0].IsUndefined();
  if (!has_slices && IsConstant(expression)) {
    return MakeUndefined(fmt::format("a {} has no slices", values[0].type_name()));
  }
  return GetSlice(budget_, values[0], values[1], values[2], values[3]);
}

Result<Value> Interpreter::EvaluateFilterOrTest(const Expression& expression) {
  Value input = block_text_;
  if (expression.parts[0] != nullptr) {
    TARE_ASSIGN_OR_RETURN(input, Evaluate(*expression.parts[0]));
  }
  if (expression.function == nullptr) {
    line_ = expression.line;
    return InvalidInput("there is no {} named '{}'",
                        expression.kind == Expression::Kind::kTest ? "test" : "filter",
                        expression.name);
  }
  TARE_ASSIGN_OR_RETURN(CallArguments arguments, EvaluateArguments(expression.call));
  line_ = expression.line;
  return CallNative(runtime_, *expression.function, input, std::move(arguments));
}

Result<CallArguments> Interpreter::EvaluateArguments(const CallSyntax& syntax) {
  CallArguments arguments;
  for (const ExpressionPtr& each : syntax.positional) {
    TARE_ASSIGN_OR_RETURN(Value value, Evaluate(*each));
    arguments.positional.push_back(std::move(value));
  }
  for (const auto& [name, each] : syntax.named) {
    TARE_ASSIGN_OR_RETURN(Value value, Evaluate(*each));
    arguments.named.emplace_back(name, std::move(value));
  }
  if (syntax.spread != nullptr) {
    TARE_ASSIGN_OR_RETURN(const Value list, Evaluate(*syntax.spread));
    TARE_ASSIGN_OR_RETURN(const Values elements, Elements(budget_, list));
    arguments.positional.insert(arguments.positional.end(), elements.begin(), elements.end());
  }
  if (syntax.named_spread != nullptr) {
    TARE_ASSIGN_OR_RETURN(const Value mapping, Evaluate(*syntax.named_spread));
    if (mapping.dict() == nullptr)
      return InvalidInput("** takes a mapping, got a {}", mapping.type_name());
    for (const auto& [key, value] : mapping.dict()->items) {
      TARE_ASSIGN_OR_RETURN(const TextView name, TextOf(key, "the name of an argument"));
      arguments.named.emplace_back(ToUtf8(name), value);
    }
  }
  return arguments;
}

// more: arguments besides those of the call itself.
Result<Value> Interpreter::EvaluateCall(const Expression& expression, CallArguments more) {
  TARE_ASSIGN_OR_RETURN(const Value callee, Evaluate(*expression.parts[0]));
  TARE_ASSIGN_OR_RETURN(CallArguments arguments, EvaluateArguments(expression.call));
  line_ = expression.line;
  for (auto& named : more.named) arguments.named.push_back(std::move(named));
  if (callee.IsUndefined()) return UndefinedError(callee);
  if (const auto* bound = callee.If<BoundFunction>()) {
    const Value self = bound->self == nullptr ? Value() : *bound->self;
    return CallNative(runtime_, *bound->function, self, std::move(arguments));
  }
  if (callee.loop() != nullptr) return CallLoop(callee, arguments);
  if (callee.macro() == nullptr) return InvalidInput("a {} cannot be called", callee.type_name());
  return CallMacro(*callee.macro(), std::move(arguments));
}

}  // namespace tare::jinja
