// Preloaded before AddressSanitizer, which refuses dlopen with RTLD_DEEPBIND: libraries loaded so
// would find the C library's malloc before its own.
#include <dlfcn.h>

extern "C" void* dlopen(const char* path, int mode) noexcept {
  using Dlopen = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Dlopen>(dlsym(RTLD_NEXT, "dlopen"));
  return next(path, mode & ~RTLD_DEEPBIND);
}
