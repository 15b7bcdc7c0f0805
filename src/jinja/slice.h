#ifndef TARE_JINJA_SLICE_H_
#define TARE_JINJA_SLICE_H_

#include "jinja/value.h"

namespace tare::jinja {

// The elements start, start + step, …, `count` of them.
struct Slice {
  int64_t start = 0;
  int64_t step = 1;
  int64_t count = 0;
};

// Python's [start:stop:step] of a sequence of `size` elements; none stands for what is left out.
// Errors: InvalidInput for other types than integers, and for a step of 0.
Result<Slice> MakeSlice(const Value& start, const Value& stop, const Value& step, int64_t size);

// Text::Replace with the memory counted before; a count below 0 replaces all.
Result<Text> ReplaceWithin(Budget& budget, TextView text, TextView from, TextView to,
                           int64_t count);

}  // namespace tare::jinja

#endif  // TARE_JINJA_SLICE_H_
