#include <algorithm>

#include "jinja/loop.h"
#include "jinja/native.h"
#include "jinja/operations.h"

namespace tare::jinja {
namespace {

std::shared_ptr<const Dict> Share(const Value& self) {
  // The view keeps the mapping alive through a copy of its value.
  const auto owner = std::make_shared<const Value>(self);
  return {owner, owner->dict()};
}

template <DictView::Kind kind>
Result<Value> View(Runtime&, const Value& self, const Arguments&) {
  return Value(std::make_shared<const DictView>(DictView{kind, Share(self)}));
}

Result<Value> DictGet(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Value* const found,
                        Lookup(runtime.budget, *self.dict(), arguments[0]));
  return found == nullptr ? arguments.Or(1, None{}) : *found;
}

Result<Value> Copy(Runtime&, const Value& self, const Arguments&) { return self; }

Result<Value> IndexOf(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const Values& items = self.list()->items;
  for (size_t i = 0; i < items.size(); ++i) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(runtime.budget, items[i], arguments[0]));
    if (equal) return Value(static_cast<int64_t>(i));
  }
  return InvalidInput("index() found no such element");
}

Result<Value> CountOf(Runtime& runtime, const Value& self, const Arguments& arguments) {
  int64_t count = 0;
  for (const Value& item : self.list()->items) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(runtime.budget, item, arguments[0]));
    count += equal ? 1 : 0;
  }
  return Value(count);
}

Result<Value> Cycle(Runtime&, const Value& self, const Arguments& arguments) {
  const Values& given = arguments.rest.positional;
  if (given.empty()) return InvalidInput("loop.cycle() got nothing to cycle through");
  return given[self.loop()->index0 % given.size()];
}

Result<Value> Changed(Runtime& runtime, const Value& self, const Arguments& arguments) {
  Loop& loop = *self.loop();
  TARE_ASSIGN_OR_RETURN(Value given, MakeTuple(runtime.budget, arguments.rest.positional));
  if (loop.last_changed) {
    TARE_ASSIGN_OR_RETURN(const bool same, AreEqual(runtime.budget, *loop.last_changed, given));
    if (same) return Value(false);
  } else {
    runtime.kept.push_back(self);
  }
  loop.last_changed = std::move(given);
  return Value(true);
}

constexpr NativeFunction kDictMethods[] = {
    {"get", "/ key default?", DictGet},
    {"items", "", View<DictView::Kind::kItems>},
    {"keys", "", View<DictView::Kind::kKeys>},
    {"values", "", View<DictView::Kind::kValues>},
    {"copy", "", Copy},
    {"fromkeys", "", NotSupported},
};

constexpr NativeFunction kListMethods[] = {
    {"index", "/ value", IndexOf},
    {"count", "/ value", CountOf},
    {"copy", "", Copy},
};

constexpr NativeFunction kLoopMethods[] = {
    {"cycle", "/ *", Cycle},
    {"changed", "/ *", Changed},
};

// Of numbers; no template is known that uses them.
constexpr NativeFunction kNumberMethods[] = {
    {"as_integer_ratio", "", NotSupported},
    {"bit_count", "", NotSupported},
    {"bit_length", "", NotSupported},
    {"conjugate", "", NotSupported},
    {"denominator", "", NotSupported},
    {"fromhex", "", NotSupported},
    {"from_bytes", "", NotSupported},
    {"hex", "", NotSupported},
    {"imag", "", NotSupported},
    {"is_integer", "", NotSupported},
    {"numerator", "", NotSupported},
    {"real", "", NotSupported},
    {"to_bytes", "", NotSupported},
};

std::span<const NativeFunction> MethodsOf(const Value& value) {
  if (value.string() != nullptr) return StringMethods();
  if (value.dict() != nullptr) return kDictMethods;
  if (const List* list = value.list()) {
    const std::span<const NativeFunction> all = kListMethods;
    return list->is_tuple ? all.first(2) : all;
  }
  if (value.loop() != nullptr) return kLoopMethods;
  if (value.AsNumber()) return kNumberMethods;
  return {};
}

}  // namespace

const NativeFunction* FindMethod(const Value& value, std::string_view name) {
  const std::span<const NativeFunction> table = MethodsOf(value);
  const auto found = std::ranges::find(table, name, &NativeFunction::name);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace tare::jinja
