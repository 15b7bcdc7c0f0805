#ifndef TARE_FORMAT_HDF5_HDF5_FILE_H_
#define TARE_FORMAT_HDF5_HDF5_FILE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/hdf5/hdf5_table.h"
#include "tensor/storage.h"
#include "tensor/tensor_view.h"

namespace tare {

// A dataset of an HDF5 file as a tensor. `file_offset` is 0 for one that had to be copied.
struct Hdf5Tensor {
  std::string name;
  TensorView view;
  uint64_t file_offset = 0;
};

// Tensors that were copied into memory for the same reason.
struct Hdf5Copies {
  Hdf5Place place = Hdf5Place::kChunked;  // never kMapped
  uint64_t bytes = 0;
  size_t tensors = 0;
};

// An HDF5 file of numbers. A dataset that is stored in one piece, uncompressed, little-endian and
// aligned is a view on the mapped file; any other is copied into memory. Only a short-lived helper
// process uses libhdf5 (hdf5_process.h). Move-only; moving keeps views valid.
class Hdf5File {
 public:
  //   Errors  Io (the file or the helper program), CorruptFile, Unsupported (a kind of link, of
  //           dataset or of number that is refused), OutOfMemory. Each message starts with path.
  static Result<Hdf5File> Open(const std::string& path);

  const std::string& path() const { return file_->path(); }
  uint64_t file_bytes() const { return file_->bytes().size(); }
  std::span<const Hdf5Tensor> tensors() const { return tensors_; }  // sorted by name
  std::span<const Hdf5Copies> copies() const { return copies_; }    // empty if everything is mapped
  // Datasets whose numbers no tensor can hold (64-bit integers, booleans, …).
  std::span<const std::string> left_out() const { return left_out_; }

  // Gives the memory of `data` back to the kernel until it is next read, if it is in the mapped
  // file. Call it once a part of a tensor is no longer needed.
  void DropPages(std::span<const std::byte> data) const {
    if (file_->Contains(data)) file_->Drop(data);
  }

 private:
  explicit Hdf5File(MappedFile file) : file_(std::move(file)) {}
  Status Read();
  Status AddTensors(std::vector<Hdf5Dataset> datasets);

  std::optional<MappedFile> file_;
  std::vector<Hdf5Tensor> tensors_;
  std::vector<Storage> owned_;
  std::vector<Hdf5Copies> copies_;
  std::vector<std::string> left_out_;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_FILE_H_
