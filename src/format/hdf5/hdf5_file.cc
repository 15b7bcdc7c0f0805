#include "format/hdf5/hdf5_file.h"

#include <algorithm>
#include <cstring>

#include "format/hdf5/hdf5_process.h"
#include "format/quote.h"

namespace tare {
namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr size_t kMaxListBytes = size_t{256} << 20;
constexpr size_t kListPieceBytes = size_t{64} << 10;
// Largest size of the list per byte of the file: a dataset's metadata takes hundreds of bytes, its
// record only a few more than its path.
constexpr size_t kListBytesPerFileByte = 16;
// Weights hardly shrink; a file whose copies are this much larger than itself is an attack.
constexpr uint64_t kMaxCopyFactor = 16;
constexpr uint64_t kCopiesAlwaysAllowed = uint64_t{4} << 20;

Result<Hdf5Table> ReadTable(const MappedFile& file) {
  TARE_ASSIGN_OR_RETURN(Hdf5Process helper, Hdf5Process::Start("list", file.path(), kPatience));
  const uint64_t file_bytes = file.bytes().size();
  const size_t max_list_bytes =
      std::min<uint64_t>(kMaxListBytes, kListPieceBytes + file_bytes * kListBytesPerFileByte);
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  std::vector<std::byte> records;
  for (;;) {
    const size_t before = records.size();
    if (before > max_list_bytes) return CorruptFile("lists more datasets than fit into it");
    if (std::chrono::steady_clock::now() > give_up) {
      return CorruptFile("its metadata could not be read in {} s", kPatience.count());
    }
    records.resize(before + kListPieceBytes);
    TARE_ASSIGN_OR_RETURN(const size_t got, helper.Receive(std::span(records).subspan(before)));
    records.resize(before + got);
    if (got == 0) break;
  }
  if (records.empty()) return helper.Ended("before it sent anything");
  return ParseHdf5Table(records, file_bytes,
                        std::max(kCopiesAlwaysAllowed, file_bytes * kMaxCopyFactor));
}

Error ReceiveProblem(Hdf5Process& helper) {
  std::vector<std::byte> record(kListPieceBytes);
  size_t size = 0;
  while (size < record.size()) {
    const auto got = helper.Receive(std::span(record).subspan(size));
    if (!got.ok() || *got == 0) break;
    size += *got;
  }
  return Hdf5ProblemError(Hdf5WireReader(std::span(record).first(size)));
}

template <typename T>
Result<T> ReceiveNumber(Hdf5Process& helper) {
  T value = {};
  TARE_RETURN_IF_ERROR(helper.ReceiveExactly(std::as_writable_bytes(std::span(&value, 1))));
  return value;
}

// Receives one dataset's kData records.
Status ReceiveElements(Hdf5Process& helper, const Hdf5Dataset& dataset, std::span<std::byte> to) {
  while (!to.empty()) {
    TARE_ASSIGN_OR_RETURN(const uint8_t kind, ReceiveNumber<uint8_t>(helper));
    if (static_cast<Hdf5Record>(kind) == Hdf5Record::kProblem) return ReceiveProblem(helper);
    TARE_ASSIGN_OR_RETURN(const uint32_t size, ReceiveNumber<uint32_t>(helper));
    if (static_cast<Hdf5Record>(kind) != Hdf5Record::kData || size > to.size()) {
      return CorruptFile("dataset {}: the HDF5 helper sent more than requested",
                         Quote(dataset.name));
    }
    TARE_RETURN_IF_ERROR(helper.ReceiveExactly(to.first(size)));
    to = to.subspan(size);
  }
  return {};
}

struct Copy {
  const Hdf5Dataset* dataset;
  std::byte* to;
};

Status ReceiveCopies(const std::string& path, std::span<const Copy> copies) {
  if (copies.empty()) return {};
  TARE_ASSIGN_OR_RETURN(Hdf5Process helper, Hdf5Process::Start("read", path, kPatience));
  Hdf5WireWriter wanted;
  for (const Copy& copy : copies) {
    wanted.Put(Hdf5Record::kWant).Text(copy.dataset->name).Put(copy.dataset->bytes);
  }
  wanted.Put(Hdf5Record::kEnd).Put(static_cast<uint32_t>(copies.size()));
  TARE_RETURN_IF_ERROR(helper.Send(wanted.bytes()));
  for (const Copy& copy : copies) {
    TARE_RETURN_IF_ERROR(ReceiveElements(helper, *copy.dataset, {copy.to, copy.dataset->bytes}));
  }
  return {};
}

void Count(std::vector<Hdf5Copies>& copies, const Hdf5Dataset& dataset) {
  auto found = std::find_if(copies.begin(), copies.end(),
                            [&](const Hdf5Copies& c) { return c.place == dataset.place; });
  if (found == copies.end()) found = copies.insert(copies.end(), {dataset.place, 0, 0});
  found->bytes += dataset.bytes;
  ++found->tensors;
}

}  // namespace

Result<Hdf5File> Hdf5File::Open(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(MappedFile mapped, MappedFile::Open(path));
  Hdf5File file(std::move(mapped));
  if (const Status read = file.Read(); !read.ok()) return read.error().In(path);
  return file;
}

Status Hdf5File::Read() {
  TARE_ASSIGN_OR_RETURN(Hdf5Table table, ReadTable(*file_));
  left_out_ = std::move(table.left_out);
  return AddTensors(std::move(table.datasets));
}

Status Hdf5File::AddTensors(std::vector<Hdf5Dataset> datasets) {
  std::vector<Copy> from_helper;
  tensors_.reserve(datasets.size());
  for (const Hdf5Dataset& dataset : datasets) {
    Hdf5Tensor tensor{dataset.name, {dataset.dtype, dataset.shape, nullptr}, 0};
    const std::byte* in_file = file_->bytes().data() + dataset.offset;
    if (dataset.place == Hdf5Place::kMapped) {
      tensor.view.data = in_file;
      tensor.file_offset = dataset.offset;
    } else {
      TARE_ASSIGN_OR_RETURN(Storage storage, Storage::Allocate(dataset.dtype, dataset.shape));
      tensor.view.data = storage.data();
      if (dataset.place == Hdf5Place::kMisaligned) {
        std::memcpy(storage.data(), in_file, dataset.bytes);
      } else {
        from_helper.push_back({&dataset, storage.data()});
      }
      owned_.push_back(std::move(storage));
      Count(copies_, dataset);
    }
    tensors_.push_back(std::move(tensor));
  }
  return ReceiveCopies(file_->path(), from_helper);
}

}  // namespace tare
