#ifndef TARE_OPENVINO_CONSTANT_PARKING_H_
#define TARE_OPENVINO_CONSTANT_PARKING_H_

#include <cstdint>
#include <memory>
#include <openvino/core/model.hpp>
#include <openvino/op/constant.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "openvino/page_dropper.h"

namespace tare {

struct ParkingTotals {
  uint64_t parked_bytes = 0;       // moved from the heap to a file in place
  uint64_t file_backed_bytes = 0;  // in files already
  std::string left_because;        // empty, or why the heap's constants stay
};

// The large constants of a model on their way through a plugin, which reads them once to pack its
// own copy: in compile_model, and again in the first inference. It owns a reference to each, so
// that no address on its list can be freed or used for anything else while it lives.
class ConstantParking {
 public:
  // Parks what lies in the heap, where malloc is the C library's own: another might take it for
  // granted that memory which it gave back reads as zeros.
  //   folder  on a disk, for the file.
  explicit ConstantParking(const std::shared_ptr<const ov::Model>& model,
                           const std::string& folder);
  ConstantParking(const ConstantParking&) = delete;
  ConstantParking& operator=(const ConstantParking&) = delete;
  // Gives the references back, with Python's lock where there is Python: a constant may be the last
  // to hold an array of it.
  ~ConstantParking();

  const ParkingTotals& totals() const { return totals_; }
  const std::vector<std::span<std::byte>>& spans() const { return spans_; }

 private:
  void Place(const std::string& folder);

  std::vector<std::shared_ptr<ov::op::v0::Constant>> constants_;
  std::vector<std::span<std::byte>> spans_;
  ParkingTotals totals_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_CONSTANT_PARKING_H_
