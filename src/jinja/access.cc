#include "jinja/access.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "jinja/loop.h"
#include "jinja/native.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/slice.h"

namespace tare::jinja {
namespace {

// What Python calls the types, for the messages that Jinja has.
std::string_view PythonType(const Value& value) {
  if (value.IsNone()) return "None";
  if (value.Is<bool>()) return "bool object";
  if (value.Is<int64_t>()) return "int object";
  if (value.Is<double>()) return "float object";
  if (value.string() != nullptr) return "str object";
  if (const List* list = value.list()) return list->is_tuple ? "tuple object" : "list object";
  if (value.dict() != nullptr) return "dict object";
  return value.type_name();
}

Value NoAttribute(const Value& value, std::string_view name) {
  return MakeUndefined(fmt::format("'{}' has no attribute '{}'", PythonType(value), name));
}

Value Unsafe(const Value& value, std::string_view name) {
  return MakeUndefined(
      fmt::format("the sandbox keeps back the attribute '{}' of '{}'", name, PythonType(value)));
}

// The names that change a value; the sandbox is immutable.
bool Changes(const Value& value, std::string_view name) {
  constexpr std::string_view kOfLists[] = {"append", "clear", "pop",    "reverse",
                                           "insert", "sort",  "extend", "remove"};
  constexpr std::string_view kOfDicts[] = {"clear", "pop", "popitem", "setdefault", "update"};
  const auto has = [&](const auto& names) {
    return std::ranges::find(names, name) != std::end(names);
  };
  if (const List* list = value.list()) return !list->is_tuple && has(kOfLists);
  return value.dict() != nullptr && has(kOfDicts);
}

Value AttributeOfLoop(const Loop& loop, std::string_view name) {
  const auto size = static_cast<int64_t>(loop.items.size());
  const auto index0 = static_cast<int64_t>(loop.index0);
  const auto level0 = static_cast<int64_t>(loop.level0);
  if (name == "index0") return index0;
  if (name == "index") return index0 + 1;
  if (name == "revindex0") return size - index0 - 1;
  if (name == "revindex") return size - index0;
  if (name == "first") return index0 == 0;
  if (name == "last") return index0 + 1 == size;
  if (name == "length") return size;
  if (name == "depth0") return level0;
  if (name == "depth") return level0 + 1;
  if (name == "previtem") {
    if (index0 == 0) return MakeUndefined("there is no previous item");
    return loop.items[loop.index0 - 1];
  }
  if (name == "nextitem") {
    if (index0 + 1 == size) return MakeUndefined("there is no next item");
    return loop.items[loop.index0 + 1];
  }
  return MakeUndefined(fmt::format("'loop' has no attribute '{}'", name));
}

// A method, or what else an object has under a name. nullopt: nothing.
std::optional<Value> OwnAttribute(const Value& value, const std::string& name) {
  if (name.starts_with("__") && name.ends_with("__")) return Unsafe(value, name);
  if (Changes(value, name)) return Unsafe(value, name);
  if (const Namespace* space = value.name_space()) {
    for (const auto& [each, attribute] : space->attributes) {
      if (each == name) return attribute;
    }
    return std::nullopt;
  }
  if (const NativeFunction* method = FindMethod(value, name)) {
    return BoundFunction{method, std::make_shared<const Value>(value)};
  }
  if (const Loop* loop = value.loop()) return AttributeOfLoop(*loop, name);
  return std::nullopt;
}

// The element at an index, or under a key. nullopt: there is none.
Result<std::optional<Value>> Element(Budget& budget, const Value& value, const Value& key) {
  if (const Dict* dict = value.dict()) {
    if (key.dict() != nullptr || (key.list() != nullptr && !key.list()->is_tuple)) {
      return std::optional<Value>();
    }
    TARE_ASSIGN_OR_RETURN(const Value* const found, Lookup(budget, *dict, key));
    if (found == nullptr) return std::optional<Value>();
    return std::optional<Value>(*found);
  }
  if (!value.IsSequence() && value.range() == nullptr) return std::optional<Value>();
  const auto given = key.AsInteger();
  const int64_t size = *LengthOf(value);
  if (!given || *given >= size || *given < -size) return std::optional<Value>();
  const int64_t index = *given < 0 ? *given + size : *given;
  const auto at = static_cast<size_t>(index);
  if (const List* list = value.list()) return std::optional<Value>(list->items[at]);
  if (const Range* range = value.range()) {
    return std::optional<Value>(range->start + index * range->step);
  }
  TARE_ASSIGN_OR_RETURN(Value character, MakeString(budget, Text(1, value.string()->text[at])));
  return std::optional<Value>(std::move(character));
}

}  // namespace

Result<Value> GetAttribute(Budget& budget, const Value& value, const std::string& name) {
  if (value.IsUndefined()) return UndefinedError(value);
  if (auto own = OwnAttribute(value, name)) return *std::move(own);
  TARE_ASSIGN_OR_RETURN(auto element, Element(budget, value, Constant(FromUtf8(name))));
  return element ? *std::move(element) : NoAttribute(value, name);
}

Result<Value> GetItem(Budget& budget, const Value& value, const Value& key) {
  if (value.IsUndefined()) return UndefinedError(value);
  TARE_ASSIGN_OR_RETURN(auto element, Element(budget, value, key));
  if (element) return *std::move(element);
  if (const String* name = key.string()) {
    const std::string text = ToUtf8(name->text);
    if (auto own = OwnAttribute(value, text)) return *std::move(own);
    return NoAttribute(value, text.substr(0, 80));
  }
  TARE_ASSIGN_OR_RETURN(const Text shown,
                        key.AsNumber() ? Repr(budget, key) : FromUtf8(key.type_name()));
  return MakeUndefined(fmt::format("{} has no element {}", PythonType(value), ToUtf8(shown)));
}

Result<Value> GetSlice(Budget& budget, const Value& value, const Value& start, const Value& stop,
                       const Value& step) {
  if (value.IsUndefined()) return UndefinedError(value);
  const bool is_cuttable = value.IsSequence() || value.range() != nullptr;
  if (!is_cuttable) return InvalidInput("a {} has no slices", value.type_name());
  TARE_ASSIGN_OR_RETURN(const Slice slice, MakeSlice(start, stop, step, *LengthOf(value)));
  const auto at = [&](int64_t i) { return static_cast<size_t>(slice.start + i * slice.step); };
  if (const Range* range = value.range()) {
    const int64_t first = range->start + slice.start * range->step;
    const int64_t by = range->step * slice.step;
    return Value(std::make_shared<const Range>(Range{first, first + slice.count * by, by}));
  }
  if (const String* string = value.string()) {
    TARE_RETURN_IF_ERROR(budget.CanHold(static_cast<size_t>(slice.count) * sizeof(char32_t)));
    if (slice.step == 1) {
      return MakeString(budget, string->text.substr(at(0), static_cast<size_t>(slice.count)),
                        string->is_markup);
    }
    Text text;
    for (int64_t i = 0; i < slice.count; ++i) text.push_back(string->text[at(i)]);
    return MakeString(budget, std::move(text), string->is_markup);
  }
  const List& list = *value.list();
  TARE_RETURN_IF_ERROR(budget.CanHold(static_cast<size_t>(slice.count) * sizeof(Value)));
  Values items;
  for (int64_t i = 0; i < slice.count; ++i) items.push_back(list.items[at(i)]);
  return list.is_tuple ? MakeTuple(budget, std::move(items)) : MakeList(budget, std::move(items));
}

Result<Value> GetPath(Budget& budget, const Value& value, const Value& path) {
  const String* const names = path.string();
  if (names == nullptr) return GetItem(budget, value, path);
  Value at = value;
  std::string rest = ToUtf8(names->text);
  while (true) {
    const size_t dot = std::min(rest.find('.'), rest.size());
    const std::string name = rest.substr(0, dot);
    const bool is_number = !name.empty() && name.size() < 10 &&
                           name.find_first_not_of("0123456789") == std::string::npos;
    const Value key =
        is_number ? Value(static_cast<int64_t>(std::stol(name))) : Constant(FromUtf8(name));
    TARE_ASSIGN_OR_RETURN(at, GetItem(budget, at, key));
    if (dot == rest.size()) return at;
    rest.erase(0, dot + 1);
  }
}

}  // namespace tare::jinja
