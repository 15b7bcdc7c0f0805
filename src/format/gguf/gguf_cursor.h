#ifndef TARE_FORMAT_GGUF_GGUF_CURSOR_H_
#define TARE_FORMAT_GGUF_GGUF_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/error.h"
#include "tensor/little_endian.h"

namespace tare {

// Reads the parts of a GGUF file one after another, never past its end. `what` names the part in an
// error. Every error is CorruptFile with the byte offset, the bytes needed and the bytes left. A
// failed read does not move the cursor.
class GgufCursor {
 public:
  // `bytes` must outlive the cursor and every view it returns.
  explicit GgufCursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

  size_t offset() const { return offset_; }
  size_t remaining() const { return bytes_.size() - offset_; }
  const std::byte* position() const { return bytes_.data() + offset_; }

  template <typename T>
  Result<T> Read(std::string_view what) {
    if (remaining() < sizeof(T)) return CutShort(what, sizeof(T));
    const T value = LoadLittleEndian<T>(position());
    offset_ += sizeof(T);
    return value;
  }

  // A u64 length and that many bytes; the text is borrowed and need not be UTF-8.
  Result<std::string_view> ReadString(std::string_view what);

  Status Skip(uint64_t bytes, std::string_view what);

 private:
  Error CutShort(std::string_view what, uint64_t needed) const;

  std::span<const std::byte> bytes_;
  size_t offset_ = 0;
};

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGUF_CURSOR_H_
