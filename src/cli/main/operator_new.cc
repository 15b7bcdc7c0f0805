// The program's operator new says how much was asked for where there is no memory. The other forms
// of new call this one, and the standard library's operator delete frees what malloc gave.
#include <cstdlib>
#include <new>

#include "base/allocation_failure.h"

void* operator new(size_t bytes) {
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) throw tare::AllocationFailure(bytes);
  return memory;
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
