#include <algorithm>

#include "jinja/native.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/slice.h"
#include "jinja/unicode.h"

namespace tare::jinja {
namespace {

bool IsMarkup(const Value& value) { return value.string() != nullptr && value.string()->is_markup; }

// Most filters of texts take any value and print it first.
template <Text (*map)(TextView)>
Result<Value> MapText(Runtime& runtime, const Value& self, const Arguments&) {
  TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, self));
  return MakeString(runtime.budget, map(text), IsMarkup(self));
}

Text CapitalizedWord(TextView text) {
  Text out;
  if (text.empty()) return out;
  AppendTitle(text[0], out);
  return out + Lower(text.substr(1));
}

// Unlike str.title(): a word begins after spaces and after - ( { [ <.
Text TitledWords(TextView text) {
  Text out;
  bool in_word = false;
  size_t begin = 0;
  const auto flush = [&](size_t end) {
    const TextView part = text.substr(begin, end - begin);
    if (part.empty()) return;
    AppendUpper(part[0], out);
    out += Lower(part.substr(1));
    begin = end;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const bool is_word = !IsSpace(text[i]) && !ContainsCharacter(U"-({[<", text[i]);
    if (is_word != in_word) flush(i);
    in_word = is_word;
  }
  flush(text.size());
  return out;
}

Result<Value> Trim(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const auto set, OptionalText(arguments, 0, "chars"));
  TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, self));
  if (set) TARE_RETURN_IF_ERROR(runtime.budget.Work(text.size() * set->size()));
  return MakeString(runtime.budget, Text(Strip(text, Ends::kBoth, set)), IsMarkup(self));
}

Result<Value> ToStringFilter(Runtime& runtime, const Value& self, const Arguments&) {
  if (self.string() != nullptr) return self;
  TARE_ASSIGN_OR_RETURN(Text text, Str(runtime.budget, self));
  return MakeString(runtime.budget, std::move(text));
}

Result<Value> Safe(Runtime& runtime, const Value& self, const Arguments&) {
  TARE_ASSIGN_OR_RETURN(Text text, Str(runtime.budget, self));
  return MakeString(runtime.budget, std::move(text), true);
}

template <bool even_markup>
Result<Value> Escape(Runtime& runtime, const Value& self, const Arguments&) {
  if (IsMarkup(self) && !even_markup) return self;
  TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, self));
  TARE_RETURN_IF_ERROR(runtime.budget.CanHold(text.size() * 5 * sizeof(char32_t)));
  return MakeString(runtime.budget, EscapeHtml(text), true);
}

Result<Value> ReplaceFilter(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, self));
  TARE_ASSIGN_OR_RETURN(const Text from, Str(runtime.budget, arguments[0]));
  TARE_ASSIGN_OR_RETURN(const Text to, Str(runtime.budget, arguments[1]));
  int64_t count = -1;
  if (arguments.Has(2) && !arguments[2].IsNone()) {
    TARE_ASSIGN_OR_RETURN(count, IntegerOf(arguments[2], "count"));
  }
  TARE_ASSIGN_OR_RETURN(Text out, ReplaceWithin(runtime.budget, text, from, to, count));
  return MakeString(runtime.budget, std::move(out));
}

// So many spaces, or the string itself. Errors: of another type; too many.
Result<Text> Indentation(Runtime& runtime, const Value& width, std::string_view name) {
  if (const String* string = width.string()) return string->text;
  TARE_ASSIGN_OR_RETURN(const int64_t count, IntegerOf(width, name));
  const auto spaces = static_cast<size_t>(std::clamp<int64_t>(count, 0, kMaxHeldBytes));
  TARE_RETURN_IF_ERROR(runtime.budget.CanHold(spaces * sizeof(char32_t)));
  TARE_RETURN_IF_ERROR(runtime.budget.Work(spaces));
  return Text(spaces, U' ');
}

Result<Value> Indent(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const TextView text, TextOf(self, "what is indented"));
  TARE_ASSIGN_OR_RETURN(const Text indent,
                        Indentation(runtime, arguments.Or(0, int64_t{4}), "width"));
  const bool indents_first = IsTrue(arguments.Or(1, false));
  const bool indents_blank = IsTrue(arguments.Or(2, false));
  Text out;
  if (indents_first) out += indent;
  size_t begin = 0;
  while (true) {
    size_t end = begin;
    while (end < text.size() && !IsLineEnd(text[end])) ++end;
    const TextView line = text.substr(begin, end - begin);
    TARE_RETURN_IF_ERROR(runtime.budget.Work(indent.size() * sizeof(char32_t)));
    TARE_RETURN_IF_ERROR(
        runtime.budget.CanHold((out.size() + line.size() + indent.size() + 1) * sizeof(char32_t)));
    if (begin > 0 && (indents_blank || !line.empty())) out += indent;
    out += line;
    if (end == text.size()) break;
    const bool is_pair =
        CodePoint(text[end]) == U'\r' && end + 1 < text.size() && CodePoint(text[end + 1]) == U'\n';
    begin = end + (is_pair ? 2 : 1);
    out.push_back(U'\n');
  }
  return MakeString(runtime.budget, std::move(out), IsMarkup(self));
}

Result<Value> Format(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Text pattern, Str(runtime.budget, self));
  const auto& [positional, named] = arguments.rest;
  Value values;
  if (!named.empty() && !positional.empty()) {
    return InvalidInput("format takes values by place or by name, not both");
  }
  if (!named.empty()) {
    Pairs pairs;
    for (const auto& [name, value] : named) pairs.emplace_back(Constant(FromUtf8(name)), value);
    TARE_ASSIGN_OR_RETURN(values, MakeDict(runtime.budget, std::move(pairs)));
  } else {
    TARE_ASSIGN_OR_RETURN(values, MakeTuple(runtime.budget, positional));
  }
  TARE_ASSIGN_OR_RETURN(Text text, FormatPercent(runtime.budget, pattern, values));
  return MakeString(runtime.budget, std::move(text), IsMarkup(self));
}

Result<Value> Center(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, self));
  TARE_ASSIGN_OR_RETURN(const int64_t given, OptionalInteger(arguments, 0, "width", 80));
  const auto width = static_cast<size_t>(std::clamp<int64_t>(given, 0, kMaxHeldBytes));
  TARE_RETURN_IF_ERROR(runtime.budget.CanHold(width * sizeof(char32_t)));
  if (width <= text.size()) return MakeString(runtime.budget, text);
  const size_t missing = width - text.size();
  const size_t left = missing / 2 + (missing & width & 1);
  return MakeString(runtime.budget, Text(left, U' ') + text + Text(missing - left, U' '));
}

Status ReadSeparators(const Value& value, JsonLayout& layout) {
  const List* const pair = value.list();
  if (pair == nullptr || pair->items.size() != 2) {
    return InvalidInput("separators must be two strings");
  }
  TARE_ASSIGN_OR_RETURN(const TextView item, TextOf(pair->items[0], "separators"));
  TARE_ASSIGN_OR_RETURN(const TextView key, TextOf(pair->items[1], "separators"));
  layout.item_separator = item;
  layout.key_separator = key;
  return {};
}

// Transformers' tojson: json.dumps without the escapes of HTML.
Result<Value> ToJsonFilter(Runtime& runtime, const Value& self, const Arguments& arguments) {
  JsonLayout layout;
  layout.ensure_ascii = IsTrue(arguments.Or(0, false));
  if (arguments.Has(1) && !arguments[1].IsNone()) {
    TARE_ASSIGN_OR_RETURN(layout.indent, Indentation(runtime, arguments[1], "indent"));
  }
  layout.item_separator = layout.indent ? U"," : U", ";
  layout.key_separator = U": ";
  if (arguments.Has(2) && !arguments[2].IsNone()) {
    TARE_RETURN_IF_ERROR(ReadSeparators(arguments[2], layout));
  }
  layout.sort_keys = IsTrue(arguments.Or(3, false));
  TARE_ASSIGN_OR_RETURN(Text text, ToJson(runtime.budget, self, layout));
  return MakeString(runtime.budget, std::move(text));
}

constexpr NativeFunction kTextFilters[] = {
    {"capitalize", "", MapText<CapitalizedWord>},
    {"center", "width?", Center},
    {"e", "", Escape<false>},
    {"escape", "", Escape<false>},
    {"forceescape", "", Escape<true>},
    {"format", "*", Format},
    {"indent", "width? first? blank?", Indent},
    {"lower", "", MapText<Lower>},
    {"replace", "old new count?", ReplaceFilter},
    {"safe", "", Safe},
    {"string", "", ToStringFilter},
    {"title", "", MapText<TitledWords>},
    {"tojson", "ensure_ascii? indent? separators? sort_keys?", ToJsonFilter},
    {"trim", "chars?", Trim},
    {"upper", "", MapText<Upper>},
    {"pprint", "", NotSupported},
    {"striptags", "", NotSupported},
    {"truncate", "", NotSupported},
    {"urlencode", "", NotSupported},
    {"urlize", "", NotSupported},
    {"wordcount", "", NotSupported},
    {"wordwrap", "", NotSupported},
    {"xmlattr", "", NotSupported},
};

}  // namespace

std::span<const NativeFunction> TextFilters() { return kTextFilters; }

}  // namespace tare::jinja
