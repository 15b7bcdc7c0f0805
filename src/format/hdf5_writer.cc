#include "format/hdf5_writer.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "format/hdf5_wire.h"
#include "format/quote.h"

namespace tare {
namespace {

bool HasHdf5Type(DType dtype) {
  return dtype == DType::kF32 || dtype == DType::kF16 || dtype == DType::kBF16 ||
         dtype == DType::kI32;
}

bool IsPath(std::string_view name) {
  const bool empty_part =
      name.empty() || name.front() == '/' || name.back() == '/' || name.find("//") != name.npos;
  return !empty_part && name.size() <= kHdf5MaxName && name.find('\0') == name.npos;
}

}  // namespace

Result<Hdf5Writer> Hdf5Writer::Create(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  return Hdf5Writer(std::move(file));
}

Status Hdf5Writer::DeclareTensor(std::string_view name, DType dtype, const Shape& shape) {
  TARE_CHECK(!metadata_written_);
  const auto bytes = ByteSize(dtype, shape);
  if (!HasHdf5Type(dtype) || !bytes || *bytes == 0) {
    return InvalidInput("{}: tensor {}: Keras files have no {} of shape {}", file_.path(),
                        Quote(name), DTypeName(dtype), shape.ToString());
  }
  if (!IsPath(name)) {
    return InvalidInput("{}: tensor {}: is no path such as \"layers/dense/vars/0\"", file_.path(),
                        Quote(name));
  }
  if (groups_.contains(name) || !names_.emplace(name).second) {
    return InvalidInput("{}: tensor {} is there already", file_.path(), Quote(name));
  }
  for (size_t slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1)) {
    const std::string_view group = name.substr(0, slash);
    if (names_.contains(group)) {
      return InvalidInput("{}: tensor {}: {} is a tensor, so no group", file_.path(), Quote(name),
                          Quote(group));
    }
    groups_.emplace(group);
  }
  tensors_.push_back({std::string(name), dtype, shape, *bytes, 0});
  return {};
}

Status Hdf5Writer::WriteMetadata() {
  const auto metadata = LayOutHdf5(tensors_);
  if (!metadata) {
    return InvalidInput("{}: the tensors are too large, or a group has more than {} members",
                        file_.path(), kHdf5MaxLinks);
  }
  TARE_RETURN_IF_ERROR(file_.Write(*metadata));
  written_ = metadata->size();
  metadata_written_ = true;
  return {};
}

Status Hdf5Writer::PadTo(uint64_t size) {
  constexpr std::array<std::byte, kHdf5DataAlignment> kZeros = {};
  TARE_CHECK(size >= written_ && size - written_ < kZeros.size());
  Status padded = file_.Write(std::span(kZeros).first(size - written_));
  written_ = size;
  return padded;
}

Status Hdf5Writer::AppendTensorData(std::string_view name, std::span<const std::byte> bytes) {
  if (!metadata_written_) TARE_RETURN_IF_ERROR(WriteMetadata());
  if (current_tensor_ == tensors_.size()) {
    return InvalidInput("{}: tensor {}: every declared tensor is whole already", file_.path(),
                        Quote(name));
  }
  const Hdf5Declaration& tensor = tensors_[current_tensor_];
  if (name != tensor.name) {
    return InvalidInput("{}: tensor {}: expected the data of {} first", file_.path(), Quote(name),
                        Quote(tensor.name));
  }
  if (bytes.size() > tensor.bytes - current_bytes_) {
    return InvalidInput("{}: tensor {}: {} bytes more, expected at most {} of its {}", file_.path(),
                        Quote(name), bytes.size(), tensor.bytes - current_bytes_, tensor.bytes);
  }
  if (current_bytes_ == 0) TARE_RETURN_IF_ERROR(PadTo(tensor.offset));
  TARE_RETURN_IF_ERROR(file_.Write(bytes));
  written_ += bytes.size();
  current_bytes_ += bytes.size();
  if (current_bytes_ == tensor.bytes) {
    ++current_tensor_;
    current_bytes_ = 0;
  }
  return {};
}

Status Hdf5Writer::Finish() {
  if (!metadata_written_) TARE_RETURN_IF_ERROR(WriteMetadata());
  if (current_tensor_ < tensors_.size()) {
    const Hdf5Declaration& tensor = tensors_[current_tensor_];
    return InvalidInput("{}: tensor {}: got {} of its {} bytes", file_.path(), Quote(tensor.name),
                        current_bytes_, tensor.bytes);
  }
  return file_.Commit();
}

}  // namespace tare
