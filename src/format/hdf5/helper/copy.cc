#include "format/hdf5/helper/copy.h"

#include <algorithm>
#include <string>
#include <vector>

#include "format/hdf5/helper/describe.h"
#include "format/hdf5/helper/element_type.h"
#include "format/hdf5/helper/handle.h"

namespace tare {
namespace {

constexpr uint64_t kPieceBytes = uint64_t{8} << 20;
constexpr size_t kChunkCacheBytes = size_t{192} << 20;
constexpr size_t kChunkCacheSlots = 10007;  // prime, as HDF5 asks for

struct Want {
  std::string path;
  uint64_t bytes;
};

// The type that HDF5 is asked to convert to.
hid_t MemoryType(hid_t dataset) {
  const Hdf5Handle type(H5Dget_type(dataset), H5Tclose);
  const auto found = ClassifyElements(dataset, type.get());
  if (!found || found->f64) return H5Tcopy(H5T_IEEE_F32LE);
  const hid_t copy = H5Tcopy(type.get());
  if (found->big_endian) H5Tset_order(copy, H5T_ORDER_LE);
  return copy;
}

// Walks a dataset in row-major order in boxes: one index of each axis before `axis`, a few rows of
// `axis`, all of those behind it.
class BoxReader {
 public:
  BoxReader(hid_t dataset, const DatasetFacts& facts)
      : dataset_(dataset),
        dims_(facts.dims.empty() ? std::vector<hsize_t>{1} : facts.dims),
        scalar_(facts.dims.empty()),
        element_bytes_(ElementBytes(facts.element)),
        type_(MemoryType(dataset), H5Tclose),
        start_(dims_.size(), 0),
        count_(dims_) {
    row_bytes_ = element_bytes_;
    for (hsize_t dim : dims_) row_bytes_ *= dim;
    while (axis_ < dims_.size() && row_bytes_ / dims_[axis_] > kPieceBytes) NextAxis();
    row_bytes_ /= dims_[axis_];
    rows_ = std::max<hsize_t>(1, kPieceBytes / std::max<hsize_t>(1, row_bytes_));
    const hsize_t chunk_rows = facts.chunk.empty() ? 1 : facts.chunk[axis_];
    if (rows_ > chunk_rows) rows_ = rows_ / chunk_rows * chunk_rows;
    rows_ = std::min(rows_, dims_[axis_]);
  }

  // False if HDF5 cannot read. At the end `box` is empty.
  bool Next(std::vector<std::byte>& box) {
    box.clear();
    if (done_) return true;
    count_[axis_] = std::min(rows_, dims_[axis_] - start_[axis_]);
    box.resize(count_[axis_] * row_bytes_);
    if (!Read(box)) return false;
    Advance();
    return true;
  }

 private:
  void NextAxis() {
    row_bytes_ /= dims_[axis_];
    count_[axis_] = 1;
    ++axis_;
  }

  bool Read(std::vector<std::byte>& box) {
    const Hdf5Handle file_space(H5Dget_space(dataset_), H5Sclose);
    const hsize_t elements = box.size() / element_bytes_;
    const Hdf5Handle memory_space(H5Screate_simple(1, &elements, nullptr), H5Sclose);
    if (!type_.ok() || !file_space.ok() || !memory_space.ok()) return false;
    if (!scalar_ && H5Sselect_hyperslab(file_space.get(), H5S_SELECT_SET, start_.data(), nullptr,
                                        count_.data(), nullptr) < 0) {
      return false;
    }
    return H5Dread(dataset_, type_.get(), memory_space.get(), file_space.get(), H5P_DEFAULT,
                   box.data()) >= 0;
  }

  void Advance() {
    start_[axis_] += count_[axis_];
    for (size_t axis = axis_; start_[axis] >= dims_[axis]; --axis) {
      start_[axis] = 0;
      if (axis == 0) {
        done_ = true;
        return;
      }
      ++start_[axis - 1];
    }
  }

  hid_t dataset_;
  std::vector<hsize_t> dims_;
  bool scalar_;
  size_t element_bytes_;
  Hdf5Handle type_;
  std::vector<hsize_t> start_;
  std::vector<hsize_t> count_;
  size_t axis_ = 0;
  uint64_t row_bytes_ = 0;
  hsize_t rows_ = 0;
  bool done_ = false;
};

void SendElements(hid_t file, const Want& want, Hdf5Channel& channel) {
  const Hdf5Handle access(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose);
  H5Pset_chunk_cache(access.get(), kChunkCacheSlots, kChunkCacheBytes, 1.0);
  const Hdf5Handle dataset(H5Dopen2(file, want.path.c_str(), access.get()), H5Dclose);
  if (!dataset.ok()) channel.Fail(Hdf5Problem::kUnreadable, want.path);
  const DatasetFacts facts = DescribeDataset(dataset.get(), want.path, channel);
  if (facts.element == Hdf5Element::kOther || facts.bytes != want.bytes) {
    channel.Fail(Hdf5Problem::kUnreadable, want.path, "it changed while it was read");
  }
  BoxReader reader(dataset.get(), facts);
  std::vector<std::byte> box;
  do {
    if (!reader.Next(box)) channel.Fail(Hdf5Problem::kUnreadable, want.path);
    channel.SendData(box);
  } while (!box.empty());
}

}  // namespace

void SendWanted(hid_t file, Hdf5Channel& channel) {
  std::vector<Want> wanted;
  for (auto kind = channel.Receive<Hdf5Record>(); kind == Hdf5Record::kWant;
       kind = channel.Receive<Hdf5Record>()) {
    std::string path = channel.ReceiveText();
    wanted.push_back({std::move(path), channel.Receive<uint64_t>()});
  }
  if (channel.Receive<uint32_t>() != wanted.size()) channel.Fail(Hdf5Problem::kLimit, "");
  for (const Want& want : wanted) SendElements(file, want, channel);
  channel.SendEnd(static_cast<uint32_t>(wanted.size()));
}

}  // namespace tare
