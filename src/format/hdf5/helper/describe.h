#ifndef TARE_FORMAT_HDF5_HELPER_DESCRIBE_H_
#define TARE_FORMAT_HDF5_HELPER_DESCRIBE_H_

#include <hdf5.h>

#include <cstdint>
#include <string>
#include <vector>

#include "format/hdf5/hdf5_wire.h"
#include "format/hdf5/helper/channel.h"

namespace tare {

// The facts about a dataset that the reader gets.
struct DatasetFacts {
  Hdf5Element element = Hdf5Element::kOther;
  Hdf5Place place = Hdf5Place::kMapped;
  std::vector<hsize_t> dims;
  std::vector<hsize_t> chunk;  // empty unless stored in chunks
  uint64_t offset = 0;         // if it can be mapped
  uint64_t bytes = 0;          // in memory
};

// Fails for an unsupported kind of dataset.
DatasetFacts DescribeDataset(hid_t dataset, const std::string& path, Hdf5Channel& channel);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HELPER_DESCRIBE_H_
