#include <algorithm>

#include "jinja/access.h"
#include "jinja/native.h"
#include "jinja/operations.h"
#include "jinja/print.h"

namespace tare::jinja {
namespace {

Result<Value> Length(Runtime&, const Value& self, const Arguments&) {
  if (const auto length = LengthOf(self)) return Value(*length);
  return InvalidInput("a {} has no length", self.type_name());
}

Result<Value> Default(Runtime&, const Value& self, const Arguments& arguments) {
  const bool replaces_false = IsTrue(arguments.Or(1, false));
  const bool is_missing = self.IsUndefined() || (replaces_false && !IsTrue(self));
  return is_missing ? arguments.Or(0, Constant(Text())) : self;
}

Result<Value> First(Runtime& runtime, const Value& self, const Arguments&) {
  if (Stream* stream = self.stream()) {
    if (stream->next < stream->items.size()) return stream->items[stream->next++];
    return MakeUndefined("No first item, sequence was empty.");
  }
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  if (elements.empty()) return MakeUndefined("No first item, sequence was empty.");
  return elements.front();
}

Result<Value> Last(Runtime& runtime, const Value& self, const Arguments&) {
  if (self.stream() != nullptr) {
    return InvalidInput("last cannot take a generator; make a list of it first");
  }
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  if (elements.empty()) return MakeUndefined("No last item, sequence was empty.");
  return elements.back();
}

Result<Value> Join(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  TARE_ASSIGN_OR_RETURN(const Text between, Str(runtime.budget, arguments.Or(0, Constant(Text()))));
  const bool has_attribute = arguments.Has(1) && !arguments[1].IsNone();
  Text out;
  for (size_t i = 0; i < elements.size(); ++i) {
    Value element = elements[i];
    if (has_attribute) {
      TARE_ASSIGN_OR_RETURN(element, GetPath(runtime.budget, element, arguments[1]));
    }
    TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, element));
    const size_t more = text.size() + between.size();
    TARE_RETURN_IF_ERROR(runtime.budget.Work(more * sizeof(char32_t)));
    TARE_RETURN_IF_ERROR(runtime.budget.CanHold((out.size() + more) * sizeof(char32_t)));
    if (i > 0) out += between;
    out += text;
  }
  return MakeString(runtime.budget, std::move(out));
}

Result<Value> ToList(Runtime& runtime, const Value& self, const Arguments&) {
  TARE_ASSIGN_OR_RETURN(Values elements, Elements(runtime.budget, self));
  return MakeList(runtime.budget, std::move(elements));
}

Result<Value> Items(Runtime& runtime, const Value& self, const Arguments&) {
  Values pairs;
  if (!self.IsUndefined() && self.dict() == nullptr) {
    return InvalidInput("items takes a mapping, got a {}", self.type_name());
  }
  if (const Dict* dict = self.dict()) {
    for (const auto& [key, value] : dict->items) {
      TARE_ASSIGN_OR_RETURN(Value pair, MakeTuple(runtime.budget, {key, value}));
      pairs.push_back(std::move(pair));
    }
  }
  return MakeStream(runtime.budget, std::move(pairs));
}

Result<Value> Reverse(Runtime& runtime, const Value& self, const Arguments&) {
  if (const String* string = self.string()) {
    return MakeString(runtime.budget, Text(string->text.rbegin(), string->text.rend()),
                      string->is_markup);
  }
  TARE_ASSIGN_OR_RETURN(Values elements, Elements(runtime.budget, self));
  std::ranges::reverse(elements);
  if (self.stream() != nullptr) return MakeList(runtime.budget, std::move(elements));
  return MakeStream(runtime.budget, std::move(elements));
}

Result<int64_t> PositiveCount(const Value& value, std::string_view name) {
  TARE_ASSIGN_OR_RETURN(const int64_t count, IntegerOf(value, name));
  if (count < 1 || count > kMaxRange) {
    return InvalidInput("{} is {}, expected 1 to {}", name, count, kMaxRange);
  }
  return count;
}

Result<Value> Batch(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  TARE_ASSIGN_OR_RETURN(const int64_t given, PositiveCount(arguments[0], "linecount"));
  const auto size = static_cast<size_t>(given);
  Values batches;
  for (size_t i = 0; i < elements.size(); i += size) {
    Values batch(
        elements.begin() + static_cast<std::ptrdiff_t>(i),
        elements.begin() + static_cast<std::ptrdiff_t>(std::min(i + size, elements.size())));
    if (arguments.Has(1) && !arguments[1].IsNone()) batch.resize(size, arguments[1]);
    TARE_ASSIGN_OR_RETURN(Value list, MakeList(runtime.budget, std::move(batch)));
    batches.push_back(std::move(list));
  }
  return MakeStream(runtime.budget, std::move(batches));
}

Result<Value> SliceFilter(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  TARE_ASSIGN_OR_RETURN(const int64_t given, PositiveCount(arguments[0], "slices"));
  const auto count = static_cast<size_t>(given);
  const bool fills = arguments.Has(1) && !arguments[1].IsNone();
  Values slices;
  size_t begin = 0;
  for (size_t i = 0; i < count; ++i) {
    const bool is_longer = i < elements.size() % count;
    const size_t end = begin + elements.size() / count + (is_longer ? 1 : 0);
    Values slice(elements.begin() + static_cast<std::ptrdiff_t>(begin),
                 elements.begin() + static_cast<std::ptrdiff_t>(end));
    if (fills && !is_longer) slice.push_back(arguments[1]);
    TARE_ASSIGN_OR_RETURN(Value list, MakeList(runtime.budget, std::move(slice)));
    slices.push_back(std::move(list));
    begin = end;
  }
  return MakeStream(runtime.budget, std::move(slices));
}

constexpr NativeFunction kSequenceFilters[] = {
    {"batch", "linecount fill_with?", Batch},
    {"count", "", Length},
    {"d", "default_value? boolean?", Default},
    {"default", "default_value? boolean?", Default},
    {"first", "", First},
    {"items", "", Items},
    {"join", "d? attribute?", Join},
    {"last", "", Last},
    {"length", "", Length},
    {"list", "", ToList},
    {"reverse", "", Reverse},
    {"slice", "slices fill_with?", SliceFilter},
    {"attr", "name", NotSupported},
    {"groupby", "attribute", NotSupported},
    {"random", "", NotSupported},
};

}  // namespace

std::span<const NativeFunction> SequenceFilters() { return kSequenceFilters; }

}  // namespace tare::jinja
