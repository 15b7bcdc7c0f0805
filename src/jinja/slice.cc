#include "jinja/slice.h"

#include <algorithm>
#include <limits>

namespace tare::jinja {
namespace {

// An end of a slice, within [low, high]; negative ends count from the size.
Result<int64_t> EndOf(const Value& value, int64_t fallback, int64_t size, int64_t low,
                      int64_t high) {
  if (value.IsNone()) return fallback;
  if (value.IsUndefined()) return UndefinedError(value);
  const auto given = value.AsInteger();
  if (!given) return InvalidInput("a slice is cut at a {}, expected an integer", value.type_name());
  return std::clamp(*given < 0 ? *given + size : *given, low, high);
}

}  // namespace

Result<Slice> MakeSlice(const Value& start, const Value& stop, const Value& step, int64_t size) {
  Slice slice;
  if (!step.IsNone()) {
    if (step.IsUndefined()) return UndefinedError(step);
    const auto given = step.AsInteger();
    if (!given || *given == 0) {
      return InvalidInput("the step of a slice must be an integer other than 0");
    }
    slice.step = std::clamp<int64_t>(*given, -std::numeric_limits<int32_t>::max(),
                                     std::numeric_limits<int32_t>::max());
  }
  const bool forward = slice.step > 0;
  const int64_t low = forward ? 0 : -1;
  const int64_t high = forward ? size : size - 1;
  TARE_ASSIGN_OR_RETURN(slice.start, EndOf(start, forward ? low : high, size, low, high));
  TARE_ASSIGN_OR_RETURN(const int64_t end, EndOf(stop, forward ? high : low, size, low, high));
  slice.count = Range{slice.start, end, slice.step}.size();
  return slice;
}

Result<Text> ReplaceWithin(Budget& budget, TextView text, TextView from, TextView to,
                           int64_t count) {
  const size_t limit = count < 0 ? std::numeric_limits<size_t>::max() : static_cast<size_t>(count);
  if (to.size() > from.size()) {
    size_t found = 0;
    if (from.empty()) found = std::min(limit, text.size() + 1);
    for (auto at = from.empty() ? std::nullopt : Find(text, from); at && found < limit;
         at = Find(text, from, *at + from.size())) {
      ++found;
    }
    const size_t most = kMaxHeldBytes / sizeof(char32_t) / (to.size() + 1);
    if (found > most) return budget.CanHold(kMaxHeldBytes + 1).error();
    TARE_RETURN_IF_ERROR(budget.CanHold((text.size() + found * to.size()) * sizeof(char32_t)));
  }
  return Replace(text, from, to, limit);
}

}  // namespace tare::jinja
