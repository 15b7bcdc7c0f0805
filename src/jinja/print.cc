#include "jinja/print.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "jinja/unicode.h"

namespace tare::jinja {
namespace {

// A namespace can hold itself.
constexpr int kMaxPrintDepth = 2 * kMaxValueDepth;

void AppendAscii(Text& text, std::string_view ascii) { text.append(ascii.begin(), ascii.end()); }

void AppendEscape(Text& text, std::string_view escape, char32_t origin) {
  for (const char c : escape) text.push_back(static_cast<char32_t>(c) | (origin & kInput));
}

// repr() of one character of a string in `quote`.
void AppendReprOf(Text& text, char32_t marked, char32_t quote) {
  const char32_t c = CodePoint(marked);
  if (c == quote || c == U'\\') AppendEscape(text, "\\", marked);
  if (c == U'\n') return AppendEscape(text, "\\n", marked);
  if (c == U'\r') return AppendEscape(text, "\\r", marked);
  if (c == U'\t') return AppendEscape(text, "\\t", marked);
  if (IsPrintable(c)) {
    text.push_back(marked);
  } else if (c < 0x100) {
    AppendEscape(text, fmt::format("\\x{:02x}", static_cast<uint32_t>(c)), marked);
  } else if (c < 0x10000) {
    AppendEscape(text, fmt::format("\\u{:04x}", static_cast<uint32_t>(c)), marked);
  } else {
    AppendEscape(text, fmt::format("\\U{:08x}", static_cast<uint32_t>(c)), marked);
  }
}

class Printer {
 public:
  explicit Printer(Budget& budget) : budget_(budget) {}

  Text out;

  Status Print(const Value& value, int depth = 0) {
    TARE_RETURN_IF_ERROR(budget_.Work(kWorkPerStep));
    if (depth > kMaxPrintDepth) return InvalidInput("a value lies too deep in others to print");
    if (value.IsUndefined()) return PrintWord("Undefined");
    if (value.IsNone()) return PrintWord("None");
    if (const auto* boolean = value.If<bool>()) return PrintWord(*boolean ? "True" : "False");
    if (const auto* integer = value.If<int64_t>()) return PrintWord(fmt::to_string(*integer));
    if (const auto* number = value.If<double>()) return PrintWord(FloatText(*number));
    if (const String* string = value.string()) return PrintString(*string);
    if (const List* list = value.list()) return PrintList(*list, depth);
    if (const Dict* dict = value.dict()) return PrintPairs(dict->items, depth);
    if (const Range* range = value.range()) return PrintRange(*range);
    if (const DictView* view = value.view()) return PrintView(*view, depth);
    if (const Namespace* space = value.name_space()) return PrintNamespace(*space, depth);
    return Unsupported("a {} cannot be printed; Python prints its address", value.type_name());
  }

 private:
  Status PrintWord(std::string_view word) {
    AppendAscii(out, word);
    return {};
  }

  Status PrintString(const String& string) {
    TARE_RETURN_IF_ERROR(budget_.Work(string.text.size() * sizeof(char32_t)));
    TARE_RETURN_IF_ERROR(budget_.CanHold((out.size() + string.text.size()) * sizeof(char32_t)));
    const bool has_single = ContainsCharacter(string.text, U'\'');
    const char32_t quote = has_single && !ContainsCharacter(string.text, U'"') ? U'"' : U'\'';
    if (string.is_markup) AppendAscii(out, "Markup(");
    out.push_back(quote);
    for (const char32_t c : string.text) AppendReprOf(out, c, quote);
    out.push_back(quote);
    if (string.is_markup) out.push_back(U')');
    return {};
  }

  Status PrintItems(const Values& items, int depth) {
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) AppendAscii(out, ", ");
      TARE_RETURN_IF_ERROR(Print(items[i], depth + 1));
    }
    return {};
  }

  Status PrintList(const List& list, int depth) {
    out.push_back(list.is_tuple ? U'(' : U'[');
    TARE_RETURN_IF_ERROR(PrintItems(list.items, depth));
    if (list.is_tuple && list.items.size() == 1) out.push_back(U',');
    out.push_back(list.is_tuple ? U')' : U']');
    return {};
  }

  Status PrintPairs(const Pairs& pairs, int depth) {
    out.push_back(U'{');
    bool is_first = true;
    for (const auto& [key, value] : pairs) {
      if (!is_first) AppendAscii(out, ", ");
      is_first = false;
      TARE_RETURN_IF_ERROR(Print(key, depth + 1));
      AppendAscii(out, ": ");
      TARE_RETURN_IF_ERROR(Print(value, depth + 1));
    }
    out.push_back(U'}');
    return {};
  }

  Status PrintRange(const Range& range) {
    AppendAscii(out, fmt::format("range({}, {}", range.start, range.stop));
    if (range.step != 1) AppendAscii(out, fmt::format(", {}", range.step));
    out.push_back(U')');
    return {};
  }

  Status PrintView(const DictView& view, int depth) {
    const bool keys = view.kind == DictView::Kind::kKeys;
    const bool items = view.kind == DictView::Kind::kItems;
    AppendAscii(out, keys ? "dict_keys([" : items ? "dict_items([" : "dict_values([");
    bool is_first = true;
    for (const auto& [key, value] : view.dict->items) {
      if (!is_first) AppendAscii(out, ", ");
      is_first = false;
      if (items) out.push_back(U'(');
      if (keys || items) TARE_RETURN_IF_ERROR(Print(key, depth + 2));
      if (items) AppendAscii(out, ", ");
      if (!keys) TARE_RETURN_IF_ERROR(Print(value, depth + 2));
      if (items) out.push_back(U')');
    }
    AppendAscii(out, "])");
    return {};
  }

  Status PrintNamespace(const Namespace& space, int depth) {
    Pairs pairs;
    for (const auto& [name, value] : space.attributes) {
      pairs.emplace_back(Constant(FromUtf8(name)), value);
    }
    AppendAscii(out, "<Namespace ");
    TARE_RETURN_IF_ERROR(PrintPairs(pairs, depth));
    out.push_back(U'>');
    return {};
  }

  Budget& budget_;
};

}  // namespace

std::string FloatText(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  char buffer[40];
  const auto end =
      std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::scientific).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), end, exponent);
  if (exponent < -4 || exponent >= 16) return std::string(text);
  const auto fixed =
      std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::fixed).ptr;
  std::string plain(buffer, static_cast<size_t>(fixed - buffer));
  if (plain.find('.') == std::string::npos) plain += ".0";
  return plain;
}

Result<Text> Str(Budget& budget, const Value& value) {
  if (const String* string = value.string()) {
    TARE_RETURN_IF_ERROR(budget.Work(string->text.size() * sizeof(char32_t)));
    return string->text;
  }
  if (value.IsUndefined()) return Text();
  return Repr(budget, value);
}

Result<Text> Repr(Budget& budget, const Value& value) {
  Printer printer(budget);
  TARE_RETURN_IF_ERROR(printer.Print(value));
  return std::move(printer.out);
}

}  // namespace tare::jinja
