#ifndef TARE_OPENVINO_PASS_LATE_NUMBERS_H_
#define TARE_OPENVINO_PASS_LATE_NUMBERS_H_

#include <map>
#include <openvino/core/model.hpp>

namespace tare {

// Scalars of f32 that are always the same, which a plugin cannot know before it runs: it is not to
// make a multiplication by one a part of the product before it, whose weights it would then pack
// once for many rows and once more for one (scaled_query.h).
class LateNumbers {
 public:
  explicit LateNumbers(const ov::Model& model);

  // A constant where the model knows all its lengths. The nodes are made once.
  ov::Output<ov::Node> Of(float number);

 private:
  ov::Output<ov::Node> length_;  // f32, known only at run time; no node: there is none
  std::map<float, ov::Output<ov::Node>> made_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_LATE_NUMBERS_H_
