#include "format/gguf/gguf_cursor.h"

#include "base/count_text.h"

namespace tare {

Result<std::string_view> GgufCursor::ReadString(std::string_view what) {
  constexpr size_t kLengthBytes = sizeof(uint64_t);
  if (remaining() < kLengthBytes) return CutShort(what, kLengthBytes);
  const auto length = LoadLittleEndian<uint64_t>(position());
  if (length > remaining() - kLengthBytes) {
    return CorruptFile(
        "{} at byte {}: its length says {}, but the file has only {} left; is the file cut short?",
        what, offset_, CountText(length, "byte"), remaining() - kLengthBytes);
  }
  const auto* text = reinterpret_cast<const char*>(position() + kLengthBytes);
  offset_ += kLengthBytes + length;
  return std::string_view(text, length);
}

Status GgufCursor::Skip(uint64_t bytes, std::string_view what) {
  if (bytes > remaining()) return CutShort(what, bytes);
  offset_ += bytes;
  return {};
}

Error GgufCursor::CutShort(std::string_view what, uint64_t needed) const {
  return CorruptFile(
      "{} at byte {}: needs {}, but the file has only {} left; is the file cut short?", what,
      offset_, CountText(needed, "byte"), remaining());
}

}  // namespace tare
