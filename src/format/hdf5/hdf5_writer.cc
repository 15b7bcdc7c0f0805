#include "format/hdf5/hdf5_writer.h"

#include "format/hdf5/hdf5_layout.h"
#include "format/hdf5/hdf5_wire.h"
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
  const auto bytes = ByteSize(dtype, shape);
  if (!HasHdf5Type(dtype) || !bytes || *bytes == 0) {
    return InvalidInput("{}: tensor {}: Keras files have no {} of shape {}", path(), Quote(name),
                        DTypeName(dtype), shape.ToString());
  }
  if (!IsPath(name)) {
    return InvalidInput("{}: tensor {}: is not a path such as \"layers/dense/vars/0\"", path(),
                        Quote(name));
  }
  if (groups_.contains(name)) {
    return InvalidInput("{}: tensor {} already exists", path(), Quote(name));
  }
  for (size_t slash = name.find('/'); slash != name.npos; slash = name.find('/', slash + 1)) {
    const std::string_view group = name.substr(0, slash);
    if (HasName(group)) {
      return InvalidInput("{}: tensor {}: {} is a tensor, so it cannot be a group too", path(),
                          Quote(name), Quote(group));
    }
    groups_.emplace(group);
  }
  return AddDeclaration(name, dtype, shape, *bytes);
}

Status Hdf5Writer::WriteHeader() {
  const auto metadata = LayOutHdf5(declarations());
  if (!metadata) {
    return InvalidInput("{}: the tensors are too large, or a group has more than {} members",
                        path(), kHdf5MaxLinks);
  }
  return Write(*metadata);
}

}  // namespace tare
