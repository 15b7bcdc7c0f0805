#ifndef TARE_FORMAT_HDF5_HDF5_LAYOUT_H_
#define TARE_FORMAT_HDF5_HDF5_LAYOUT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "format/tensor_file_writer.h"

namespace tare {

// Alignment of data: whole cache lines and vectors.
inline constexpr uint64_t kHdf5DataAlignment = 64;
// Links of one group, messages of one object header.
inline constexpr size_t kHdf5MaxLinks = 60'000;

// Everything of an HDF5 file before its data: superblock (version 0), groups with their links in
// the object header (version 1), dataset headers, and one global heap for the text "bfloat16".
// A dataset's name is the path of its groups and its own name, separated by slashes. Sets the
// datasets' offsets in the given order.
//   Precondition  names are unique, none is a group of another, types are f32, f16, bf16 or i32.
//   Returns       nullopt if the sizes overflow or a group has more than kHdf5MaxLinks links.
//   Source        "HDF5 File Format Specification", version 3.0, sections II.A, III.E, IV.A.
std::optional<std::vector<std::byte>> LayOutHdf5(std::vector<TensorDeclaration>& datasets);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_LAYOUT_H_
