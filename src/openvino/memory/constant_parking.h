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
  uint64_t parked_bytes = 0;       // moved from the heap to a file in place
  uint64_t file_backed_bytes = 0;  // in files already
  std::string left_because;        // empty, or why the heap's constants stay
};

// The large constants of a model on their way through a plugin, which reads them once to pack its
// own copy: in compile_model, and again in the first inference. The plugin is given views of the
// files that they lie in, whose pages can be dropped behind it and nobody else's with them.
// Constants in files that cannot be viewed stay, and it owns a reference to each, so that no
// address on its list can be freed or used for anything else while it lives.
class ConstantParking {
 public:
  // Parks what lies in the heap, where malloc is the C library's own: another might take it for
  // granted that memory which it gave back reads as zeros.
  //   copy    of the program's model, whose constants are replaced by views.
  //   folder  on a disk, for the file.
  ConstantParking(const std::shared_ptr<ov::Model>& copy, const std::string& folder);
  ConstantParking(const ConstantParking&) = delete;
  ConstantParking& operator=(const ConstantParking&) = delete;
  // Gives the references back, with Python's lock where there is Python: a constant may be the last
  // to hold an array of it.
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
  std::vector<std::span<std::byte>> spans_;  // of constants_
  ParkingTotals totals_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_CONSTANT_PARKING_H_
