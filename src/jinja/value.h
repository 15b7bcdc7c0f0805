#ifndef TARE_JINJA_VALUE_H_
#define TARE_JINJA_VALUE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "jinja/budget.h"
#include "jinja/text.h"

namespace tare::jinja {

class Value;
struct NativeFunction;
struct Macro;
struct Loop;

// A name or attribute that is not there. Prints nothing, is false and empty; all other uses are an
// error with this message.
struct Undefined {
  std::shared_ptr<const std::string> message;
};
struct None {};

struct String {
  Text text;
  bool is_markup = false;  // of the filters `safe` and `escape`
  HeldBytes held;
};

struct List {
  std::vector<Value> items;
  bool is_tuple = false;
  int depth = 1;  // of containers within each other
  HeldBytes held;
};

struct Dict {
  std::vector<std::pair<Value, Value>> items;  // in the order of insertion
  int depth = 1;
  HeldBytes held;
};

// The only value that changes: what `namespace()` makes.
struct Namespace {
  std::vector<std::pair<std::string, Value>> attributes;
};

struct Range {
  int64_t start = 0;
  int64_t stop = 0;
  int64_t step = 1;
  int64_t size() const;
};

// What Python's generators are: can be walked over once. `kind` is how Python would print it.
struct Stream {
  std::vector<Value> items;
  size_t next = 0;
  int depth = 1;
  HeldBytes held;
};

// What d.keys(), d.values() and d.items() return.
struct DictView {
  enum class Kind { kKeys, kValues, kItems };
  Kind kind;
  std::shared_ptr<const Dict> dict;
};

// A function of Tare's own, with the value that it is a method of.
struct BoundFunction {
  const NativeFunction* function;
  std::shared_ptr<const Value> self;  // nullptr for a function
};

// A value as Python has it. Cheap to copy. Immutable but for namespaces and streams.
class Value {
 public:
  Value() : data_(None{}) {}
  template <typename T>
  Value(T data) : data_(std::move(data)) {}  // NOLINT: a value is any of its kinds

  template <typename T>
  const T* If() const {
    return std::get_if<T>(&data_);
  }
  template <typename T>
  bool Is() const {
    return std::holds_alternative<T>(data_);
  }
  // nullptr if it is no string, list, …
  const String* string() const { return Pointer<const String>(); }
  const List* list() const { return Pointer<const List>(); }
  const Dict* dict() const { return Pointer<const Dict>(); }
  Namespace* name_space() const { return Pointer<Namespace>(); }
  const Range* range() const { return Pointer<const Range>(); }
  Stream* stream() const { return Pointer<Stream>(); }
  const DictView* view() const { return Pointer<const DictView>(); }
  const Macro* macro() const { return Pointer<const Macro>(); }
  Loop* loop() const { return Pointer<Loop>(); }

  bool IsUndefined() const { return Is<Undefined>(); }
  bool IsNone() const { return Is<None>(); }
  bool IsSequence() const { return string() != nullptr || list() != nullptr; }
  // An integer, or a boolean as 0 or 1.
  std::optional<int64_t> AsInteger() const;
  // Those and numbers with a fraction.
  std::optional<double> AsNumber() const;

  // Containers within each other.
  int depth() const;
  // For messages: "string", "list", …
  std::string_view type_name() const;

  // The identity of an object, for `is sameas`.
  const void* address() const;

 private:
  template <typename T>
  T* Pointer() const {
    const auto* pointer = std::get_if<std::shared_ptr<T>>(&data_);
    return pointer == nullptr ? nullptr : pointer->get();
  }

  std::variant<Undefined, None, bool, int64_t, double, std::shared_ptr<const String>,
               std::shared_ptr<const List>, std::shared_ptr<const Dict>, std::shared_ptr<Namespace>,
               std::shared_ptr<const Range>, std::shared_ptr<Stream>,
               std::shared_ptr<const DictView>, BoundFunction, std::shared_ptr<const Macro>,
               std::shared_ptr<Loop>>
      data_;
};

using Values = std::vector<Value>;
using Pairs = std::vector<std::pair<Value, Value>>;

// A string that no budget counts: of a template's own text.
Value Constant(Text text);
Value MakeUndefined(std::string message);
// The message of using an undefined value.
Error UndefinedError(const Value& undefined);

// Errors of all: those of Budget; InvalidInput for containers that lie too deep in each other.
Result<Value> MakeString(Budget& budget, Text text, bool is_markup = false);
Result<Value> MakeList(Budget& budget, Values items);
Result<Value> MakeTuple(Budget& budget, Values items);
Result<Value> MakeStream(Budget& budget, Values items);
// The items must have different keys.
Result<Value> MakeDict(Budget& budget, Pairs items);

}  // namespace tare::jinja

#endif  // TARE_JINJA_VALUE_H_
