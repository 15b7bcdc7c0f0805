#ifndef TARE_MODELS_MODEL_WEIGHTS_H_
#define TARE_MODELS_MODEL_WEIGHTS_H_

#include <map>
#include <utility>
#include <vector>

#include "models/linear_weight.h"
#include "models/model_part.h"
#include "models/tensor_reader.h"
#include "models/tensor_table.h"
#include "tensor/tensor_view.h"

namespace tare {

// A part as the file stores it: outputs [first, first + outputs) of a tensor that may hold other
// parts too. For a table, `stored` is [outputs, inputs]; for a norm it is gamma, and the bias is
// beta.
struct PartWeight {
  LinearWeight stored;
  size_t stored_outputs = 0;
  size_t first = 0;
  size_t outputs = 0;
  // Of a part of experts, the matrix [N, K] of each; `stored` is then the first of them.
  std::vector<TensorView> experts = {};
  bool has_neighbours() const { return outputs < stored_outputs; }
};

// The weights of a model by part and layer; all borrowed.
class ModelWeights {
 public:
  bool Has(ModelPart part, size_t layer = 0) const { return parts_.contains({part, layer}); }
  // Preconditions: the model has the part.
  const PartWeight& Get(ModelPart part, size_t layer = 0) const;
  const TensorView& Tensor(ModelPart part, size_t layer = 0) const {
    return Get(part, layer).stored.tensor;
  }
  // One projection. Precondition: it shares no kInOut tensor with others, where it would not be a
  // view.
  LinearWeight Linear(ModelPart part, size_t layer = 0) const;

  // Whether the output is the token embedding.
  bool is_tied() const;
  // Whether the file has no tensor of that role, not even as another name of the embedding.
  bool lacks_output() const { return lacks_output_; }
  void set_lacks_output() { lacks_output_ = true; }

  // Of every layer with experts, each part.
  std::vector<const PartWeight*> OfExperts() const;

  void Set(ModelPart part, size_t layer, PartWeight weight) {
    parts_[{part, layer}] = std::move(weight);
  }
  // The next expert's matrix.
  void AddExpert(ModelPart part, size_t layer, const TensorView& matrix);

 private:
  bool lacks_output_ = false;
  std::map<std::pair<ModelPart, size_t>, PartWeight> parts_;
};

// Reads every tensor of the table. A missing output means that the token embedding is the output.
// Errors stay with the reader (TensorReader::Finish).
ModelWeights ReadWeights(TensorReader& reader, const TensorTable& table, const ModelSizes& sizes,
                         ModelFormat format);

}  // namespace tare

#endif  // TARE_MODELS_MODEL_WEIGHTS_H_
