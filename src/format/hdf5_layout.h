#ifndef TARE_FORMAT_HDF5_LAYOUT_H_
#define TARE_FORMAT_HDF5_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// A dataset to be written.
struct Hdf5Declaration {
  std::string name;  // groups and dataset, separated by slashes
  DType dtype = DType::kF32;
  Shape shape;
  uint64_t bytes = 0;
  uint64_t offset = 0;  // in the file; LayOutHdf5 sets it
};

// Data begins at multiples of this: whole cache lines and vectors.
inline constexpr uint64_t kHdf5DataAlignment = 64;
// Links of one group, messages of one object header.
inline constexpr size_t kHdf5MaxLinks = 60'000;

// Everything of an HDF5 file before its data: superblock (version 0), groups with their links in
// the object header (version 1), dataset headers, and one global heap for the text "bfloat16".
// Sets the datasets' offsets, in the order given. Source: "HDF5 File Format Specification", version
// 3.0, sections II.A, III.E, IV.A.
//   Precondition  names are unique, none is a group of another, types are f32, f16, bf16 or i32.
//   nullopt       where the sizes overflow or a group has more than kHdf5MaxLinks links.
std::optional<std::vector<std::byte>> LayOutHdf5(std::vector<Hdf5Declaration>& datasets);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_LAYOUT_H_
