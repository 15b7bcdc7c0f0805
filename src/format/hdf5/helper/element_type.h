#ifndef TARE_FORMAT_HDF5_HELPER_ELEMENT_TYPE_H_
#define TARE_FORMAT_HDF5_HELPER_ELEMENT_TYPE_H_

#include <hdf5.h>

#include <cstddef>
#include <optional>

#include "format/hdf5/hdf5_wire.h"

namespace tare {

struct ElementType {
  Hdf5Element element = Hdf5Element::kOther;
  bool big_endian = false;
  bool f64 = false;      // read as f32
  size_t file_size = 0;  // bytes of an element in the file
};

// nullopt if the elements are not numbers. Recognises bfloat16 as Keras writes it (two opaque
// bytes, or an unsigned integer of two bytes, with the attribute dtype = "bfloat16") and as a
// floating-point type of that layout.
std::optional<ElementType> ClassifyElements(hid_t dataset, hid_t type);

// Bytes of an element as it is sent.
constexpr size_t ElementBytes(Hdf5Element element) {
  return element == Hdf5Element::kF32 || element == Hdf5Element::kI32 ? 4 : 2;
}

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HELPER_ELEMENT_TYPE_H_
