#ifndef TARE_BASE_ALLOCATION_FAILURE_H_
#define TARE_BASE_ALLOCATION_FAILURE_H_

#include <cstddef>
#include <new>

namespace tare {

// What a program's operator new throws where it knows how much was asked for.
class AllocationFailure : public std::bad_alloc {
 public:
  explicit AllocationFailure(size_t bytes) : bytes_(bytes) {}
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_;
};

}  // namespace tare

#endif  // TARE_BASE_ALLOCATION_FAILURE_H_
