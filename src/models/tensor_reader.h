#ifndef TARE_MODELS_TENSOR_READER_H_
#define TARE_MODELS_TENSOR_READER_H_

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "format/named_tensors.h"
#include "models/linear_weight.h"
#include "tensor/storage.h"

namespace tare {

// Returns a model's tensors by name, checks each, and knows which were never requested. The first
// error stays with the reader until Finish(), so that a family can list its tensors without checks
// between. Do not use what a failed call returns.
class TensorReader {
 public:
  // tensors must outlive the reader. `where` names the model in errors, `family` in the one for
  // leftovers.
  TensorReader(const NamedTensors& tensors, std::string where, std::string family)
      : tensors_(tensors), where_(std::move(where)), family_(std::move(family)) {}

  bool Has(std::string_view name) const { return tensors_.Find(name) != nullptr; }

  TensorView Get(const std::string& name, const Shape& shape);
  // A tensor that kernels read as plain f32: norms and biases. f16 and bf16 are widened into the
  // reader's memory, a few kilobytes per layer; see TakeWidened().
  TensorView GetF32(const std::string& name, const Shape& shape);
  // A matrix [outputs, inputs] or [inputs, outputs]. `shape` is its shape in the file, which may
  // split these axes.
  LinearWeight GetLinear(const std::string& name, WeightLayout layout, size_t outputs,
                         size_t inputs);
  LinearWeight GetLinear(const std::string& name, WeightLayout layout, size_t outputs,
                         size_t inputs, const Shape& shape);

  // Allows a tensor that is not a weight, such as a stored mask.
  void Ignore(const std::string& name) { used_.insert(name); }

  // The caller's own error about a tensor.
  void Fail(Error error);

  // The memory of widened tensors. It must live as long as their views.
  std::vector<Storage> TakeWidened() { return std::move(widened_); }

  // The first error of any call, or an error for a tensor that was never requested.
  Status Finish() const;
  // For formats whose own library loads such files: the first error of any call; `unused` gets the
  // tensors that were never requested, except frequencies and masks that old checkpoints hold.
  Status FinishWithUnused(std::vector<std::string>& unused) const;

 private:
  const NamedTensors& tensors_;
  std::string where_;
  std::string family_;
  std::set<std::string> used_;
  std::vector<Storage> widened_;
  Status status_;
};

}  // namespace tare

#endif  // TARE_MODELS_TENSOR_READER_H_
