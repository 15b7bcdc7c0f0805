#include "format/tensor_file_writer.h"

#include "base/check.h"
#include "base/count_text.h"
#include "format/quote.h"

namespace tare {

Status TensorFileWriter::AddDeclaration(std::string_view name, DType dtype, const Shape& shape,
                                        uint64_t bytes) {
  TARE_CHECK(!header_written_);
  if (!names_.emplace(name).second) {
    return InvalidInput("{}: tensor {} already exists", path(), Quote(name));
  }
  declarations_.push_back({std::string(name), dtype, shape, bytes, 0});
  return {};
}

Status TensorFileWriter::Write(std::span<const std::byte> bytes) {
  TARE_RETURN_IF_ERROR(file_.Write(bytes));
  written_ += bytes.size();
  return {};
}

Status TensorFileWriter::PadTo(uint64_t size) {
  if (size <= written_) return {};
  const std::vector<std::byte> zeros(size - written_);
  return Write(zeros);
}

Status TensorFileWriter::WriteHeaderOnce() {
  if (header_written_) return {};
  header_written_ = true;
  return WriteHeader();
}

Status TensorFileWriter::AppendTensorData(std::string_view name, std::span<const std::byte> bytes) {
  TARE_RETURN_IF_ERROR(WriteHeaderOnce());
  if (current_tensor_ == declarations_.size()) {
    return InvalidInput("{}: tensor {}: every declared tensor is already complete", path(),
                        Quote(name));
  }
  const TensorDeclaration& tensor = declarations_[current_tensor_];
  if (name != tensor.name) {
    return InvalidInput("{}: tensor {}: expected the data of {} first", path(), Quote(name),
                        Quote(tensor.name));
  }
  if (bytes.size() > tensor.bytes - current_bytes_) {
    return InvalidInput("{}: tensor {}: {} more, expected at most {} of its {}", path(),
                        Quote(name), CountText(bytes.size(), "byte"), tensor.bytes - current_bytes_,
                        tensor.bytes);
  }
  if (current_bytes_ == 0) TARE_RETURN_IF_ERROR(PadTo(tensor.offset));
  TARE_RETURN_IF_ERROR(Write(bytes));
  current_bytes_ += bytes.size();
  if (current_bytes_ == tensor.bytes) {
    ++current_tensor_;
    current_bytes_ = 0;
  }
  return {};
}

Status TensorFileWriter::Finish() {
  TARE_RETURN_IF_ERROR(WriteHeaderOnce());
  if (current_tensor_ < declarations_.size()) {
    const TensorDeclaration& tensor = declarations_[current_tensor_];
    return InvalidInput("{}: tensor {}: got {}, expected {}", path(), Quote(tensor.name),
                        CountText(current_bytes_, "byte"), tensor.bytes);
  }
  TARE_RETURN_IF_ERROR(PadTo(file_bytes_));
  return file_.Commit();
}

}  // namespace tare
