#ifndef TARE_MODELS_MODEL_WEIGHTS_H_
#define TARE_MODELS_MODEL_WEIGHTS_H_

#include <map>
#include <utility>

#include "models/linear_weight.h"
#include "models/model_part.h"
#include "models/tensor_reader.h"
#include "models/tensor_table.h"
#include "tensor/tensor_view.h"

namespace tare {

// A part as its file stores it: outputs [first, first + outputs) of a tensor that may hold others
// beside it. Of a table, `stored` is [outputs, inputs]; of a norm, gamma, with beta as the bias.
struct PartWeight {
  LinearWeight stored;
  size_t stored_outputs = 0;
  size_t first = 0;
  size_t outputs = 0;
  bool has_neighbours() const { return outputs < stored_outputs; }
};

// The weights of a model by part and layer. All borrowed.
class ModelWeights {
 public:
  bool Has(ModelPart part) const { return parts_.contains({part, 0}); }
  // Preconditions: the model has the part.
  const PartWeight& Get(ModelPart part, size_t layer = 0) const;
  const TensorView& Tensor(ModelPart part, size_t layer = 0) const {
    return Get(part, layer).stored.tensor;
  }
  // A projection by itself. Precondition: no neighbours in one kInOut tensor, where it is no view.
  LinearWeight Linear(ModelPart part, size_t layer = 0) const;

  // Whether the output is the token embedding.
  bool is_tied() const;

  void Set(ModelPart part, size_t layer, PartWeight weight) { parts_[{part, layer}] = weight; }

 private:
  std::map<std::pair<ModelPart, size_t>, PartWeight> parts_;
};

// Reads every tensor of the table; an output that is not there is the token embedding. Errors stay
// with the reader (TensorReader::Finish).
ModelWeights ReadWeights(TensorReader& reader, const TensorTable& table, const ModelSizes& sizes,
                         ModelFormat format);

}  // namespace tare

#endif  // TARE_MODELS_MODEL_WEIGHTS_H_
