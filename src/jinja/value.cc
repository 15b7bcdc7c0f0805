#include "jinja/value.h"

#include <algorithm>

#include "jinja/loop.h"
#include "jinja/macro.h"

namespace tare::jinja {
namespace {

// Of a container; for its header and its part of the allocator's overhead.
constexpr size_t kContainerBytes = 96;

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

Status CheckDepth(int depth) {
  if (depth <= kMaxValueDepth) return {};
  return InvalidInput("lists and mappings lie more than {} deep in each other", kMaxValueDepth);
}

Result<int> DepthAround(const Values& items) {
  int depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  TARE_RETURN_IF_ERROR(CheckDepth(depth + 1));
  return depth + 1;
}

Result<Value> MakeListOf(Budget& budget, Values items, bool is_tuple) {
  TARE_ASSIGN_OR_RETURN(const int depth, DepthAround(items));
  const size_t bytes = kContainerBytes + items.size() * sizeof(Value);
  TARE_RETURN_IF_ERROR(budget.Hold(bytes));
  return Value(std::shared_ptr<const List>(
      new List{std::move(items), is_tuple, depth, HeldBytes(budget, bytes)}));
}

}  // namespace

int64_t Range::size() const {
  if (step > 0) return start < stop ? (stop - start - 1) / step + 1 : 0;
  return start > stop ? (start - stop - 1) / -step + 1 : 0;
}

std::optional<int64_t> Value::AsInteger() const {
  if (const auto* integer = If<int64_t>()) return *integer;
  if (const auto* boolean = If<bool>()) return *boolean ? 1 : 0;
  return std::nullopt;
}

std::optional<double> Value::AsNumber() const {
  if (const auto* number = If<double>()) return *number;
  if (const auto integer = AsInteger()) return static_cast<double>(*integer);
  return std::nullopt;
}

int Value::depth() const {
  return std::visit(
      Overloaded{[](const auto&) { return 0; },
                 [](const std::shared_ptr<const List>& list) { return list->depth; },
                 [](const std::shared_ptr<const Dict>& dict) { return dict->depth; },
                 [](const std::shared_ptr<Stream>& stream) { return stream->depth; },
                 [](const std::shared_ptr<const DictView>& view) { return view->dict->depth + 1; },
                 [](const std::shared_ptr<Namespace>&) { return 1; },
                 [](const std::shared_ptr<Loop>& loop) { return loop->depth + 1; },
                 [](const BoundFunction& bound) {
                   return bound.self == nullptr ? 0 : bound.self->depth() + 1;
                 }},
      data_);
}

std::string_view Value::type_name() const {
  return std::visit(
      Overloaded{
          [](const Undefined&) { return "undefined"; }, [](const None&) { return "none"; },
          [](bool) { return "boolean"; }, [](int64_t) { return "integer"; },
          [](double) { return "float"; },
          [](const std::shared_ptr<const String>&) { return "string"; },
          [](const std::shared_ptr<const List>& list) { return list->is_tuple ? "tuple" : "list"; },
          [](const std::shared_ptr<const Dict>&) { return "mapping"; },
          [](const std::shared_ptr<Namespace>&) { return "namespace"; },
          [](const std::shared_ptr<const Range>&) { return "range"; },
          [](const std::shared_ptr<Stream>&) { return "generator"; },
          [](const std::shared_ptr<const DictView>&) { return "view of a mapping"; },
          [](const BoundFunction&) { return "function"; },
          [](const std::shared_ptr<const Macro>&) { return "macro"; },
          [](const std::shared_ptr<Loop>&) { return "loop"; }},
      data_);
}

const void* Value::address() const {
  return std::visit(
      Overloaded{[](const auto&) -> const void* { return nullptr; },
                 [](const Undefined& undefined) -> const void* { return undefined.message.get(); },
                 [](const BoundFunction& bound) -> const void* { return bound.function; },
                 []<typename T>(const std::shared_ptr<T>& pointer) -> const void* {
                   return pointer.get();
                 }},
      data_);
}

Value Constant(Text text) {
  return std::shared_ptr<const String>(new String{std::move(text), false, {}});
}

Value MakeUndefined(std::string message) {
  return Undefined{std::make_shared<const std::string>(std::move(message))};
}

Error UndefinedError(const Value& undefined) {
  const auto* const value = undefined.If<Undefined>();
  return InvalidInput("{}", value == nullptr ? "internal: defined" : *value->message);
}

Result<Value> MakeString(Budget& budget, Text text, bool is_markup) {
  const size_t bytes = kContainerBytes + text.size() * sizeof(char32_t);
  TARE_RETURN_IF_ERROR(budget.Hold(bytes));
  return Value(std::shared_ptr<const String>(
      new String{std::move(text), is_markup, HeldBytes(budget, bytes)}));
}

Result<Value> MakeList(Budget& budget, Values items) {
  return MakeListOf(budget, std::move(items), false);
}

Result<Value> MakeTuple(Budget& budget, Values items) {
  return MakeListOf(budget, std::move(items), true);
}

Result<Value> MakeStream(Budget& budget, Values items) {
  TARE_ASSIGN_OR_RETURN(const int depth, DepthAround(items));
  const size_t bytes = kContainerBytes + items.size() * sizeof(Value);
  TARE_RETURN_IF_ERROR(budget.Hold(bytes));
  return Value(
      std::shared_ptr<Stream>(new Stream{std::move(items), 0, depth, HeldBytes(budget, bytes)}));
}

Result<Value> MakeDict(Budget& budget, Pairs items) {
  int depth = 0;
  for (const auto& [key, value] : items) depth = std::max({depth, key.depth(), value.depth()});
  TARE_RETURN_IF_ERROR(CheckDepth(depth + 1));
  const size_t bytes = kContainerBytes + items.size() * sizeof(Pairs::value_type);
  TARE_RETURN_IF_ERROR(budget.Hold(bytes));
  return Value(
      std::shared_ptr<const Dict>(new Dict{std::move(items), depth + 1, HeldBytes(budget, bytes)}));
}

}  // namespace tare::jinja
