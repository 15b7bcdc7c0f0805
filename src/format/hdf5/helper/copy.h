#ifndef TARE_FORMAT_HDF5_HELPER_COPY_H_
#define TARE_FORMAT_HDF5_HELPER_COPY_H_

#include <hdf5.h>

#include "format/hdf5/helper/channel.h"

namespace tare {

// Receives the names of the wanted datasets and sends their elements: little-endian, f64 as f32.
void SendWanted(hid_t file, Hdf5Channel& channel);

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HELPER_COPY_H_
