// The functions that Jinja and Transformers give a chat template.
#include <algorithm>
#include <array>

#include "jinja/native.h"
#include "jinja/operations.h"
#include "jinja/print.h"

namespace tare::jinja {
namespace {

Result<Value> RaiseException(Runtime& runtime, const Value&, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Text message, Str(runtime.budget, arguments[0]));
  constexpr size_t kLongest = 4096;
  return InvalidInput("the template refuses the conversation: {}",
                      ToUtf8(TextView(message).substr(0, kLongest)));
}

Result<Value> StrftimeNow(Runtime& runtime, const Value&, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const TextView format, TextOf(arguments[0], "format"));
  constexpr size_t kLongest = 1000;
  if (format.empty()) return MakeString(runtime.budget, Text());
  if (format.size() > kLongest) return Unsupported("the format of a date is too long");
  // A character after the result, so that an empty one differs from one that does not fit.
  const std::string pattern = ToUtf8(format) + ".";
  std::array<char, 16 * kLongest> buffer;
  const size_t size = std::strftime(buffer.data(), buffer.size(), pattern.c_str(), &runtime.now);
  if (size == 0) return InvalidInput("the format of a date gives no date");
  return MakeString(runtime.budget, FromUtf8({buffer.data(), size - 1}));
}

Result<Value> MakeRange(Runtime&, const Value&, const Arguments& arguments) {
  Range range;
  TARE_ASSIGN_OR_RETURN(range.stop, IntegerOf(arguments[0], "the end of range()"));
  if (arguments.Has(1)) {
    range.start = range.stop;
    TARE_ASSIGN_OR_RETURN(range.stop, IntegerOf(arguments[1], "the end of range()"));
  }
  TARE_ASSIGN_OR_RETURN(range.step, OptionalInteger(arguments, 2, "the step of range()", 1));
  if (range.step == 0) return InvalidInput("the step of range() is 0");
  // Far ends would overflow below; no sensible range has them.
  constexpr int64_t kFar = int64_t{1} << 60;
  for (const int64_t end : {range.start, range.stop, range.step}) {
    if (end > kFar || end < -kFar) return Unsupported("the numbers of range() are too large");
  }
  if (range.size() > kMaxRange) {
    return InvalidInput("range() has {} elements, expected at most {}", range.size(), kMaxRange);
  }
  return Value(std::make_shared<const Range>(range));
}

Result<Pairs> ReadPairs(Runtime& runtime, const Arguments& arguments) {
  const auto& [positional, named] = arguments.rest;
  Pairs pairs;
  if (positional.size() > 1) return InvalidInput("got several values without a name");
  if (!positional.empty() && positional[0].dict() != nullptr) pairs = positional[0].dict()->items;
  if (!positional.empty() && positional[0].dict() == nullptr) {
    TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, positional[0]));
    for (const Value& element : elements) {
      TARE_ASSIGN_OR_RETURN(const Values pair, Elements(runtime.budget, element));
      if (pair.size() != 2) return InvalidInput("got values that are no pairs of key and value");
      TARE_RETURN_IF_ERROR(Insert(runtime.budget, pairs, pair[0], pair[1]));
    }
  }
  for (const auto& [name, value] : named) {
    TARE_RETURN_IF_ERROR(Insert(runtime.budget, pairs, Constant(FromUtf8(name)), value));
  }
  return pairs;
}

Result<Value> MakeDictionary(Runtime& runtime, const Value&, const Arguments& arguments) {
  Result<Pairs> pairs = ReadPairs(runtime, arguments);
  if (!pairs.ok()) return pairs.error().In("dict()");
  return MakeDict(runtime.budget, *std::move(pairs));
}

Result<Value> MakeNamespace(Runtime& runtime, const Value&, const Arguments& arguments) {
  const Result<Pairs> pairs = ReadPairs(runtime, arguments);
  if (!pairs.ok()) return pairs.error().In("namespace()");
  auto space = std::make_shared<Namespace>();
  for (const auto& [key, value] : *pairs) {
    TARE_ASSIGN_OR_RETURN(const TextView name, TextOf(key, "a name of namespace()"));
    TARE_RETURN_IF_ERROR(CheckNamespaceName(ToUtf8(name)));
    space->attributes.emplace_back(ToUtf8(name), value);
  }
  // Namespaces live until the rendering ends.
  TARE_RETURN_IF_ERROR(
      runtime.budget.Hold(sizeof(Namespace) + pairs->size() * sizeof(Pairs::value_type)));
  runtime.kept.emplace_back(space);
  return Value(std::move(space));
}

constexpr NativeFunction kGlobals[] = {
    {"dict", "*", MakeDictionary},
    {"namespace", "*", MakeNamespace},
    {"raise_exception", "message", RaiseException},
    {"range", "/ start stop? step?", MakeRange},
    {"strftime_now", "format", StrftimeNow},
    {"cycler", "*", NotSupported},
    {"joiner", "*", NotSupported},
    {"lipsum", "*", NotSupported},
};

}  // namespace

Status CheckNamespaceName(std::string_view name) {
  if (!name.starts_with('_')) return {};
  return InvalidInput("a namespace cannot have the attribute {}, which begins with _", name);
}

const NativeFunction* FindGlobal(std::string_view name) {
  const auto found = std::ranges::find(kGlobals, name, &NativeFunction::name);
  return found == std::end(kGlobals) ? nullptr : &*found;
}

}  // namespace tare::jinja
