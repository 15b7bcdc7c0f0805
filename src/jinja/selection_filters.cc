#include <algorithm>

#include "jinja/access.h"
#include "jinja/native.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/unicode.h"

namespace tare::jinja {
namespace {

// A filter or test that is named by an argument.
Result<const NativeFunction*> NamedBy(const Value& value, std::string_view what,
                                      const NativeFunction* (*find)(std::string_view)) {
  TARE_ASSIGN_OR_RETURN(const TextView text, TextOf(value, what));
  const std::string name = ToUtf8(text);
  const NativeFunction* const found = find(name);
  if (found == nullptr) return InvalidInput("there is no {} named '{}'", what, name.substr(0, 80));
  return found;
}

CallArguments After(const CallArguments& given, size_t count) {
  CallArguments rest = given;
  const size_t dropped = std::min(count, rest.positional.size());
  rest.positional.erase(rest.positional.begin(),
                        rest.positional.begin() + static_cast<std::ptrdiff_t>(dropped));
  return rest;
}

// map(attribute="name"), with default=….
Result<Value> MapAttribute(Runtime& runtime, const Values& elements, const CallArguments& given) {
  std::optional<Value> path;
  Value fallback;
  for (const auto& [name, value] : given.named) {
    if (name == "attribute") path = value;
    if (name == "default") fallback = value;
    if (name != "attribute" && name != "default") {
      return InvalidInput("map() has no parameter {}", name);
    }
  }
  if (!path) return InvalidInput("map() needs the name of a filter, or attribute=");
  Values mapped;
  for (const Value& element : elements) {
    TARE_RETURN_IF_ERROR(runtime.budget.Work(kWorkPerStep));
    TARE_ASSIGN_OR_RETURN(Value value, GetPath(runtime.budget, element, *path));
    mapped.push_back(value.IsUndefined() && !fallback.IsNone() ? fallback : std::move(value));
  }
  return MakeStream(runtime.budget, std::move(mapped));
}

// These filters take any value that is false for an empty list.
Result<Values> ElementsIfTrue(Budget& budget, const Value& value) {
  if (!IsTrue(value)) return Values();
  return Elements(budget, value);
}

Result<Value> Map(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, ElementsIfTrue(runtime.budget, self));
  const CallArguments& given = arguments.rest;
  if (given.positional.empty()) return MapAttribute(runtime, elements, given);
  TARE_ASSIGN_OR_RETURN(const NativeFunction* const filter,
                        NamedBy(given.positional[0], "filter", FindFilter));
  const CallArguments rest = After(given, 1);
  Values mapped;
  for (const Value& element : elements) {
    TARE_ASSIGN_OR_RETURN(Value value, CallNative(runtime, *filter, element, rest));
    mapped.push_back(std::move(value));
  }
  return MakeStream(runtime.budget, std::move(mapped));
}

// select, reject, selectattr and rejectattr.
template <bool by_attribute, bool keeps>
Result<Value> Select(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, ElementsIfTrue(runtime.budget, self));
  const Values& given = arguments.rest.positional;
  const size_t test_at = by_attribute ? 1 : 0;
  if (by_attribute && given.empty()) return InvalidInput("the name of an attribute is missing");
  const NativeFunction* test = nullptr;
  if (given.size() > test_at) {
    TARE_ASSIGN_OR_RETURN(test, NamedBy(given[test_at], "test", FindTest));
  }
  const CallArguments rest = After(arguments.rest, test_at + 1);
  Values selected;
  for (const Value& element : elements) {
    TARE_RETURN_IF_ERROR(runtime.budget.Work(kWorkPerStep));
    Value value = element;
    if (by_attribute) {
      TARE_ASSIGN_OR_RETURN(value, GetPath(runtime.budget, element, given[0]));
    }
    if (test != nullptr) {
      TARE_ASSIGN_OR_RETURN(value, CallNative(runtime, *test, value, rest));
    }
    if (IsTrue(value) == keeps) selected.push_back(element);
  }
  return MakeStream(runtime.budget, std::move(selected));
}

// What a value is ordered by: itself, in lower case where case does not count.
Result<Value> KeyOf(Runtime& runtime, const Value& value, bool is_case_sensitive) {
  if (is_case_sensitive || value.string() == nullptr) return value;
  return MakeString(runtime.budget, Lower(value.string()->text));
}

struct Keyed {
  Values keys;
  Value value;
};

// The elements with their keys. `path`: the attributes to order by, with commas between.
Result<std::vector<Keyed>> WithKeys(Runtime& runtime, const Values& elements, const Value& path,
                                    bool is_case_sensitive) {
  Values paths;
  if (const String* names = path.string()) {
    TextView rest = names->text;
    while (true) {
      const size_t comma = Find(rest, U",").value_or(rest.size());
      paths.push_back(Constant(Text(rest.substr(0, comma))));
      if (comma == rest.size()) break;
      rest.remove_prefix(comma + 1);
    }
  } else if (!path.IsNone()) {
    paths.push_back(path);
  }
  std::vector<Keyed> keyed;
  for (const Value& element : elements) {
    TARE_RETURN_IF_ERROR(runtime.budget.Work(kWorkPerStep));
    Keyed one = {{}, element};
    for (size_t i = 0; i < std::max<size_t>(paths.size(), 1); ++i) {
      Value value = element;
      if (!paths.empty()) {
        TARE_ASSIGN_OR_RETURN(value, GetPath(runtime.budget, element, paths[i]));
      }
      TARE_ASSIGN_OR_RETURN(Value key, KeyOf(runtime, value, is_case_sensitive));
      one.keys.push_back(std::move(key));
    }
    keyed.push_back(std::move(one));
  }
  return keyed;
}

// As Python compares lists: by the first keys that differ.
Result<bool> KeysLess(Budget& budget, const Values& a, const Values& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, a[i], b[i]));
    if (equal) continue;
    TARE_ASSIGN_OR_RETURN(const auto order, Order(budget, "<", a[i], b[i]));
    return order.value_or(0) < 0;
  }
  return false;
}

// Sorts by the keys; equal ones keep their order.
Result<Values> Sorted(Runtime& runtime, std::vector<Keyed> keyed, bool is_reversed) {
  Status status;
  const auto is_less = [&](const Keyed& a, const Keyed& b) {
    if (!status.ok()) return false;
    const Result<bool> less = KeysLess(runtime.budget, a.keys, b.keys);
    if (!less.ok()) status = less.error();
    return less.ok() && *less;
  };
  // As Python's reverse=True: equal elements keep their order.
  if (is_reversed) std::ranges::reverse(keyed);
  std::stable_sort(keyed.begin(), keyed.end(), is_less);
  if (is_reversed) std::ranges::reverse(keyed);
  TARE_RETURN_IF_ERROR(status);
  Values sorted;
  for (Keyed& one : keyed) sorted.push_back(std::move(one.value));
  return sorted;
}

Result<Value> Sort(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  TARE_ASSIGN_OR_RETURN(
      std::vector<Keyed> keyed,
      WithKeys(runtime, elements, arguments.Or(2, None{}), IsTrue(arguments.Or(1, false))));
  TARE_ASSIGN_OR_RETURN(Values sorted,
                        Sorted(runtime, std::move(keyed), IsTrue(arguments.Or(0, false))));
  return MakeList(runtime.budget, std::move(sorted));
}

Result<Value> DictSort(Runtime& runtime, const Value& self, const Arguments& arguments) {
  if (self.dict() == nullptr) {
    return InvalidInput("dictsort takes a mapping, got a {}", self.type_name());
  }
  const Value by_value = arguments.Or(1, Constant(U"key"));
  TARE_ASSIGN_OR_RETURN(const TextView by, TextOf(by_value, "by"));
  if (!Equal(by, "key") && !Equal(by, "value")) {
    return InvalidInput("dictsort sorts by \"key\" or \"value\"");
  }
  std::vector<Keyed> keyed;
  for (const auto& [key, value] : self.dict()->items) {
    TARE_ASSIGN_OR_RETURN(Value pair, MakeTuple(runtime.budget, {key, value}));
    TARE_ASSIGN_OR_RETURN(Value order, KeyOf(runtime, Equal(by, "key") ? key : value,
                                             IsTrue(arguments.Or(0, false))));
    keyed.push_back({{std::move(order)}, std::move(pair)});
  }
  TARE_ASSIGN_OR_RETURN(Values sorted,
                        Sorted(runtime, std::move(keyed), IsTrue(arguments.Or(2, false))));
  return MakeList(runtime.budget, std::move(sorted));
}

Result<Value> Unique(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  const Value path = arguments.Or(1, None{});
  Pairs seen;
  Values unique;
  for (const Value& element : elements) {
    Value value = element;
    if (!path.IsNone()) {
      TARE_ASSIGN_OR_RETURN(value, GetPath(runtime.budget, element, path));
    }
    TARE_ASSIGN_OR_RETURN(Value key, KeyOf(runtime, value, IsTrue(arguments.Or(0, false))));
    const size_t before = seen.size();
    TARE_RETURN_IF_ERROR(Insert(runtime.budget, seen, std::move(key), None{}));
    if (seen.size() > before) unique.push_back(element);
  }
  return MakeStream(runtime.budget, std::move(unique));
}

template <bool largest>
Result<Value> Extreme(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, self));
  if (elements.empty()) return MakeUndefined("No aggregated item, sequence was empty.");
  const Value path = arguments.Or(1, None{});
  Value best;
  std::optional<Value> best_key;
  for (const Value& element : elements) {
    Value value = element;
    if (!path.IsNone()) {
      TARE_ASSIGN_OR_RETURN(value, GetPath(runtime.budget, element, path));
    }
    TARE_ASSIGN_OR_RETURN(Value key, KeyOf(runtime, value, IsTrue(arguments.Or(0, false))));
    if (best_key) {
      TARE_ASSIGN_OR_RETURN(const auto order, Order(runtime.budget, "<", key, *best_key));
      if (!order || (largest ? *order <= 0 : *order >= 0)) continue;
    }
    best = element;
    best_key = std::move(key);
  }
  return best;
}

constexpr NativeFunction kSelectionFilters[] = {
    {"dictsort", "case_sensitive? by? reverse?", DictSort},
    {"map", "*", Map},
    {"max", "case_sensitive? attribute?", Extreme<true>},
    {"min", "case_sensitive? attribute?", Extreme<false>},
    {"reject", "*", Select<false, false>},
    {"rejectattr", "*", Select<true, false>},
    {"select", "*", Select<false, true>},
    {"selectattr", "*", Select<true, true>},
    {"sort", "reverse? case_sensitive? attribute?", Sort},
    {"unique", "case_sensitive? attribute?", Unique},
};

}  // namespace

std::span<const NativeFunction> SelectionFilters() { return kSelectionFilters; }

}  // namespace tare::jinja
