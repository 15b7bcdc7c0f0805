#include <algorithm>
#include <limits>

#include "jinja/native.h"
#include "jinja/operations.h"
#include "jinja/print.h"
#include "jinja/slice.h"
#include "jinja/unicode.h"

namespace tare::jinja {
namespace {

const Text& Self(const Value& self) { return self.string()->text; }

// A string made from `self`: Python keeps the mark of the filter `safe`.
Result<Value> Like(Runtime& runtime, const Value& self, Text text) {
  return MakeString(runtime.budget, std::move(text), self.string()->is_markup);
}

template <Ends ends>
Result<Value> StripMethod(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const auto set, OptionalText(arguments, 0, "chars"));
  const TextView text = Self(self);
  if (set) TARE_RETURN_IF_ERROR(runtime.budget.Work(text.size() * set->size()));
  return Like(runtime, self, Text(Strip(text, ends, set)));
}

// At every run of spaces, without empty parts.
Values SplitAtSpaces(TextView text, int64_t limit) {
  Values parts;
  text = Strip(text, Ends::kLeft);
  while (!text.empty()) {
    const auto space = limit == 0 ? text.end() : std::ranges::find_if(text, IsSpace);
    const auto size = static_cast<size_t>(space - text.begin());
    parts.push_back(Constant(Text(text.substr(0, size))));
    text = Strip(text.substr(size), Ends::kLeft);
    --limit;
  }
  return parts;
}

Values SplitAtSpacesFromRight(TextView text, int64_t limit) {
  Values parts;
  text = Strip(text, Ends::kRight);
  while (!text.empty()) {
    size_t begin = limit == 0 ? 0 : text.size();
    while (begin > 0 && !IsSpace(text[begin - 1])) --begin;
    parts.push_back(Constant(Text(text.substr(begin))));
    text = Strip(text.substr(0, begin), Ends::kRight);
    --limit;
  }
  std::ranges::reverse(parts);
  return parts;
}

Values SplitAt(TextView text, TextView separator, int64_t limit) {
  Values parts;
  for (; limit != 0; --limit) {
    const auto found = Find(text, separator);
    if (!found) break;
    parts.push_back(Constant(Text(text.substr(0, *found))));
    text.remove_prefix(*found + separator.size());
  }
  parts.push_back(Constant(Text(text)));
  return parts;
}

Values SplitAtFromRight(TextView text, TextView separator, int64_t limit) {
  Values parts;
  for (; limit != 0; --limit) {
    const auto found = FindLast(text, separator);
    if (!found) break;
    parts.push_back(Constant(Text(text.substr(*found + separator.size()))));
    text = text.substr(0, *found);
  }
  parts.push_back(Constant(Text(text)));
  std::ranges::reverse(parts);
  return parts;
}

// The parts' own memory: what a list of them costs is not counted elsewhere.
Result<Value> ListOfParts(Runtime& runtime, const Value& self, Values parts) {
  for (Value& part : parts) {
    TARE_ASSIGN_OR_RETURN(part, Like(runtime, self, part.string()->text));
  }
  return MakeList(runtime.budget, std::move(parts));
}

template <bool from_right>
Result<Value> Split(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const auto separator, OptionalText(arguments, 0, "sep"));
  TARE_ASSIGN_OR_RETURN(const int64_t limit, OptionalInteger(arguments, 1, "maxsplit", -1));
  const TextView text = Self(self);
  // Short parts need more memory than the text.
  TARE_RETURN_IF_ERROR(runtime.budget.CanHold(text.size() * 2 * sizeof(String)));
  if (!separator) {
    return ListOfParts(
        runtime, self,
        from_right ? SplitAtSpacesFromRight(text, limit) : SplitAtSpaces(text, limit));
  }
  if (separator->empty()) return InvalidInput("split() got an empty separator");
  return ListOfParts(
      runtime, self,
      from_right ? SplitAtFromRight(text, *separator, limit) : SplitAt(text, *separator, limit));
}

Result<Value> SplitLines(Runtime& runtime, const Value& self, const Arguments& arguments) {
  const bool keeps_ends = IsTrue(arguments.Or(0, false));
  TextView text = Self(self);
  TARE_RETURN_IF_ERROR(runtime.budget.CanHold(text.size() * 2 * sizeof(String)));
  Values lines;
  while (!text.empty()) {
    const auto end = static_cast<size_t>(std::ranges::find_if(text, IsLineEnd) - text.begin());
    const bool is_pair =
        text.size() > end + 1 && CodePoint(text[end]) == U'\r' && CodePoint(text[end + 1]) == U'\n';
    const size_t whole = std::min(text.size(), end + (is_pair ? 2 : 1));
    lines.push_back(Constant(Text(text.substr(0, keeps_ends ? whole : end))));
    text.remove_prefix(whole);
  }
  return ListOfParts(runtime, self, std::move(lines));
}

// The part of the text that the optional arguments `start` and `end` choose.
Result<TextView> Chosen(const Value& self, const Arguments& arguments, size_t first,
                        size_t* begin = nullptr) {
  const Text& text = Self(self);
  const auto size = static_cast<int64_t>(text.size());
  TARE_ASSIGN_OR_RETURN(
      const Slice slice,
      MakeSlice(arguments.Or(first, None{}), arguments.Or(first + 1, None{}), None{}, size));
  if (begin != nullptr) *begin = static_cast<size_t>(slice.start);
  return TextView(text).substr(static_cast<size_t>(slice.start), static_cast<size_t>(slice.count));
}

template <bool (*matches)(TextView, TextView)>
Result<Value> MatchEnd(Runtime&, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const TextView text, Chosen(self, arguments, 1));
  const List* const several = arguments[0].list();
  if (several == nullptr || !several->is_tuple) {
    TARE_ASSIGN_OR_RETURN(const TextView part, TextOf(arguments[0], "the argument"));
    return Value(matches(text, part));
  }
  for (const Value& each : several->items) {
    TARE_ASSIGN_OR_RETURN(const TextView part, TextOf(each, "an element of the argument"));
    if (matches(text, part)) return Value(true);
  }
  return Value(false);
}

template <bool from_right, bool must_find>
Result<Value> FindPart(Runtime&, const Value& self, const Arguments& arguments) {
  size_t begin = 0;
  TARE_ASSIGN_OR_RETURN(const TextView text, Chosen(self, arguments, 1, &begin));
  TARE_ASSIGN_OR_RETURN(const TextView part, TextOf(arguments[0], "the argument"));
  const auto found = from_right ? FindLast(text, part) : Find(text, part);
  if (found) return Value(static_cast<int64_t>(*found + begin));
  if (must_find) return InvalidInput("index() found no \"{}\"", ToUtf8(part.substr(0, 80)));
  return Value(int64_t{-1});
}

Result<Value> CountMethod(Runtime&, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const TextView text, Chosen(self, arguments, 1));
  TARE_ASSIGN_OR_RETURN(const TextView part, TextOf(arguments[0], "the argument"));
  if (part.empty()) return Value(static_cast<int64_t>(text.size()) + 1);
  int64_t count = 0;
  for (auto found = Find(text, part); found; found = Find(text, part, *found + part.size())) {
    ++count;
  }
  return Value(count);
}

Result<Value> ReplaceMethod(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const TextView from, TextOf(arguments[0], "old"));
  TARE_ASSIGN_OR_RETURN(const TextView to, TextOf(arguments[1], "new"));
  TARE_ASSIGN_OR_RETURN(const int64_t count, OptionalInteger(arguments, 2, "count", -1));
  TARE_ASSIGN_OR_RETURN(Text text, ReplaceWithin(runtime.budget, Self(self), from, to, count));
  return Like(runtime, self, std::move(text));
}

template <bool from_right>
Result<Value> Partition(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const TextView separator, TextOf(arguments[0], "sep"));
  if (separator.empty()) return InvalidInput("partition() got an empty separator");
  const TextView text = Self(self);
  const auto found = from_right ? FindLast(text, separator) : Find(text, separator);
  Values parts(3, Constant(Text()));
  if (found) {
    parts[0] = Constant(Text(text.substr(0, *found)));
    parts[1] = Constant(Text(separator));
    parts[2] = Constant(Text(text.substr(*found + separator.size())));
  } else {
    parts[from_right ? 2 : 0] = self;
  }
  for (Value& part : parts) {
    TARE_ASSIGN_OR_RETURN(part, Like(runtime, self, part.string()->text));
  }
  return MakeTuple(runtime.budget, std::move(parts));
}

template <bool prefix>
Result<Value> RemoveEnd(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const TextView part, TextOf(arguments[0], "the argument"));
  TextView text = Self(self);
  if (prefix && StartsWith(text, part)) text.remove_prefix(part.size());
  if (!prefix && EndsWith(text, part)) text.remove_suffix(part.size());
  return Like(runtime, self, Text(text));
}

Result<Value> JoinMethod(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TARE_ASSIGN_OR_RETURN(const Values elements, Elements(runtime.budget, arguments[0]));
  Text out;
  for (size_t i = 0; i < elements.size(); ++i) {
    TARE_ASSIGN_OR_RETURN(const TextView part, TextOf(elements[i], "an element to join"));
    const size_t more = part.size() + Self(self).size();
    TARE_RETURN_IF_ERROR(runtime.budget.CanHold((out.size() + more) * sizeof(char32_t)));
    if (i > 0) out += Self(self);
    out += part;
  }
  return Like(runtime, self, std::move(out));
}

template <Text (*map)(TextView)>
Result<Value> MapMethod(Runtime& runtime, const Value& self, const Arguments&) {
  return Like(runtime, self, map(Self(self)));
}

Text Capitalized(TextView text) {
  Text out;
  if (text.empty()) return out;
  AppendTitle(text[0], out);
  return out + Lower(text.substr(1));
}

Text Titled(TextView text) {
  Text out;
  bool in_word = false;
  for (const char32_t c : text) {
    in_word ? AppendLower(c, out) : AppendTitle(c, out);
    in_word = IsCased(c);
  }
  return out;
}

bool IsDigit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool IsUpper(char32_t c) { return c >= U'A' && c <= U'Z'; }
bool IsLower(char32_t c) { return c >= U'a' && c <= U'z'; }
bool IsAlpha(char32_t c) { return IsUpper(c) || IsLower(c); }
bool IsAlnum(char32_t c) { return IsAlpha(c) || IsDigit(c); }

Status ExpectAscii(TextView text) {
  for (const char32_t c : text) {
    if (CodePoint(c) > 0x7F) {
      return Unsupported("the kind of characters beyond ASCII is not supported");
    }
  }
  return {};
}

// Whether there are characters and all are of the kind.
template <bool (*is_kind)(char32_t)>
Result<Value> AllAre(Runtime&, const Value& self, const Arguments&) {
  TARE_RETURN_IF_ERROR(ExpectAscii(Self(self)));
  const auto is = [](char32_t c) { return is_kind(CodePoint(c)); };
  return Value(!Self(self).empty() && std::ranges::all_of(Self(self), is));
}

// Whether there are letters and all are of the kind.
template <bool (*is_kind)(char32_t)>
Result<Value> LettersAre(Runtime&, const Value& self, const Arguments&) {
  TARE_RETURN_IF_ERROR(ExpectAscii(Self(self)));
  bool has_letters = false;
  for (const char32_t c : Self(self)) {
    if (!IsAlpha(CodePoint(c))) continue;
    if (!is_kind(CodePoint(c))) return Value(false);
    has_letters = true;
  }
  return Value(has_letters);
}

Result<Value> IsSpaceMethod(Runtime&, const Value& self, const Arguments&) {
  return Value(!Self(self).empty() && std::ranges::all_of(Self(self), IsSpace));
}

// The {} and {name} of str.format(), without attributes and formats.
Result<Value> FormatMethod(Runtime& runtime, const Value& self, const Arguments& arguments) {
  TextView rest = Self(self);
  Text out;
  size_t next = 0;
  while (!rest.empty()) {
    const char32_t c = CodePoint(rest.front());
    if ((c == U'{' || c == U'}') && rest.size() > 1 && CodePoint(rest[1]) == c) {
      out.push_back(rest.front());
      rest.remove_prefix(2);
      continue;
    }
    if (c == U'}') return InvalidInput("format() found a }} without {{");
    if (c != U'{') {
      out.push_back(rest.front());
      rest.remove_prefix(1);
      continue;
    }
    const auto end = Find(rest, U"}");
    if (!end) return InvalidInput("format() found a {{ without }}");
    const std::string name = ToUtf8(rest.substr(1, *end - 1));
    rest.remove_prefix(*end + 1);
    if (name.find_first_of(".[:!{") != std::string::npos) {
      return Unsupported("format() supports only {{}}, {{0}} and {{name}}, got {{{}}}", name);
    }
    const bool is_number = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
    const Value* value = nullptr;
    if (name.empty() || (is_number && name.size() < 5)) {
      const size_t i = name.empty() ? next++ : std::stoul(name);
      if (i < arguments.rest.positional.size()) value = &arguments.rest.positional[i];
    }
    for (const auto& [each, named] : arguments.rest.named) {
      if (!name.empty() && each == name) value = &named;
    }
    if (value == nullptr) return InvalidInput("format() got no value for {{{}}}", name);
    TARE_ASSIGN_OR_RETURN(const Text text, Str(runtime.budget, *value));
    TARE_RETURN_IF_ERROR(runtime.budget.CanHold((out.size() + text.size()) * sizeof(char32_t)));
    out += text;
  }
  return Like(runtime, self, std::move(out));
}

constexpr NativeFunction kStringMethods[] = {
    {"strip", "/ chars?", StripMethod<Ends::kBoth>},
    {"lstrip", "/ chars?", StripMethod<Ends::kLeft>},
    {"rstrip", "/ chars?", StripMethod<Ends::kRight>},
    {"split", "sep? maxsplit?", Split<false>},
    {"rsplit", "sep? maxsplit?", Split<true>},
    {"splitlines", "keepends?", SplitLines},
    {"startswith", "/ prefix start? end?", MatchEnd<StartsWith>},
    {"endswith", "/ suffix start? end?", MatchEnd<EndsWith>},
    {"find", "/ sub start? end?", FindPart<false, false>},
    {"rfind", "/ sub start? end?", FindPart<true, false>},
    {"index", "/ sub start? end?", FindPart<false, true>},
    {"rindex", "/ sub start? end?", FindPart<true, true>},
    {"count", "/ sub start? end?", CountMethod},
    {"replace", "/ old new count?", ReplaceMethod},
    {"partition", "/ sep", Partition<false>},
    {"rpartition", "/ sep", Partition<true>},
    {"removeprefix", "/ prefix", RemoveEnd<true>},
    {"removesuffix", "/ suffix", RemoveEnd<false>},
    {"join", "/ iterable", JoinMethod},
    {"upper", "", MapMethod<Upper>},
    {"lower", "", MapMethod<Lower>},
    {"capitalize", "", MapMethod<Capitalized>},
    {"title", "", MapMethod<Titled>},
    {"isdigit", "", AllAre<IsDigit>},
    {"isnumeric", "", AllAre<IsDigit>},
    {"isdecimal", "", AllAre<IsDigit>},
    {"isalpha", "", AllAre<IsAlpha>},
    {"isalnum", "", AllAre<IsAlnum>},
    {"isupper", "", LettersAre<IsUpper>},
    {"islower", "", LettersAre<IsLower>},
    {"isspace", "", IsSpaceMethod},
    {"format", "*", FormatMethod},
    {"casefold", "", NotSupported},
    {"center", "", NotSupported},
    {"encode", "", NotSupported},
    {"expandtabs", "", NotSupported},
    {"format_map", "", NotSupported},
    {"isascii", "", NotSupported},
    {"isidentifier", "", NotSupported},
    {"isprintable", "", NotSupported},
    {"istitle", "", NotSupported},
    {"ljust", "", NotSupported},
    {"maketrans", "", NotSupported},
    {"rjust", "", NotSupported},
    {"swapcase", "", NotSupported},
    {"translate", "", NotSupported},
    {"zfill", "", NotSupported},
};

}  // namespace

std::span<const NativeFunction> StringMethods() { return kStringMethods; }

}  // namespace tare::jinja
