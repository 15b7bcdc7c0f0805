#ifndef TARE_FORMAT_TESTING_HDF5_SAMPLES_H_
#define TARE_FORMAT_TESTING_HDF5_SAMPLES_H_

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/test_paths.h"
#include "tensor/tensor_view.h"

namespace tare {

// A file of tests/hostile/hdf5, which tests/hostile/make_hdf5.py made.
inline std::string Hdf5Sample(const std::string& name) {
  return SourceFile("tests/hostile/hdf5/" + name + ".h5");
}

inline std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void WriteBytes(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// The elements of a view. Precondition: T is as large as one.
template <typename T>
std::vector<T> Elements(const TensorView& view) {
  std::vector<T> elements(view.bytes() / sizeof(T));
  std::memcpy(elements.data(), view.data, view.bytes());
  return elements;
}

}  // namespace tare

#endif  // TARE_FORMAT_TESTING_HDF5_SAMPLES_H_
