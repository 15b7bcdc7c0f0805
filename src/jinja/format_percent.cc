#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jinja/operations.h"
#include "jinja/print.h"

namespace tare::jinja {
namespace {

constexpr size_t kMaxFieldWidth = 10'000;

// One `%…` of a pattern.
struct Field {
  bool is_left = false;
  bool has_zeros = false;
  bool has_plus = false;
  size_t width = 0;
  std::optional<size_t> precision = {};
  std::optional<Text> key = {};
  char32_t kind = 0;
};

class PercentFormatter {
 public:
  PercentFormatter(Budget& budget, TextView pattern, const Value& values)
      : budget_(budget), rest_(pattern), values_(values) {}

  Result<Text> Run() {
    while (!rest_.empty()) {
      const char32_t c = rest_.front();
      rest_.remove_prefix(1);
      if (CodePoint(c) != U'%') {
        out_.push_back(c);
        continue;
      }
      TARE_ASSIGN_OR_RETURN(const Field field, ReadField());
      TARE_RETURN_IF_ERROR(Write(field));
    }
    const List* const tuple = values_.list();
    const bool all_used = tuple != nullptr && tuple->is_tuple
                              ? used_ == tuple->items.size()
                              : used_ > 0 || values_.dict() != nullptr;
    if (!all_used && !took_key_) return InvalidInput("% got more values than its pattern takes");
    return std::move(out_);
  }

 private:
  char32_t Front() const { return rest_.empty() ? 0 : CodePoint(rest_.front()); }

  Result<size_t> ReadSize() {
    size_t size = 0;
    for (; Front() >= U'0' && Front() <= U'9'; rest_.remove_prefix(1)) {
      size = size * 10 + (Front() - U'0');
      if (size > kMaxFieldWidth) return Unsupported("a % field is wider than {}", kMaxFieldWidth);
    }
    return size;
  }

  Result<Field> ReadField() {
    Field field;
    if (Front() == U'(') {
      const auto end = Find(rest_, U")");
      if (!end) return InvalidInput("a % field has no )");
      field.key = Text(rest_.substr(1, *end - 1));
      rest_.remove_prefix(*end + 1);
    }
    for (; Front() == U'-' || Front() == U'0' || Front() == U'+'; rest_.remove_prefix(1)) {
      (Front() == U'-' ? field.is_left : Front() == U'0' ? field.has_zeros : field.has_plus) = true;
    }
    TARE_ASSIGN_OR_RETURN(field.width, ReadSize());
    if (Front() == U'.') {
      rest_.remove_prefix(1);
      TARE_ASSIGN_OR_RETURN(field.precision, ReadSize());
    }
    if (rest_.empty()) return InvalidInput("a % field is incomplete");
    field.kind = Front();
    rest_.remove_prefix(1);
    return field;
  }

  Result<Value> Next(const Field& field) {
    if (field.key) {
      took_key_ = true;
      const Dict* const dict = values_.dict();
      if (dict == nullptr) return InvalidInput("% with names needs a mapping");
      TARE_ASSIGN_OR_RETURN(const Value* const value, Lookup(budget_, *dict, Constant(*field.key)));
      if (value == nullptr) return InvalidInput("% got no value named \"{}\"", ToUtf8(*field.key));
      return *value;
    }
    const List* const tuple = values_.list();
    const bool is_tuple = tuple != nullptr && tuple->is_tuple;
    const size_t count = is_tuple ? tuple->items.size() : 1;
    if (used_ == count) return InvalidInput("% got fewer values than its pattern takes");
    ++used_;
    return is_tuple ? tuple->items[used_ - 1] : values_;
  }

  static Result<std::string> Number(const Field& field, const Value& value) {
    if (value.IsUndefined()) return UndefinedError(value);
    const auto number = value.AsNumber();
    if (!number) {
      return InvalidInput("% expected a number, got a {}", value.type_name());
    }
    const bool is_whole = field.kind == U'd' || field.kind == U'i';
    std::string text;
    if (is_whole && value.AsInteger()) {
      text = fmt::to_string(*value.AsInteger());
    } else if (is_whole) {
      text = fmt::format("{:.0f}", std::trunc(*number));
    } else {
      text = fmt::format("{:.{}f}", *number, field.precision.value_or(6));
    }
    if (field.has_plus && text[0] != '-') text.insert(0, 1, '+');
    return text;
  }

  Result<Text> Body(const Field& field, const Value& value) {
    if (field.kind == U's' || field.kind == U'r') {
      TARE_ASSIGN_OR_RETURN(Text text,
                            field.kind == U's' ? Str(budget_, value) : Repr(budget_, value));
      if (field.precision) text = text.substr(0, *field.precision);
      return text;
    }
    if (field.kind == U'x' && value.AsInteger() && *value.AsInteger() >= 0) {
      return FromUtf8(fmt::format("{:x}", *value.AsInteger()));
    }
    if (field.kind != U'd' && field.kind != U'i' && field.kind != U'f') {
      return Unsupported("% does not support the field %{}", ToUtf8(Text(1, field.kind)));
    }
    TARE_ASSIGN_OR_RETURN(const std::string number, Number(field, value));
    return FromUtf8(number);
  }

  Status Write(const Field& field) {
    if (field.kind == U'%') {
      out_.push_back(U'%');
      return {};
    }
    TARE_ASSIGN_OR_RETURN(const Value value, Next(field));
    TARE_ASSIGN_OR_RETURN(Text body, Body(field, value));
    const size_t missing = field.width - std::min(field.width, body.size());
    TARE_RETURN_IF_ERROR(budget_.Work((body.size() + missing) * sizeof(char32_t)));
    TARE_RETURN_IF_ERROR(budget_.CanHold((out_.size() + body.size() + missing) * sizeof(char32_t)));
    const bool is_number = field.kind != U's' && field.kind != U'r';
    if (field.is_left) {
      body.append(missing, U' ');
    } else if (field.has_zeros && is_number) {
      const bool has_sign = body[0] == U'-' || body[0] == U'+';
      body.insert(has_sign ? 1 : 0, missing, U'0');
    } else {
      body.insert(0, missing, U' ');
    }
    out_ += body;
    return {};
  }

  Budget& budget_;
  TextView rest_;
  const Value& values_;
  size_t used_ = 0;
  bool took_key_ = false;
  Text out_;
};

}  // namespace

Result<Text> FormatPercent(Budget& budget, TextView pattern, const Value& values) {
  TARE_RETURN_IF_ERROR(budget.Work(pattern.size() * sizeof(char32_t)));
  return PercentFormatter(budget, pattern, values).Run();
}

}  // namespace tare::jinja
