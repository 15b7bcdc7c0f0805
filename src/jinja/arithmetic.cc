#include <algorithm>
#include <cmath>

#include "jinja/operations.h"
#include "jinja/print.h"

namespace tare::jinja {
namespace {

Error Mismatch(std::string_view op, const Value& a, const Value& b) {
  return InvalidInput("cannot calculate {} {} {}", a.type_name(), op, b.type_name());
}

Error TooLarge() { return Unsupported("an integer is larger than 64 bits"); }
Error DividedByZero() { return InvalidInput("division by zero"); }

// Rounded towards minus infinity, as Python does.
int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}
int64_t FloorModulo(int64_t a, int64_t b) {
  const int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

Result<Value> Power(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) return DividedByZero();
    return Value(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  // Beyond 64 factors only 0, 1 and -1 stay within 64 bits.
  if (exponent > 64 && (base > 1 || base < -1)) return TooLarge();
  if (exponent > 64) exponent = 2 + exponent % 2;
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i) {
    if (__builtin_mul_overflow(result, base, &result)) return TooLarge();
  }
  return Value(result);
}

Result<Value> OfIntegers(std::string_view op, int64_t a, int64_t b) {
  int64_t result = 0;
  if (op == "+" || op == "-" || op == "*") {
    const bool overflows = op == "+"   ? __builtin_add_overflow(a, b, &result)
                           : op == "-" ? __builtin_sub_overflow(a, b, &result)
                                       : __builtin_mul_overflow(a, b, &result);
    if (overflows) return TooLarge();
    return Value(result);
  }
  if (op == "**") return Power(a, b);
  if (b == 0) return DividedByZero();
  if (op == "/") return Value(static_cast<double>(a) / static_cast<double>(b));
  if (b == -1) return OfIntegers("-", 0, op == "%" ? 0 : a);
  return Value(op == "//" ? FloorDivide(a, b) : FloorModulo(a, b));
}

Result<Value> OfNumbers(std::string_view op, double a, double b) {
  if (op == "+") return Value(a + b);
  if (op == "-") return Value(a - b);
  if (op == "*") return Value(a * b);
  if (op == "**") {
    if (a == 0 && b < 0) return DividedByZero();
    const double power = std::pow(a, b);
    if (std::isnan(power) && !std::isnan(a) && !std::isnan(b)) {
      return Unsupported("the power of a negative number is a complex one");
    }
    if (std::isinf(power) && std::isfinite(a) && std::isfinite(b)) {
      return InvalidInput("the power is too large for a float");
    }
    return Value(power);
  }
  if (b == 0) return DividedByZero();
  if (op == "/") return Value(a / b);
  double rest = std::fmod(a, b);
  if (rest != 0 && (rest < 0) != (b < 0)) rest += b;
  if (op == "%") return Value(rest != 0 ? rest : std::copysign(0.0, b));
  const double quotient = std::round((a - rest) / b);
  return Value(quotient != 0 ? quotient : std::copysign(0.0, a / b));
}

Result<Value> Concatenate(Budget& budget, const String& a, const String& b) {
  const bool markup = a.is_markup || b.is_markup;
  TARE_RETURN_IF_ERROR(budget.CanHold((a.text.size() + b.text.size()) * sizeof(char32_t)));
  Text text = markup && !a.is_markup ? EscapeHtml(a.text) : a.text;
  text += markup && !b.is_markup ? EscapeHtml(b.text) : b.text;
  return MakeString(budget, std::move(text), markup);
}

Result<Value> Repeat(Budget& budget, const Value& value, int64_t count) {
  const auto times = static_cast<size_t>(std::max<int64_t>(count, 0));
  const String* const string = value.string();
  const size_t size = string != nullptr ? string->text.size() : value.list()->items.size();
  const size_t bytes = size * (string != nullptr ? sizeof(char32_t) : sizeof(Value));
  if (bytes > 0 && times > kMaxHeldBytes / bytes) return budget.CanHold(kMaxHeldBytes + 1).error();
  TARE_RETURN_IF_ERROR(budget.CanHold(times * bytes));
  if (string != nullptr) {
    Text text;
    for (size_t i = 0; size > 0 && i < times; ++i) text += string->text;
    return MakeString(budget, std::move(text), string->is_markup);
  }
  const List& list = *value.list();
  Values items;
  for (size_t i = 0; size > 0 && i < times; ++i) {
    items.insert(items.end(), list.items.begin(), list.items.end());
  }
  return list.is_tuple ? MakeTuple(budget, std::move(items)) : MakeList(budget, std::move(items));
}

Result<Value> Add(Budget& budget, const Value& a, const Value& b) {
  if (a.string() != nullptr && b.string() != nullptr) {
    return Concatenate(budget, *a.string(), *b.string());
  }
  const List* const left = a.list();
  const List* const right = b.list();
  if (left == nullptr || right == nullptr || left->is_tuple != right->is_tuple) {
    return Mismatch("+", a, b);
  }
  TARE_RETURN_IF_ERROR(budget.CanHold((left->items.size() + right->items.size()) * sizeof(Value)));
  Values items = left->items;
  items.insert(items.end(), right->items.begin(), right->items.end());
  return left->is_tuple ? MakeTuple(budget, std::move(items)) : MakeList(budget, std::move(items));
}

}  // namespace

Result<Value> Calculate(Budget& budget, std::string_view op, const Value& a, const Value& b) {
  if (a.IsUndefined()) return UndefinedError(a);
  if (op == "%" && a.string() != nullptr) {
    TARE_ASSIGN_OR_RETURN(Text text, FormatPercent(budget, a.string()->text, b));
    return MakeString(budget, std::move(text), a.string()->is_markup);
  }
  if (b.IsUndefined()) return UndefinedError(b);
  if (a.AsInteger() && b.AsInteger()) return OfIntegers(op, *a.AsInteger(), *b.AsInteger());
  if (a.AsNumber() && b.AsNumber()) return OfNumbers(op, *a.AsNumber(), *b.AsNumber());
  if (op == "+") return Add(budget, a, b);
  if (op == "*" && a.IsSequence() && b.AsInteger()) return Repeat(budget, a, *b.AsInteger());
  if (op == "*" && b.IsSequence() && a.AsInteger()) return Repeat(budget, b, *a.AsInteger());
  return Mismatch(op, a, b);
}

Result<Value> Negate(const Value& value) {
  if (value.IsUndefined()) return UndefinedError(value);
  if (const auto integer = value.AsInteger()) return OfIntegers("-", 0, *integer);
  if (const auto* number = value.If<double>()) return Value(-*number);
  return InvalidInput("cannot negate a {}", value.type_name());
}

Result<Value> Plus(const Value& value) {
  if (value.IsUndefined()) return UndefinedError(value);
  if (const auto integer = value.AsInteger()) return Value(*integer);
  if (value.Is<double>()) return value;
  return InvalidInput("cannot take + of a {}", value.type_name());
}

}  // namespace tare::jinja
