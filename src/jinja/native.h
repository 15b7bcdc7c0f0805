#ifndef TARE_JINJA_NATIVE_H_
#define TARE_JINJA_NATIVE_H_

#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/value.h"

namespace tare::jinja {

// What functions need besides their arguments.
struct Runtime {
  Budget& budget;
  std::tm now = {};  // for strftime_now
  // Values that can come to hold themselves, so that they can be taken apart at the end.
  std::vector<Value> kept = {};
};

// The arguments of a call as they were written.
struct CallArguments {
  Values positional;
  std::vector<std::pair<std::string, Value>> named;
};

// The arguments of a call by the function's parameters.
struct Arguments {
  std::vector<std::optional<Value>> values;  // one a parameter
  CallArguments rest;                        // for a function that takes any

  bool Has(size_t i) const { return values[i].has_value(); }
  const Value& operator[](size_t i) const { return *values[i]; }
  Value Or(size_t i, Value fallback) const { return Has(i) ? *values[i] : std::move(fallback); }
};

// A filter, a test, a method or a function. `parameters` are names with spaces between them; one
// with ? may be left out, and `*` takes any number of further arguments. A / before the first means
// that none may be given by name.
struct NativeFunction {
  std::string_view name;
  std::string_view parameters;
  // self: the value that is filtered or tested, or whose method it is.
  Result<Value> (*run)(Runtime& runtime, const Value& self, const Arguments& arguments);
};

// Calls it. Errors: InvalidInput for arguments that it does not take; its own; those of Budget.
Result<Value> CallNative(Runtime& runtime, const NativeFunction& function, const Value& self,
                         CallArguments arguments);

// The tables. nullptr for a name that Jinja does not know.
const NativeFunction* FindFilter(std::string_view name);
const NativeFunction* FindTest(std::string_view name);
const NativeFunction* FindGlobal(std::string_view name);
// nullptr if the value has no such method.
const NativeFunction* FindMethod(const Value& value, std::string_view name);

// Errors: InvalidInput for a name that Transformers keeps out of namespaces.
Status CheckNamespaceName(std::string_view name);

// What the tables are made of; each in a file of its own.
std::span<const NativeFunction> TextFilters();
std::span<const NativeFunction> SequenceFilters();
std::span<const NativeFunction> SelectionFilters();
std::span<const NativeFunction> NumberFilters();
std::span<const NativeFunction> StringMethods();

// Helpers of functions. Errors: InvalidInput for an argument of another type; `name` is its name.
Result<int64_t> IntegerOf(const Value& value, std::string_view name);
Result<TextView> TextOf(const Value& value, std::string_view name);
// The argument's text, as long as `arguments` lives; nullopt if it is left out or none.
Result<std::optional<TextView>> OptionalText(const Arguments& arguments, size_t i,
                                             std::string_view name);
Result<int64_t> OptionalInteger(const Arguments& arguments, size_t i, std::string_view name,
                                int64_t fallback);
// A function of the table for what Jinja or Python has and Tare has not.
Result<Value> NotSupported(Runtime& runtime, const Value& self, const Arguments& arguments);

}  // namespace tare::jinja

#endif  // TARE_JINJA_NATIVE_H_
