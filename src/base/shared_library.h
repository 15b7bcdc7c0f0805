#ifndef TARE_BASE_SHARED_LIBRARY_H_
#define TARE_BASE_SHARED_LIBRARY_H_

#include <memory>
#include <string>

#include "base/error.h"

namespace tare {

// A library that is opened at run time and closed by the destructor.
class SharedLibrary {
 public:
  // Opens a path, or a name that the loader searches for. Errors: Io, with the loader's message.
  static Result<SharedLibrary> Open(const std::string& name);

  // Finds the function `name`. Errors: Unsupported.
  template <typename Function>
  Status Find(const char* name, Function& function) const {
    TARE_ASSIGN_OR_RETURN(void* const address, AddressOf(name));
    function = reinterpret_cast<Function>(address);
    return {};
  }

 private:
  SharedLibrary(std::string name, void* handle);

  Result<void*> AddressOf(const char* name) const;

  std::string name_;
  std::unique_ptr<void, void (*)(void*)> handle_;
};

}  // namespace tare

#endif  // TARE_BASE_SHARED_LIBRARY_H_
