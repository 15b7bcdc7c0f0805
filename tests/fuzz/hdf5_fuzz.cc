// Any output of the HDF5 helper is either a valid table or an error. The first two bytes are the
// file's size.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "format/hdf5/hdf5_table.h"
#include "tensor/little_endian.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr uint64_t kMaxCopied = 4096;
  if (size < 2) return 0;
  const std::span<const std::byte> input = std::as_bytes(std::span(data, size));
  const uint64_t file_bytes = tare::LoadLittleEndian<uint16_t>(input.data());
  const auto table = tare::ParseHdf5Table(input.subspan(2), file_bytes, kMaxCopied);
  if (!table.ok()) {
    TARE_CHECK(table.error().message().size() < 1000);
    return 0;
  }
  uint64_t copied = 0;
  for (const tare::Hdf5Dataset& dataset : table->datasets) {
    TARE_CHECK(tare::ByteSize(dataset.dtype, dataset.shape) == dataset.bytes);
    if (dataset.place == tare::Hdf5Place::kMapped) {
      TARE_CHECK_LE(dataset.offset + dataset.bytes, file_bytes);
    } else {
      copied += dataset.bytes;
    }
  }
  TARE_CHECK_LE(copied, kMaxCopied);
  return 0;
}
