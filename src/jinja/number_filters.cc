#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "jinja/access.h"
#include "jinja/native.h"
#include "jinja/operations.h"

namespace tare::jinja {
namespace {

// Without the underscores that Python allows between digits. nullopt where one is elsewhere.
std::optional<std::string> WithoutUnderscores(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto is_digit = [&](size_t at) {
      return at < text.size() && std::isxdigit(static_cast<unsigned char>(text[at])) != 0;
    };
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) {
      return std::nullopt;
    }
  }
  return plain;
}

std::optional<std::string> NumberText(const String& string) {
  return WithoutUnderscores(ToUtf8(Strip(string.text, Ends::kBoth)));
}

// Python's int(text, base). nullopt: it is none.
Result<std::optional<int64_t>> ParseInteger(const String& string, int base) {
  std::optional<std::string> text = NumberText(string);
  if (!text) return std::optional<int64_t>();
  const bool is_negative = text->starts_with('-');
  if (is_negative || text->starts_with('+')) text->erase(0, 1);
  const char prefix = base == 16 ? 'x' : base == 8 ? 'o' : base == 2 ? 'b' : '\0';
  if (prefix != '\0' && text->size() > 2 && (*text)[0] == '0' && ((*text)[1] | 0x20) == prefix) {
    text->erase(0, 2);
  }
  uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text->data(), text->data() + text->size(), number, base);
  const bool is_whole = !text->empty() && end == text->data() + text->size();
  if (!is_whole || error == std::errc::invalid_argument) return std::optional<int64_t>();
  if (error != std::errc() || number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
    return Unsupported("an integer is larger than 64 bits");
  }
  const auto value = static_cast<int64_t>(number);
  return std::optional<int64_t>(is_negative ? -value : value);
}

// Python's float(text).
std::optional<double> ParseFloat(const String& string) {
  std::optional<std::string> text = NumberText(string);
  if (!text) return std::nullopt;
  const bool has_sign = text->starts_with('-') || text->starts_with('+');
  const bool is_negative = text->starts_with('-');
  if (has_sign) text->erase(0, 1);
  if (text->empty() || (*text)[0] == '-' || text->find('(') != std::string::npos)
    return std::nullopt;
  double number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (end != text->data() + text->size() || error == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range) number = std::strtod(text->c_str(), nullptr);
  return is_negative ? -number : number;
}

Result<int64_t> Truncate(double number) {
  if (std::isinf(number)) return InvalidInput("infinity is no integer");
  if (std::abs(number) >= 9.2e18) return Unsupported("an integer is larger than 64 bits");
  return static_cast<int64_t>(number);
}

Result<Value> ToInteger(Runtime&, const Value& self, const Arguments& arguments) {
  if (self.IsUndefined()) return UndefinedError(self);
  const Value fallback = arguments.Or(0, int64_t{0});
  TARE_ASSIGN_OR_RETURN(const int64_t base, OptionalInteger(arguments, 1, "base", 10));
  if (base == 0) return Unsupported("an integer whose prefix names its base is not supported");
  if (const auto integer = self.AsInteger()) return Value(*integer);
  std::optional<double> number = self.AsNumber();
  if (const String* string = self.string()) {
    if (base >= 2 && base <= 36) {
      TARE_ASSIGN_OR_RETURN(const auto parsed, ParseInteger(*string, static_cast<int>(base)));
      if (parsed) return Value(*parsed);
    }
    number = ParseFloat(*string);
    if (number && std::isinf(*number)) return fallback;
  }
  if (!number || std::isnan(*number)) return fallback;
  TARE_ASSIGN_OR_RETURN(const int64_t integer, Truncate(*number));
  return Value(integer);
}

Result<Value> ToFloat(Runtime&, const Value& self, const Arguments& arguments) {
  if (self.IsUndefined()) return UndefinedError(self);
  std::optional<double> number = self.AsNumber();
  if (self.string() != nullptr) number = ParseFloat(*self.string());
  return number ? Value(*number) : arguments.Or(0, 0.0);
}

Result<Value> Absolute(Runtime&, const Value& self, const Arguments&) {
  if (self.IsUndefined()) return UndefinedError(self);
  if (const auto integer = self.AsInteger())
    return *integer < 0 ? Negate(self) : Result<Value>(Value(*integer));
  if (const auto* number = self.If<double>()) return Value(std::abs(*number));
  return InvalidInput("abs takes a number, got a {}", self.type_name());
}

Result<Value> Round(Runtime&, const Value& self, const Arguments& arguments) {
  if (self.IsUndefined()) return UndefinedError(self);
  const auto number = self.AsNumber();
  if (!number) return InvalidInput("round takes a number, got a {}", self.type_name());
  TARE_ASSIGN_OR_RETURN(const int64_t digits, OptionalInteger(arguments, 0, "precision", 0));
  const Value method_value = arguments.Or(1, Constant(U"common"));
  TARE_ASSIGN_OR_RETURN(const TextView method, TextOf(method_value, "method"));
  if (digits < 0 || digits > 300) return Unsupported("round supports a precision of 0 to 300");
  if (Equal(method, "common")) {
    if (self.AsInteger()) return Value(*self.AsInteger());
    // The nearest decimal of the exact number, as Python rounds.
    return Value(std::strtod(fmt::format("{:.{}f}", *number, digits).c_str(), nullptr));
  }
  if (!Equal(method, "ceil") && !Equal(method, "floor")) {
    return InvalidInput("the method of round must be common, ceil or floor");
  }
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double scaled = *number * scale;
  return Value((Equal(method, "ceil") ? std::ceil(scaled) : std::floor(scaled)) / scale);
}

Result<Value> Sum(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  Value sum = arguments.Or(1, int64_t{0});
  if (sum.string() != nullptr) return InvalidInput("sum does not join strings; use join");
  for (const Value& element : elements) {
    Value value = element;
    if (arguments.Has(0) && !arguments[0].IsNone()) {
      TARE_ASSIGN_OR_RETURN(value, GetPath(runtime.budget, element, arguments[0]));
    }
    TARE_RETURN_IF_ERROR(runtime.budget.Work(kWorkPerStep));
    TARE_ASSIGN_OR_RETURN(sum, Calculate(runtime.budget, "+", sum, value));
  }
  return sum;
}

constexpr NativeFunction kNumberFilters[] = {
    {"abs", "", Absolute},
    {"float", "default?", ToFloat},
    {"int", "default? base?", ToInteger},
    {"round", "precision? method?", Round},
    {"sum", "attribute? start?", Sum},
    {"filesizeformat", "binary?", NotSupported},
};

}  // namespace

std::span<const NativeFunction> NumberFilters() { return kNumberFilters; }

}  // namespace tare::jinja
