#include "base/shared_library.h"

#include <dlfcn.h>

#include <utility>

namespace tare {

SharedLibrary::SharedLibrary(std::string name, void* handle)
    : name_(std::move(name)), handle_(handle, [](void* library) { dlclose(library); }) {}

Result<SharedLibrary> SharedLibrary::Open(const std::string& name) {
  void* const handle = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle != nullptr) return SharedLibrary(name, handle);
  const char* const reason = dlerror();
  return IoError("{}", reason == nullptr ? name : reason);
}

Result<void*> SharedLibrary::AddressOf(const char* name) const {
  void* const address = dlsym(handle_.get(), name);
  if (address == nullptr) {
    return Unsupported("{} has no function {}; is it another version?", name_, name);
  }
  return address;
}

}  // namespace tare
