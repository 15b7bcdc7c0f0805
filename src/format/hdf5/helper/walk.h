#ifndef TARE_FORMAT_HDF5_HELPER_WALK_H_
#define TARE_FORMAT_HDF5_HELPER_WALK_H_

#include <hdf5.h>

#include "format/hdf5/helper/channel.h"

namespace tare {

// Sends a record for each dataset of the file, at any depth, then kEnd. Follows only hard links,
// and no object twice.
void SendDatasets(hid_t file, Hdf5Channel& channel);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HELPER_WALK_H_
