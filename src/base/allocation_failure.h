#ifndef TARE_BASE_ALLOCATION_FAILURE_H_
#define TARE_BASE_ALLOCATION_FAILURE_H_

#include <cstddef>
#include <new>

namespace tare {

// Whether the program's operator new throws if memory runs out; else it ends the program with a
// message. Set once main has begun.
inline constinit bool throws_allocation_failures = false;

// Thrown by the program's operator new; says how much memory was requested.
class AllocationFailure : public std::bad_alloc {
 public:
  explicit AllocationFailure(size_t bytes) : bytes_(bytes) {}
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
};

}  // namespace tare

#endif  // TARE_BASE_ALLOCATION_FAILURE_H_
