#include "jinja/native.h"

#include <algorithm>

namespace tare::jinja {
namespace {

struct Formal {
  std::string_view name;
  bool is_optional = false;
};

struct Signature {
  std::vector<Formal> parameters;
  bool takes_names = true;
  bool takes_any = false;
};

Signature ReadSignature(std::string_view text) {
  Signature signature;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word == "*") {
      signature.takes_any = true;
    } else if (word == "/") {
      signature.takes_names = false;
    } else {
      const bool is_optional = word.ends_with('?');
      if (is_optional) word.remove_suffix(1);
      signature.parameters.push_back({word, is_optional});
    }
  }
  return signature;
}

Status BindNamed(const NativeFunction& function, const Signature& signature, std::string name,
                 Value value, Arguments& bound) {
  const auto& parameters = signature.parameters;
  const auto found = std::ranges::find(parameters, name, &Formal::name);
  if (found == parameters.end() || !signature.takes_names) {
    if (!signature.takes_any) return InvalidInput("{}() has no parameter {}", function.name, name);
    bound.rest.named.emplace_back(std::move(name), std::move(value));
    return {};
  }
  std::optional<Value>& place = bound.values[static_cast<size_t>(found - parameters.begin())];
  if (place) return InvalidInput("{}() got its parameter {} twice", function.name, name);
  place = std::move(value);
  return {};
}

Result<Arguments> Bind(const NativeFunction& function, CallArguments given) {
  const Signature signature = ReadSignature(function.parameters);
  Arguments bound;
  bound.values.resize(signature.parameters.size());
  for (size_t i = 0; i < given.positional.size(); ++i) {
    Value& value = given.positional[i];
    if (i < bound.values.size()) {
      bound.values[i] = std::move(value);
    } else if (signature.takes_any) {
      bound.rest.positional.push_back(std::move(value));
    } else {
      return InvalidInput("{}() takes at most {} arguments, got {}", function.name,
                          bound.values.size(), given.positional.size());
    }
  }
  for (auto& [name, value] : given.named) {
    TARE_RETURN_IF_ERROR(BindNamed(function, signature, name, std::move(value), bound));
  }
  for (size_t i = 0; i < bound.values.size(); ++i) {
    if (bound.Has(i) || signature.parameters[i].is_optional) continue;
    return InvalidInput("{}() needs its argument {}", function.name, signature.parameters[i].name);
  }
  return bound;
}

// What a call costs: strings are read from one end to the other.
uint64_t WorkOf(const Value& value) {
  if (const String* string = value.string()) return string->text.size() * sizeof(char32_t);
  if (const List* list = value.list()) return list->items.size() * sizeof(Value);
  if (const Dict* dict = value.dict()) return dict->items.size() * sizeof(Value);
  return 0;
}

}  // namespace

Result<Value> CallNative(Runtime& runtime, const NativeFunction& function, const Value& self,
                         CallArguments arguments) {
  uint64_t work = kWorkPerStep + WorkOf(self);
  for (const Value& value : arguments.positional) work += WorkOf(value);
  for (const auto& [name, value] : arguments.named) work += WorkOf(value);
  TARE_RETURN_IF_ERROR(runtime.budget.Work(work));
  if (function.run == NotSupported) {
    return Unsupported("\"{}\" of Jinja or Python is not supported", function.name);
  }
  TARE_ASSIGN_OR_RETURN(const Arguments bound, Bind(function, std::move(arguments)));
  return function.run(runtime, self, bound);
}

const NativeFunction* FindFilter(std::string_view name) {
  for (const auto table : {TextFilters(), SequenceFilters(), SelectionFilters(), NumberFilters()}) {
    const auto found = std::ranges::find(table, name, &NativeFunction::name);
    if (found != table.end()) return &*found;
  }
  return nullptr;
}

Result<int64_t> IntegerOf(const Value& value, std::string_view name) {
  if (value.IsUndefined()) return UndefinedError(value);
  if (const auto integer = value.AsInteger()) return *integer;
  return InvalidInput("{} is a {}, expected an integer", name, value.type_name());
}

Result<TextView> TextOf(const Value& value, std::string_view name) {
  if (value.IsUndefined()) return UndefinedError(value);
  if (const String* string = value.string()) return TextView(string->text);
  return InvalidInput("{} is a {}, expected a string", name, value.type_name());
}

Result<std::optional<TextView>> OptionalText(const Arguments& arguments, size_t i,
                                             std::string_view name) {
  if (!arguments.Has(i) || arguments[i].IsNone()) return std::optional<TextView>();
  TARE_ASSIGN_OR_RETURN(const TextView text, TextOf(arguments[i], name));
  return std::optional<TextView>(text);
}

Result<int64_t> OptionalInteger(const Arguments& arguments, size_t i, std::string_view name,
                                int64_t fallback) {
  if (!arguments.Has(i)) return fallback;
  return IntegerOf(arguments[i], name);
}

Result<Value> NotSupported(Runtime&, const Value&, const Arguments&) {
  return InternalError("what is not supported was called");
}

}  // namespace tare::jinja
