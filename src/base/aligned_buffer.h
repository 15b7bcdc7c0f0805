#ifndef TARE_BASE_ALIGNED_BUFFER_H_
#define TARE_BASE_ALIGNED_BUFFER_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <span>

#include "base/error.h"

namespace tare {

// Uninitialised bytes, aligned to 64 bytes: one cache line, and the widest vector.
class AlignedBuffer {
 public:
  static constexpr size_t kAlignment = 64;

  AlignedBuffer() = default;

  // Errors: OutOfMemory. A size of zero gives an empty buffer.
  static Result<AlignedBuffer> Allocate(size_t size) {
    AlignedBuffer buffer;
    if (size == 0) return buffer;
    const size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
    void* data = rounded < size ? nullptr : std::aligned_alloc(kAlignment, rounded);
    if (data == nullptr) return OutOfMemory("cannot allocate {} bytes", size);
    buffer.data_.reset(static_cast<std::byte*>(data));
    buffer.size_ = size;
    return buffer;
  }

  std::byte* data() const { return data_.get(); }
  size_t size() const { return size_; }
  template <typename T>
  T* as() const {
    return reinterpret_cast<T*>(data_.get());
  }

 private:
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> data_;
  size_t size_ = 0;
};

}  // namespace tare

#endif  // TARE_BASE_ALIGNED_BUFFER_H_
