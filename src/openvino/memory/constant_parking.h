#ifndef TARE_OPENVINO_MEMORY_CONSTANT_PARKING_H_
#define TARE_OPENVINO_MEMORY_CONSTANT_PARKING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/op/constant.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "openvino/memory/file_view.h"

namespace tare {

struct ParkingTotals {
  uint64_t parked_bytes = 0;       // moved from the heap to disk
  uint64_t file_backed_bytes = 0;  // already in the model file
  std::string left_because;        // empty, or why constants stay in the heap
};

// A model's large constants while a plugin packs its own copy of them. The plugin reads them in
// compile_model and again in the first inference. It gets views of the files that hold them, so
// that their pages can be dropped afterwards without affecting other mappings. A constant in a file
// that cannot be viewed stays where it is. This object owns a reference to it, so that its address
// is not freed or reused.
class ConstantParking {
 public:
  // Moves constants from the heap to disk if malloc is the C library's own. Another malloc might
  // assume that memory it returned to the kernel reads as zeros.
  //   copy    a copy of the program's model; views replace its constants.
  //   folder  for the file; must be on a disk.
  ConstantParking(const std::shared_ptr<ov::Model>& copy, const std::string& folder);
  ConstantParking(const ConstantParking&) = delete;
  ConstantParking& operator=(const ConstantParking&) = delete;
  // Releases the references, under Python's lock if Python runs: a constant may be the last owner
  // of a Python array.
  ~ConstantParking();

  const ParkingTotals& totals() const { return totals_; }
  bool empty() const { return views_.empty() && spans_.empty(); }
  void DropPages() const;

 private:
  using Constants = std::vector<std::shared_ptr<ov::op::v0::Constant>>;

  void Place(const Constants& same, std::span<std::byte> bytes, const MemoryMap& map);
  void Park(const std::vector<Constants>& in_heap, const std::string& folder);
  void Replace(const Constants& same, const std::shared_ptr<const FileView>& view);

  std::vector<std::shared_ptr<const FileView>> views_;
  Constants constants_;
  std::vector<std::span<std::byte>> spans_;  // the bytes of constants_
  ParkingTotals totals_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_CONSTANT_PARKING_H_
