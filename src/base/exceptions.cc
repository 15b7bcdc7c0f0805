#include "base/exceptions.h"

#include <exception>
#include <stdexcept>

#include "base/allocation_failure.h"

namespace tare {

Error ErrorOfException(std::string_view what) {
  try {
    throw;
  } catch (const AllocationFailure& failure) {
    return OutOfMemory("{}: cannot allocate {} bytes", what, failure.bytes());
  } catch (const std::bad_alloc&) {
    return OutOfMemory("{}: cannot allocate memory", what);
  } catch (const std::length_error& error) {
    return OutOfMemory("{}: more elements than memory can hold ({})", what, error.what());
  } catch (const std::exception& error) {
    return InternalError("{}: {}", what, error.what());
  } catch (...) {
    return InternalError("{}: an exception of an unknown type", what);
  }
}

}  // namespace tare
