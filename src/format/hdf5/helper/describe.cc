#include "format/hdf5/helper/describe.h"

#include <optional>
#include <string>

#include "base/checked_math.h"
#include "format/hdf5/helper/element_type.h"
#include "format/hdf5/helper/handle.h"
#include "tensor/shape.h"

namespace tare {
namespace {

constexpr uint64_t kMaxChunkBytes = uint64_t{64} << 20;

class Describer {
 public:
  Describer(hid_t dataset, const std::string& path, Hdf5Channel& channel)
      : dataset_(dataset),
        path_(path),
        channel_(channel),
        plan_(H5Dget_create_plist(dataset), H5Pclose) {}

  DatasetFacts Describe() {
    if (!plan_.ok()) Fail(Hdf5Problem::kUnreadable);
    const H5D_layout_t layout = H5Pget_layout(plan_.get());
    if (layout == H5D_VIRTUAL) Fail(Hdf5Problem::kVirtual);
    if (H5Pget_external_count(plan_.get()) != 0) Fail(Hdf5Problem::kExternalFile);
    ReadShape();
    ReadType();
    CheckFilters();
    switch (layout) {
      case H5D_CONTIGUOUS:
        DescribeContiguous();
        break;
      case H5D_CHUNKED:
        DescribeChunked();
        break;
      case H5D_COMPACT:
        facts_.place = Hdf5Place::kCompact;
        if (H5Dget_storage_size(dataset_) < file_bytes_) Fail(Hdf5Problem::kBomb);
        break;
      default:
        Fail(Hdf5Problem::kUnreadable);
    }
    return std::move(facts_);
  }

 private:
  [[noreturn]] void Fail(Hdf5Problem problem) { channel_.Fail(problem, path_); }

  void ReadShape() {
    const Hdf5Handle space(H5Dget_space(dataset_), H5Sclose);
    if (!space.ok()) Fail(Hdf5Problem::kUnreadable);
    if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) Fail(Hdf5Problem::kNoSpace);
    const int rank = H5Sget_simple_extent_ndims(space.get());
    if (rank < 0) Fail(Hdf5Problem::kUnreadable);
    if (static_cast<size_t>(rank) > kMaxRank) Fail(Hdf5Problem::kRank);
    facts_.dims.resize(static_cast<size_t>(rank));
    if (H5Sget_simple_extent_dims(space.get(), facts_.dims.data(), nullptr) != rank) {
      Fail(Hdf5Problem::kUnreadable);
    }
    std::optional<uint64_t> elements = 1;
    for (const hsize_t dim : facts_.dims) {
      if (dim == 0) Fail(Hdf5Problem::kEmpty);
      elements = CheckedMul<uint64_t>(*elements, dim);
      if (!elements) Fail(Hdf5Problem::kBomb);
    }
    elements_ = *elements;
  }

  void ReadType() {
    const Hdf5Handle type(H5Dget_type(dataset_), H5Tclose);
    if (!type.ok()) Fail(Hdf5Problem::kUnreadable);
    const auto found = ClassifyElements(dataset_, type.get());
    if (!found) Fail(Hdf5Problem::kNotNumbers);
    type_ = *found;
    facts_.element = type_.element;
    const auto in_file = CheckedMul<uint64_t>(elements_, type_.file_size);
    const auto in_memory = CheckedMul<uint64_t>(elements_, ElementBytes(type_.element));
    if (!in_file || !in_memory) Fail(Hdf5Problem::kBomb);
    file_bytes_ = *in_file;
    facts_.bytes = *in_memory;
  }

  void CheckFilters() {
    filters_ = H5Pget_nfilters(plan_.get());
    if (filters_ < 0) Fail(Hdf5Problem::kUnreadable);
    for (int i = 0; i < filters_; ++i) {
      unsigned flags = 0, config = 0;
      size_t values = 0;
      const H5Z_filter_t filter = H5Pget_filter2(plan_.get(), static_cast<unsigned>(i), &flags,
                                                 &values, nullptr, 0, nullptr, &config);
      if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE &&
          filter != H5Z_FILTER_FLETCHER32) {
        channel_.Fail(Hdf5Problem::kFilter, path_, "filter " + std::to_string(filter));
      }
    }
  }

  void DescribeContiguous() {
    const haddr_t offset = H5Dget_offset(dataset_);
    if (offset == HADDR_UNDEF) Fail(Hdf5Problem::kNeverWritten);
    if (H5Dget_storage_size(dataset_) < file_bytes_) Fail(Hdf5Problem::kBomb);
    if (type_.f64) {
      facts_.place = Hdf5Place::kF64;
    } else if (type_.big_endian) {
      facts_.place = Hdf5Place::kBigEndian;
    } else {
      facts_.offset = offset;
    }
  }

  void DescribeChunked() {
    facts_.place = filters_ > 0 ? Hdf5Place::kFiltered : Hdf5Place::kChunked;
    const size_t rank = facts_.dims.size();
    facts_.chunk.resize(rank);
    if (H5Pget_chunk(plan_.get(), static_cast<int>(rank), facts_.chunk.data()) !=
        static_cast<int>(rank)) {
      Fail(Hdf5Problem::kUnreadable);
    }
    std::optional<uint64_t> bytes = type_.file_size;
    uint64_t expected = 1;  // at most the elements, which fit
    for (size_t axis = 0; axis < rank; ++axis) {
      if (facts_.chunk[axis] == 0) Fail(Hdf5Problem::kUnreadable);
      bytes = CheckedMul<uint64_t>(*bytes, facts_.chunk[axis]);
      if (!bytes || *bytes > kMaxChunkBytes) Fail(Hdf5Problem::kHugeChunk);
      expected *= (facts_.dims[axis] - 1) / facts_.chunk[axis] + 1;
    }
    hsize_t written = 0;
    const Hdf5Handle space(H5Dget_space(dataset_), H5Sclose);
    if (H5Dget_num_chunks(dataset_, space.get(), &written) < 0) Fail(Hdf5Problem::kUnreadable);
    if (written != expected) Fail(Hdf5Problem::kNeverWritten);
    const uint64_t stored = H5Dget_storage_size(dataset_);
    const uint64_t most = filters_ > 0 ? CheckedMul(stored, kHdf5MaxExpansion).value_or(0) : stored;
    if (most < file_bytes_) Fail(Hdf5Problem::kBomb);
  }

  hid_t dataset_;
  const std::string& path_;
  Hdf5Channel& channel_;
  Hdf5Handle plan_;
  DatasetFacts facts_;
  ElementType type_;
  uint64_t elements_ = 0;
  uint64_t file_bytes_ = 0;
  int filters_ = 0;
};

}  // namespace

DatasetFacts DescribeDataset(hid_t dataset, const std::string& path, Hdf5Channel& channel) {
  return Describer(dataset, path, channel).Describe();
}

}  // namespace tare
