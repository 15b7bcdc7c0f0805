#ifndef TARE_FORMAT_HDF5_HDF5_TABLE_H_
#define TARE_FORMAT_HDF5_HDF5_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "format/hdf5/hdf5_wire.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// A dataset of numbers that can become a tensor.
struct Hdf5Dataset {
  std::string name;  // its path in the file, without a slash before it
  DType dtype = DType::kF32;
  Shape shape;
  Hdf5Place place = Hdf5Place::kMapped;
  uint64_t offset = 0;  // in the file, if place is kMapped or kMisaligned
  uint64_t bytes = 0;   // in memory
};

struct Hdf5Table {
  std::vector<Hdf5Dataset> datasets;  // sorted by name
  std::vector<std::string> left_out;  // names of datasets whose numbers no tensor can hold
};

// Parses the helper's output for a file of `file_bytes` bytes and checks all of it. Names are
// unique and no longer than kHdf5MaxName. Shapes have 1 to kMaxRank dimensions (a scalar none),
// each at least 1. Sizes follow from shape and type. Mapped data lies in the file and overlaps no
// other dataset. The datasets to copy have at most `max_copied_bytes` together.
//   Errors  those that the helper reports (CorruptFile or Unsupported); CorruptFile if a check
//   fails or
//           the output is incomplete.
Result<Hdf5Table> ParseHdf5Table(std::span<const std::byte> records, uint64_t file_bytes,
                                 uint64_t max_copied_bytes);

// The error in a kProblem record; `record` begins after its first byte.
Error Hdf5ProblemError(Hdf5WireReader record);

// "chunked", "compressed", …
std::string_view Hdf5PlaceName(Hdf5Place place);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_TABLE_H_
