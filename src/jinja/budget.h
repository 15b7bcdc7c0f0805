#ifndef TARE_JINJA_BUDGET_H_
#define TARE_JINJA_BUDGET_H_

#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace tare::jinja {

// What a template may cost. Templates come with model files from strangers. The templates of known
// models stay below a hundredth of each limit.

// The largest templates in use have 30 KB.
inline constexpr size_t kMaxSourceBytes = 1 << 20;
// Expressions and statements within each other. A sum of N terms counts as N.
inline constexpr int kMaxNesting = 500;
// The same while it runs, through calls of macros: bounds the stack to about 1 MiB.
inline constexpr int kMaxRunningDepth = 1000;
// Lists and mappings within each other.
inline constexpr int kMaxValueDepth = 100;
// Memory that strings, lists and the output hold at one time.
inline constexpr size_t kMaxHeldBytes = size_t{64} << 20;
// Expressions and statements that run, and what they copy and compare: a unit takes about a
// nanosecond, so all of it well under a second.
inline constexpr uint64_t kMaxWork = uint64_t{1} << 27;
inline constexpr uint64_t kWorkPerStep = 64;
// Jinja's sandbox has this limit.
inline constexpr int64_t kMaxRange = 100'000;

// The memory and the time that one rendering has used.
class Budget {
 public:
  // Errors: InvalidInput if so many more bytes are more than may be held.
  Status CanHold(size_t bytes) const {
    if (bytes <= kMaxHeldBytes - held_) return {};
    return InvalidInput("the template needs more than {} MiB of memory", kMaxHeldBytes >> 20);
  }
  Status Hold(size_t bytes) {
    TARE_RETURN_IF_ERROR(CanHold(bytes));
    held_ += bytes;
    return Work(bytes / 4);
  }
  void Release(size_t bytes) { held_ -= bytes; }

  // Errors: InvalidInput if the rendering has done too much.
  Status Work(uint64_t units) {
    if (units <= kMaxWork - work_) {
      work_ += units;
      return {};
    }
    return InvalidInput("the template runs for too long; does it have loops within loops?");
  }

 private:
  size_t held_ = 0;
  uint64_t work_ = 0;
};

// Bytes that are held as long as this object lives.
class HeldBytes {
 public:
  HeldBytes() = default;
  HeldBytes(Budget& budget, size_t bytes) : budget_(&budget), bytes_(bytes) {}
  HeldBytes(const HeldBytes&) = delete;
  HeldBytes& operator=(const HeldBytes&) = delete;
  ~HeldBytes() {
    if (budget_ != nullptr) budget_->Release(bytes_);
  }

 private:
  Budget* budget_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace tare::jinja

#endif  // TARE_JINJA_BUDGET_H_
