// The program's operator new, which reports the requested size if memory runs out. It defines every
// form whose memory the operator delete below frees. A preloaded AddressSanitizer defines the
// others.
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <new>

#include "base/allocation_failure.h"

namespace tare {
namespace {

// Before main begins nobody can catch an exception, and there may be no memory for one.
[[noreturn]] void EndWithoutMemory(size_t bytes) {
  char text[160];
  int size =
      snprintf(text, sizeof(text), "tare: error: starting: cannot allocate %zu bytes", bytes);
  rlimit limit = {};
  if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    size += snprintf(text + size, sizeof(text) - static_cast<size_t>(size),
                     "; the limit is %llu bytes of address space",
                     static_cast<unsigned long long>(limit.rlim_cur));
  }
  text[size++] = '\n';
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, static_cast<size_t>(size));
  _exit(EXIT_FAILURE);
}

}  // namespace
}  // namespace tare

void* operator new(size_t bytes) {
  void* const memory = std::malloc(bytes == 0 ? 1 : bytes);
  if (memory != nullptr) return memory;
  if (!tare::throws_allocation_failures) tare::EndWithoutMemory(bytes);
  throw tare::AllocationFailure(bytes);
}

void* operator new(size_t bytes, const std::nothrow_t& /*tag*/) noexcept {
  return std::malloc(bytes == 0 ? 1 : bytes);
}

void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t /*bytes*/) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t& /*tag*/) noexcept { std::free(memory); }
