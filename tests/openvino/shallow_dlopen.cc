// Preloaded before AddressSanitizer, which rejects dlopen with RTLD_DEEPBIND: such libraries would
// find the C library's malloc before the sanitizer's.
#include <dlfcn.h>

extern "C" void* dlopen(const char* path, int mode) noexcept {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return next(path, mode & ~RTLD_DEEPBIND);
}
