// Jinja's tests: what stands after `is`.
#include <algorithm>
#include <cmath>

#include "jinja/native.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/unicode.h"

namespace tare::jinja {
namespace {

template <bool (*is)(const Value&)>
Result<Value> Test(Runtime&, const Value& self, const Arguments&) {
  return Value(is(self));
}

bool IsDefined(const Value& value) { return !value.IsUndefined(); }
bool IsUndefined(const Value& value) { return value.IsUndefined(); }
bool IsNone(const Value& value) { return value.IsNone(); }
bool IsBoolean(const Value& value) { return value.Is<bool>(); }
bool IsExactlyTrue(const Value& value) { return value.Is<bool>() && *value.If<bool>(); }
bool IsExactlyFalse(const Value& value) { return value.Is<bool>() && !*value.If<bool>(); }
bool IsInteger(const Value& value) { return value.Is<int64_t>(); }
bool IsFloat(const Value& value) { return value.Is<double>(); }
bool IsNumber(const Value& value) { return value.AsNumber().has_value(); }
bool IsString(const Value& value) { return value.string() != nullptr; }
bool IsMapping(const Value& value) { return value.dict() != nullptr; }
bool IsEscaped(const Value& value) { return IsString(value) && value.string()->is_markup; }

// Whether Jinja's tests say so: anything with a length and elements, mappings and undefined among
// them.
bool IsSequence(const Value& value) {
  return value.IsUndefined() || value.IsSequence() || value.dict() != nullptr ||
         value.range() != nullptr;
}

bool IsIterable(const Value& value) {
  return IsSequence(value) || value.stream() != nullptr || value.view() != nullptr ||
         value.loop() != nullptr;
}

bool IsCallable(const Value& value) {
  return value.Is<BoundFunction>() || value.macro() != nullptr || value.loop() != nullptr ||
         value.IsUndefined();
}

template <bool odd>
Result<Value> Parity(Runtime& runtime, const Value& self, const Arguments&) {
  TARE_ASSIGN_OR_RETURN(const Value rest, Calculate(runtime.budget, "%", self, int64_t{2}));
  TARE_ASSIGN_OR_RETURN(const bool is, AreEqual(runtime.budget, rest, int64_t{odd ? 1 : 0}));
  return Value(is);
}

Result<Value> DivisibleBy(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Value rest, Calculate(runtime.budget, "%", self, arguments[0]));
  TARE_ASSIGN_OR_RETURN(const bool is, AreEqual(runtime.budget, rest, int64_t{0}));
  return Value(is);
}

// Whether there are letters with case and all are of the case that `map` gives.
template <Text (*map)(TextView)>
Result<Value> IsInCase(Runtime& runtime, const Value& self, const Arguments&) {
  TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, self));
  const bool has_letters =
      std::ranges::any_of(text, [](char32_t c) { return IsCased(CodePoint(c)); });
  return Value(has_letters && Equal(map(text), text));
}

Result<Value> IsFilter(Runtime&, const Value& self, const Arguments&) {
  TARE_ASSIGN_OR_RETURN(const TextView name, TextOf(self, "the name of a filter"));
  return Value(FindFilter(ToUtf8(name)) != nullptr);
}

Result<Value> IsTest(Runtime&, const Value& self, const Arguments&) {
  TARE_ASSIGN_OR_RETURN(const TextView name, TextOf(self, "the name of a test"));
  return Value(FindTest(ToUtf8(name)) != nullptr);
}

// The operators have names too.
enum Operator { kEqual, kUnequal, kGreater, kGreaterOrEqual, kLess, kLessOrEqual, kIn };
constexpr std::string_view kOperators[] = {"==", "!=", ">", ">=", "<", "<=", "in"};

template <Operator op>
Result<Value> CompareTest(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const bool is, Compare(runtime.budget, kOperators[op], self, arguments[0]));
  return Value(is);
}

// Python's `is`: small values are one object, others only where they come from one place.
Result<Value> SameAs(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Value& other = arguments[0];
  if (self.IsNone() || other.IsNone()) return Value(self.IsNone() && other.IsNone());
  const bool same_kind = self.type_name() == other.type_name();
  if (same_kind && (self.AsNumber() || IsString(self))) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(runtime.budget, self, other));
    return Value(equal);
  }
  return Value(self.address() != nullptr && self.address() == other.address());
}

constexpr NativeFunction kTests[] = {
    {"boolean", "", Test<IsBoolean>},
    {"callable", "", Test<IsCallable>},
    {"defined", "", Test<IsDefined>},
    {"divisibleby", "num", DivisibleBy},
    {"escaped", "", Test<IsEscaped>},
    {"even", "", Parity<false>},
    {"false", "", Test<IsExactlyFalse>},
    {"filter", "", IsFilter},
    {"float", "", Test<IsFloat>},
    {"integer", "", Test<IsInteger>},
    {"iterable", "", Test<IsIterable>},
    {"lower", "", IsInCase<Lower>},
    {"mapping", "", Test<IsMapping>},
    {"none", "", Test<IsNone>},
    {"number", "", Test<IsNumber>},
    {"odd", "", Parity<true>},
    {"sameas", "other", SameAs},
    {"sequence", "", Test<IsSequence>},
    {"string", "", Test<IsString>},
    {"test", "", IsTest},
    {"true", "", Test<IsExactlyTrue>},
    {"undefined", "", Test<IsUndefined>},
    {"upper", "", IsInCase<Upper>},
    {"in", "seq", CompareTest<kIn>},
    {"==", "other", CompareTest<kEqual>},
    {"eq", "other", CompareTest<kEqual>},
    {"equalto", "other", CompareTest<kEqual>},
    {"!=", "other", CompareTest<kUnequal>},
    {"ne", "other", CompareTest<kUnequal>},
    {">", "other", CompareTest<kGreater>},
    {"gt", "other", CompareTest<kGreater>},
    {"greaterthan", "other", CompareTest<kGreater>},
    {">=", "other", CompareTest<kGreaterOrEqual>},
    {"ge", "other", CompareTest<kGreaterOrEqual>},
    {"<", "other", CompareTest<kLess>},
    {"lt", "other", CompareTest<kLess>},
    {"lessthan", "other", CompareTest<kLess>},
    {"<=", "other", CompareTest<kLessOrEqual>},
    {"le", "other", CompareTest<kLessOrEqual>},
};

}  // namespace

const NativeFunction* FindTest(std::string_view name) {
  const auto found = std::ranges::find(kTests, name, &NativeFunction::name);
  return found == std::end(kTests) ? nullptr : &*found;
}

}  // namespace tare::jinja
