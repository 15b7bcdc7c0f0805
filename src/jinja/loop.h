#ifndef TARE_JINJA_LOOP_H_
#define TARE_JINJA_LOOP_H_

#include <cstddef>
#include <memory>
#include <optional>

#include "jinja/value.h"

namespace tare::jinja {

struct Scope;
struct Statement;

// The variable `loop` inside a `for`.
struct Loop {
  Values items;
  size_t index0 = 0;
  size_t level0 = 0;                       // of recursive loops within each other
  std::optional<Value> last_changed = {};  // of loop.changed()
  const Statement* recursive = nullptr;    // the loop, if loop(…) may run it again
  std::shared_ptr<Scope> scope = nullptr;  // around the loop
  int depth = 1;
  HeldBytes held;
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_LOOP_H_
