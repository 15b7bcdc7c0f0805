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

// A dataset of numbers that a tensor can be made of.
struct Hdf5Dataset {
  std::string name;  // its path in the file, without a slash before it
  DType dtype = DType::kF32;
  Shape shape;
  Hdf5Place place = Hdf5Place::kMapped;
  uint64_t offset = 0;  // in the file, where place is kMapped or kMisaligned
  uint64_t bytes = 0;   // once it is in memory
};

struct Hdf5Table {
  std::vector<Hdf5Dataset> datasets;  // sorted by name
  std::vector<std::string> left_out;  // names of datasets whose numbers no tensor can hold
};

// Reads what the helper said of a file of `file_bytes` bytes, and trusts none of it: names are
// unique and no longer than kHdf5MaxName, shapes have 1 to kMaxRank dimensions (a scalar none) of
// at least 1, sizes follow from shape and type, mapped data lies in the file and within no other
// dataset, and all that must be copied comes to no more than `max_copied_bytes`.
//   Errors  those the helper reports (CorruptFile or Unsupported), and CorruptFile if it
//           contradicts the above or stops before its end.
Result<Hdf5Table> ParseHdf5Table(std::span<const std::byte> records, uint64_t file_bytes,
                                 uint64_t max_copied_bytes);

// The error that a kProblem record tells of; `record` begins after its first byte.
Error Hdf5ProblemError(Hdf5WireReader record);

// "chunked", "compressed", …
std::string_view Hdf5PlaceName(Hdf5Place place);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_TABLE_H_
