#ifndef TARE_OPENVINO_PASS_LATE_NUMBERS_H_
#define TARE_OPENVINO_PASS_LATE_NUMBERS_H_

#include <map>
#include <openvino/core/model.hpp>

namespace tare {

// Constant f32 scalars whose values a plugin cannot know before it runs. A plugin therefore does
// not merge a multiplication by one of them into the preceding product. If it did, it would pack
// that product's weights once for many rows and again for one row (scaled_query.h).
class LateNumbers {
 public:
  explicit LateNumbers(const ov::Model& model);

  // A plain constant if the model has no dynamic length. Each number's nodes are created once.
  ov::Output<ov::Node> Of(float number);

 private:
  ov::Output<ov::Node> length_;  // f32, dynamic; no node: the model has none
  std::map<float, ov::Output<ov::Node>> made_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_LATE_NUMBERS_H_
