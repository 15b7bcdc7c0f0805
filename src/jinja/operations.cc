#include "jinja/operations.h"

#include <algorithm>
#include <cmath>

#include "jinja/loop.h"
#include "jinja/print.h"

namespace tare::jinja {
namespace {

Result<bool> ListsEqual(Budget& budget, const Values& a, const Values& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, a[i], b[i]));
    if (!equal) return false;
  }
  return true;
}

Result<bool> DictsEqual(Budget& budget, const Dict& a, const Dict& b) {
  if (a.items.size() != b.items.size()) return false;
  for (const auto& [key, value] : a.items) {
    TARE_ASSIGN_OR_RETURN(const Value* const other, Lookup(budget, b, key));
    if (other == nullptr) return false;
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, value, *other));
    if (!equal) return false;
  }
  return true;
}

template <typename T>
std::optional<int> OrderOf(T a, T b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return 0;
  return std::nullopt;
}

Result<std::optional<int>> OrderLists(Budget& budget, std::string_view op, const List& a,
                                      const List& b) {
  const size_t shared = std::min(a.items.size(), b.items.size());
  for (size_t i = 0; i < shared; ++i) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, a.items[i], b.items[i]));
    if (!equal) return Order(budget, op, a.items[i], b.items[i]);
  }
  return OrderOf(a.items.size(), b.items.size());
}

Result<bool> IsIn(Budget& budget, const Value& item, const Value& container) {
  if (const String* text = container.string()) {
    if (item.IsUndefined()) return UndefinedError(item);
    const String* const part = item.string();
    if (part == nullptr) {
      return InvalidInput("looked for a {} in a string, expected a string", item.type_name());
    }
    TARE_RETURN_IF_ERROR(budget.Work(text->text.size() * sizeof(char32_t)));
    return Find(text->text, part->text).has_value();
  }
  if (const Dict* dict = container.dict()) {
    TARE_ASSIGN_OR_RETURN(const Value* const found, Lookup(budget, *dict, item));
    return found != nullptr;
  }
  if (container.loop() != nullptr || container.Is<double>() || container.AsInteger() ||
      container.IsNone() || container.name_space() != nullptr) {
    return InvalidInput("looked for a value in a {}, which has no elements", container.type_name());
  }
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(budget, container));
  for (const Value& element : elements) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, element, item));
    if (equal) return true;
  }
  return false;
}

}  // namespace

bool IsTrue(const Value& value) {
  if (const auto* boolean = value.If<bool>()) return *boolean;
  if (const auto* number = value.If<double>()) return *number != 0.0;
  if (const auto integer = value.AsInteger()) return *integer != 0;
  if (value.IsUndefined() || value.IsNone()) return false;
  if (value.stream() != nullptr) return true;
  return LengthOf(value).value_or(1) != 0;
}

Result<bool> AreEqual(Budget& budget, const Value& a, const Value& b) {
  TARE_RETURN_IF_ERROR(budget.Work(kWorkPerStep / 4));
  if (a.IsUndefined() || b.IsUndefined()) return a.IsUndefined() && b.IsUndefined();
  if (a.IsNone() || b.IsNone()) return a.IsNone() && b.IsNone();
  if (a.AsInteger() && b.AsInteger()) return *a.AsInteger() == *b.AsInteger();
  if (a.AsNumber() && b.AsNumber()) return *a.AsNumber() == *b.AsNumber();
  if (a.string() != nullptr && b.string() != nullptr) {
    const Text& text = a.string()->text;
    if (text.size() != b.string()->text.size()) return false;
    TARE_RETURN_IF_ERROR(budget.Work(text.size()));
    return Equal(text, b.string()->text);
  }
  if (a.list() != nullptr && b.list() != nullptr) {
    if (a.list()->is_tuple != b.list()->is_tuple) return false;
    return ListsEqual(budget, a.list()->items, b.list()->items);
  }
  if (a.dict() != nullptr && b.dict() != nullptr) return DictsEqual(budget, *a.dict(), *b.dict());
  if (a.range() != nullptr && b.range() != nullptr) {
    TARE_ASSIGN_OR_RETURN(const Values left, Elements(budget, a));
    TARE_ASSIGN_OR_RETURN(const Values right, Elements(budget, b));
    return ListsEqual(budget, left, right);
  }
  return a.address() != nullptr && a.address() == b.address();
}

Result<std::optional<int>> Order(Budget& budget, std::string_view op, const Value& a,
                                 const Value& b) {
  TARE_RETURN_IF_ERROR(budget.Work(kWorkPerStep / 4));
  if (a.IsUndefined()) return UndefinedError(a);
  if (b.IsUndefined()) return UndefinedError(b);
  if (a.AsInteger() && b.AsInteger()) return OrderOf(*a.AsInteger(), *b.AsInteger());
  if (a.AsNumber() && b.AsNumber()) return OrderOf(*a.AsNumber(), *b.AsNumber());
  if (a.string() != nullptr && b.string() != nullptr) {
    TARE_RETURN_IF_ERROR(budget.Work(a.string()->text.size()));
    return std::optional<int>(jinja::Compare(a.string()->text, b.string()->text));
  }
  if (a.list() != nullptr && b.list() != nullptr && a.list()->is_tuple == b.list()->is_tuple) {
    return OrderLists(budget, op, *a.list(), *b.list());
  }
  return InvalidInput("cannot compare a {} with a {} by {}", a.type_name(), b.type_name(), op);
}

Result<bool> Compare(Budget& budget, std::string_view op, const Value& a, const Value& b) {
  if (op == "in") return IsIn(budget, a, b);
  if (op == "==" || op == "!=") {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, a, b));
    return equal == (op == "==");
  }
  if (op == "not in") {
    TARE_ASSIGN_OR_RETURN(const bool found, IsIn(budget, a, b));
    return !found;
  }
  TARE_ASSIGN_OR_RETURN(const std::optional<int> order, Order(budget, op, a, b));
  if (!order) return false;
  if (op == "<") return *order < 0;
  if (op == "<=") return *order <= 0;
  return op == ">" ? *order > 0 : *order >= 0;
}

std::optional<int64_t> LengthOf(const Value& value) {
  const auto size = [](const auto& items) { return static_cast<int64_t>(items.size()); };
  if (value.IsUndefined()) return 0;
  if (const String* string = value.string()) return size(string->text);
  if (const List* list = value.list()) return size(list->items);
  if (const Dict* dict = value.dict()) return size(dict->items);
  if (const DictView* view = value.view()) return size(view->dict->items);
  if (const Range* range = value.range()) return range->size();
  if (const Loop* loop = value.loop()) return size(loop->items);
  return std::nullopt;
}

Result<Values> Elements(Budget& budget, const Value& value) {
  Values elements;
  const auto length = static_cast<size_t>(LengthOf(value).value_or(0));
  TARE_RETURN_IF_ERROR(budget.Work(length * sizeof(Value)));
  TARE_RETURN_IF_ERROR(budget.CanHold(length * sizeof(Value)));
  if (value.IsUndefined()) return elements;
  if (const List* list = value.list()) return list->items;
  elements.reserve(length);
  if (Stream* stream = value.stream()) {
    elements.assign(stream->items.begin() + static_cast<std::ptrdiff_t>(stream->next),
                    stream->items.end());
    stream->next = stream->items.size();
  } else if (const String* string = value.string()) {
    for (const char32_t c : string->text) {
      TARE_ASSIGN_OR_RETURN(Value character, MakeString(budget, Text(1, c)));
      elements.push_back(std::move(character));
    }
  } else if (const Dict* dict = value.dict()) {
    for (const auto& [key, ignored] : dict->items) elements.push_back(key);
  } else if (const Range* range = value.range()) {
    for (int64_t i = 0; i < range->size(); ++i) {
      elements.emplace_back(range->start + i * range->step);
    }
  } else if (const DictView* view = value.view()) {
    for (const auto& [key, each] : view->dict->items) {
      if (view->kind != DictView::Kind::kItems) {
        elements.push_back(view->kind == DictView::Kind::kKeys ? key : each);
        continue;
      }
      TARE_ASSIGN_OR_RETURN(Value pair, MakeTuple(budget, {key, each}));
      elements.push_back(std::move(pair));
    }
  } else {
    return InvalidInput("cannot loop over a {}", value.type_name());
  }
  return elements;
}

Result<const Value*> Lookup(Budget& budget, const Dict& dict, const Value& key) {
  if (key.dict() != nullptr || (key.list() != nullptr && !key.list()->is_tuple)) {
    return InvalidInput("a {} cannot be the key of a mapping", key.type_name());
  }
  TARE_RETURN_IF_ERROR(budget.Work(dict.items.size() * 4));
  const String* const name = key.string();
  for (const auto& [each, value] : dict.items) {
    if (name != nullptr && each.string() != nullptr) {
      if (Equal(name->text, each.string()->text)) return &value;
      continue;
    }
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, each, key));
    if (equal) return &value;
  }
  return nullptr;
}

Result<void> Insert(Budget& budget, Pairs& pairs, Value key, Value value) {
  if (key.dict() != nullptr || (key.list() != nullptr && !key.list()->is_tuple)) {
    return InvalidInput("a {} cannot be the key of a mapping", key.type_name());
  }
  for (auto& [each, old] : pairs) {
    TARE_ASSIGN_OR_RETURN(const bool equal, AreEqual(budget, each, key));
    if (!equal) continue;
    old = std::move(value);
    return {};
  }
  pairs.emplace_back(std::move(key), std::move(value));
  return {};
}

Text EscapeHtml(TextView text) {
  Text out;
  for (const char32_t marked : text) {
    std::string_view name;
    switch (CodePoint(marked)) {
      case U'&':
        name = "&amp;";
        break;
      case U'<':
        name = "&lt;";
        break;
      case U'>':
        name = "&gt;";
        break;
      case U'\'':
        name = "&#39;";
        break;
      case U'"':
        name = "&#34;";
        break;
      default:
        out.push_back(marked);
        continue;
    }
    for (const char c : name) out.push_back(static_cast<char32_t>(c) | (marked & kInput));
  }
  return out;
}

}  // namespace tare::jinja
