#ifndef TARE_FORMAT_HDF5_HELPER_DESCRIBE_H_
#define TARE_FORMAT_HDF5_HELPER_DESCRIBE_H_

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

#include "format/hdf5/hdf5_wire.h"
#include "format/hdf5/helper/channel.h"

namespace tare {

// What the reader is told of a dataset.
struct DatasetFacts {
  Hdf5Element element = Hdf5Element::kOther;
  Hdf5Place place = Hdf5Place::kMapped;
  std::vector<hsize_t> dims;
  std::vector<hsize_t> chunk;  // empty unless it lies in chunks
  uint64_t offset = 0;         // where it is mapped
  uint64_t bytes = 0;          // once read
};

// Fails where the dataset is of a kind that is refused.
DatasetFacts DescribeDataset(hid_t dataset, const std::string& path, Hdf5Channel& channel);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HELPER_DESCRIBE_H_
