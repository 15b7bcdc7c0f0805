#include "heap/c_library_malloc.h"

#include <dlfcn.h>

#include <cstring>

namespace tare {

bool MallocIsTheCLibrarys() {
  void* malloc_address = dlsym(RTLD_DEFAULT, "malloc");
  Dl_info info;
  if (malloc_address == nullptr || dladdr(malloc_address, &info) == 0) return false;
  return std::strstr(info.dli_fname, "/libc.so.6") != nullptr ||
         std::strstr(info.dli_fname, "/libc-2.") != nullptr;
}

}  // namespace tare
