// The program's operator new, which reports the requested size if memory runs out. It defines every
// form whose memory the operator delete below frees. A preloaded AddressSanitizer defines the
// others.
#include <cstdlib>
#include <new>

#include "base/allocation_failure.h"

void* operator new(size_t bytes) {
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw tare::AllocationFailure(bytes);
  return memory;
}

void* operator new(size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(bytes == 0 ? 1 : bytes);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
