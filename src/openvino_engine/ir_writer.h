#ifndef TARE_OPENVINO_ENGINE_IR_WRITER_H_
#define TARE_OPENVINO_ENGINE_IR_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor_view.h"

namespace tare {

// Writes the text of an OpenVINO IR, version 11, layer by layer. The text refers to a constant by
// its distance in memory from the first constant. So a tensor that begins at the first one, over
// the memory that holds them all, serves as the model's weights file.
class IrWriter {
 public:
  using LayerId = uint32_t;

  // shape: -1 for a dynamic length. precision: "f32", "i32", …
  LayerId Parameter(std::string_view precision, std::span<const int64_t> shape);
  // The tensor's memory must outlive the model.
  LayerId Constant(const TensorView& tensor);
  LayerId CopiedConstant(const TensorView& tensor);   // its memory need not
  LayerId Constant(std::span<const int64_t> values);  // i64 [n]
  LayerId Scalar(float value);                        // f32 [1]
  // `attributes` as in the text: `axis="1"`. `version`: "opset1", …
  LayerId Layer(std::string_view type, std::string_view version, std::string_view attributes,
                std::initializer_list<LayerId> inputs);
  // Ends a chain without a reader in the model: an output, or the new value of a variable.
  void Output(LayerId value);
  void Assign(LayerId value, std::string_view variable, std::string_view shape);

  // The memory of the constants: from the first to the end of the last, including gaps.
  const std::byte* weights() const { return first_; }
  size_t weights_bytes() const { return static_cast<size_t>(Address(end_) - Address(first_)); }

  std::string Finish() const;

 private:
  struct Written {
    std::string_view type;
    std::string_view version;
    std::string attributes;
    std::vector<LayerId> inputs;
    std::string_view precision = "FP32";  // of the output
    const std::byte* data = nullptr;      // Const only
  };

  static uintptr_t Address(const std::byte* data) { return reinterpret_cast<uintptr_t>(data); }
  LayerId Add(Written layer);
  LayerId ConstantAt(const std::byte* data, size_t bytes, std::string_view type,
                     std::string_view precision, const std::string& shape);
  std::string LayerText(LayerId id) const;

  std::vector<Written> layers_;
  std::deque<std::vector<std::byte>> owned_;  // deque: addresses stay
  const std::byte* first_ = nullptr;
  const std::byte* end_ = nullptr;
};

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_IR_WRITER_H_
