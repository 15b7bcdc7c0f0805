#ifndef TARE_TOOLS_CONVERT_CONVERT_TENSOR_H_
#define TARE_TOOLS_CONVERT_CONVERT_TENSOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "tensor/dtype.h"
#include "tensor/layout.h"
#include "tensor/shape.h"
#include "tensor/tensor_view.h"

namespace tare {

// How to reorder the outputs of a query or key projection within each head.
enum class HeadOrder {
  kSame,
  kInterleave,  // halves become neighbours: output 2 i + j comes from i + j * D / 2
  kSplit,       // the way back
};

// Some outputs of a matrix, as the file stores it.
struct WeightPart {
  TensorView stored;  // [stored_outputs, inputs], or for kInOut [inputs, stored_outputs]
  WeightLayout layout = WeightLayout::kOutIn;
  size_t stored_outputs = 0;
  size_t first = 0;  // output
  size_t outputs = 0;
  HeadOrder order = HeadOrder::kSame;  // another only if source or target is kOutIn
  size_t head_size = 1;                // divides first and outputs
  float add = 0.0f;                    // to every number, of a vector
};

// The role of a tensor, which decides its type.
// kExact: a matrix that is f32 in GGUF. kKept: its own type, whatever is asked for.
enum class TensorRole { kMatrix, kOutput, kExact, kVector, kKept };

// A tensor to write: the outputs of `parts`, one after another. A vector is a matrix of one input,
// stored as [1, N].
struct PlannedTensor {
  std::string name;
  TensorRole role = TensorRole::kMatrix;
  DType dtype = DType::kF32;
  Shape shape;  // as the target's file has it
  WeightLayout layout = WeightLayout::kOutIn;
  size_t inputs = 0;   // a multiple of the type's block size
  bool apart = false;  // each part is a matrix of its own, not outputs beside those of the others
  std::vector<WeightPart> parts;
};

// The effect of rounding, over all tensors that were not copied bit for bit.
struct Rounding {
  uint64_t values = 0;
  uint64_t changed = 0;
  double squared_error = 0.0;
  double squared = 0.0;
};

// Converts tensors to a target's layout and type, in pieces. Memory: some 20 MiB for any tensor
// size. Copies numbers bit for bit if the type does not change.
class TensorConverter {
 public:
  // The next bytes of the tensor of that name.
  using Sink = std::function<Status(std::string_view name, std::span<const std::byte> bytes)>;
  // Called for bytes of the source that will not be needed for some time.
  using Drop = std::function<void(std::span<const std::byte> bytes)>;

  //   Errors  OutOfMemory.
  static Result<TensorConverter> Create(Sink sink, Drop drop);

  //   Errors  those of the sink; Unsupported if a value is too large for the type; OutOfMemory.
  Status Write(const PlannedTensor& tensor);

  const Rounding& rounding() const { return rounding_; }

 private:
  TensorConverter(Sink sink, Drop drop) : sink_(std::move(sink)), drop_(std::move(drop)) {}

  Status WriteStored(const PlannedTensor& tensor, const WeightPart& part);
  Status WriteRows(const PlannedTensor& tensor);
  Status WriteChanged(const PlannedTensor& tensor, const WeightPart& part);
  Status PutRow(const PlannedTensor& tensor, const WeightPart& part, size_t row, size_t column,
                size_t count);
  Status WriteTransposed(const PlannedTensor& tensor, std::span<const WeightPart> parts);
  Status WriteTile(const PlannedTensor& tensor, std::span<const WeightPart> parts, DType work,
                   size_t begin, size_t end);
  // `count` numbers of type `work`, which is the tensor's own or f32.
  Status Put(const PlannedTensor& tensor, DType work, const std::byte* numbers, size_t count);
  Status Measure(const PlannedTensor& tensor, const float* exact, const std::byte* stored,
                 size_t count);
  Status Flush(std::string_view name);

  Sink sink_;
  Drop drop_;
  AlignedBuffer out_;  // what waits for the sink
  size_t out_bytes_ = 0;
  AlignedBuffer tile_;
  AlignedBuffer rows_;
  std::vector<float> back_;
  Rounding rounding_;
};

// Whether `narrow` (f16 or bf16) represents every number of an f32 tensor exactly.
bool FitsExactly(const TensorView& tensor, DType narrow, const TensorConverter::Drop& drop);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_TENSOR_H_
