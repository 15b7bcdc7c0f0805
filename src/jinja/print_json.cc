#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "jinja/print.h"

namespace tare::jinja {
namespace {

void AppendAs(Text& text, std::string_view ascii, char32_t origin) {
  for (const char c : ascii) text.push_back(static_cast<char32_t>(c) | (origin & kInput));
}

void AppendUnit(Text& text, uint32_t unit, char32_t origin) {
  AppendAs(text, fmt::format("\\u{:04x}", unit), origin);
}

void AppendJsonOf(Text& text, char32_t marked, bool ensure_ascii) {
  const char32_t c = CodePoint(marked);
  constexpr std::u32string_view kNamed = U"\"\\\n\r\t\b\f";
  constexpr std::string_view kNames = "\"\\nrtbf";
  if (const size_t named = kNamed.find(c); named != kNamed.npos) {
    return AppendAs(text, std::string{'\\', kNames[named]}, marked);
  }
  if (c < 0x20) return AppendUnit(text, c, marked);
  if (c < 0x7F || !ensure_ascii) return text.push_back(marked);
  if (c < 0x10000) return AppendUnit(text, c, marked);
  AppendUnit(text, 0xD800 + ((c - 0x10000) >> 10), marked);
  AppendUnit(text, 0xDC00 + ((c - 0x10000) & 0x3FF), marked);
}

std::string JsonFloat(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return FloatText(number);
}

class JsonPrinter {
 public:
  JsonPrinter(Budget& budget, const JsonLayout& layout) : budget_(budget), layout_(layout) {}

  Text out;

  Status Print(const Value& value, size_t level = 0) {
    TARE_RETURN_IF_ERROR(budget_.Work(kWorkPerStep));
    if (value.IsNone()) return PrintWord("null");
    if (const auto* boolean = value.If<bool>()) return PrintWord(*boolean ? "true" : "false");
    if (const auto* integer = value.If<int64_t>()) return PrintWord(fmt::to_string(*integer));
    if (const auto* number = value.If<double>()) return PrintWord(JsonFloat(*number));
    if (const String* string = value.string()) return PrintString(string->text);
    if (const List* list = value.list()) return PrintList(*list, level);
    if (const Dict* dict = value.dict()) return PrintDict(*dict, level);
    if (value.IsUndefined()) {
      return InvalidInput("tojson got an undefined value: {}", UndefinedError(value).message());
    }
    return InvalidInput("tojson got a {}, which JSON has no form for", value.type_name());
  }

 private:
  Status PrintWord(std::string_view word) {
    AppendAs(out, word, 0);
    return {};
  }

  Status PrintString(TextView text) {
    TARE_RETURN_IF_ERROR(budget_.Work(text.size() * sizeof(char32_t)));
    TARE_RETURN_IF_ERROR(budget_.CanHold((out.size() + text.size()) * sizeof(char32_t)));
    out.push_back(U'"');
    for (const char32_t c : text) AppendJsonOf(out, c, layout_.ensure_ascii);
    out.push_back(U'"');
    return {};
  }

  Status BreakLine(size_t level) {
    if (!layout_.indent) return {};
    const size_t chars = level * layout_.indent->size();
    TARE_RETURN_IF_ERROR(budget_.Work(chars * sizeof(char32_t)));
    TARE_RETURN_IF_ERROR(budget_.CanHold((out.size() + chars) * sizeof(char32_t)));
    out.push_back(U'\n');
    for (size_t i = 0; i < level; ++i) out.append(*layout_.indent);
    return {};
  }

  Status PrintList(const List& list, size_t level) {
    if (list.items.empty()) return PrintWord("[]");
    out.push_back(U'[');
    for (size_t i = 0; i < list.items.size(); ++i) {
      if (i > 0) out.append(layout_.item_separator);
      TARE_RETURN_IF_ERROR(BreakLine(level + 1));
      TARE_RETURN_IF_ERROR(Print(list.items[i], level + 1));
    }
    TARE_RETURN_IF_ERROR(BreakLine(level));
    out.push_back(U']');
    return {};
  }

  Status PrintKey(const Value& key) {
    if (const String* string = key.string()) return PrintString(string->text);
    if (key.list() != nullptr) return InvalidInput("tojson got a mapping with a tuple as a key");
    out.push_back(U'"');
    TARE_RETURN_IF_ERROR(Print(key));
    out.push_back(U'"');
    return {};
  }

  // As they lie, or by their keys.
  Result<std::vector<const Pairs::value_type*>> Order(const Pairs& pairs) {
    std::vector<const Pairs::value_type*> order;
    for (const auto& pair : pairs) {
      if (layout_.sort_keys && pair.first.string() == nullptr) {
        return Unsupported("tojson sorts only keys that are strings, got a {}",
                           pair.first.type_name());
      }
      order.push_back(&pair);
    }
    if (!layout_.sort_keys) return order;
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
      return Compare(a->first.string()->text, b->first.string()->text) < 0;
    });
    return order;
  }

  Status PrintDict(const Dict& dict, size_t level) {
    if (dict.items.empty()) return PrintWord("{}");
    TARE_ASSIGN_OR_RETURN(const auto order, Order(dict.items));
    out.push_back(U'{');
    for (size_t i = 0; i < order.size(); ++i) {
      if (i > 0) out.append(layout_.item_separator);
      TARE_RETURN_IF_ERROR(BreakLine(level + 1));
      TARE_RETURN_IF_ERROR(PrintKey(order[i]->first));
      out.append(layout_.key_separator);
      TARE_RETURN_IF_ERROR(Print(order[i]->second, level + 1));
    }
    TARE_RETURN_IF_ERROR(BreakLine(level));
    out.push_back(U'}');
    return {};
  }

  Budget& budget_;
  const JsonLayout& layout_;
};

}  // namespace

Result<Text> ToJson(Budget& budget, const Value& value, const JsonLayout& layout) {
  JsonPrinter printer(budget, layout);
  TARE_RETURN_IF_ERROR(printer.Print(value));
  return std::move(printer.out);
}

}  // namespace tare::jinja
