#include "models/model_weights.h"

#include <fmt/format.h>

#include <string>

#include "base/check.h"

namespace tare {
namespace {

class WeightReader {
 public:
  WeightReader(TensorReader& reader, const TensorTable& table, const ModelSizes& sizes,
               ModelFormat format)
      : reader_(reader), table_(table), sizes_(sizes), format_(format) {}

  ModelWeights Read() {
    const std::vector<TensorSpec> specs = ListTensors(table_, sizes_, format_, false);
    FindPrefix(specs);
    for (const TensorSpec& spec : specs) {
      const bool may_lack = spec.parts.front() == ModelPart::kOutput;
      if (may_lack && !reader_.Has(NameOf(spec))) continue;
      if (spec.is_bias) {
        AddBias(spec);
      } else {
        Add(spec);
      }
    }
    if (!weights_.Has(ModelPart::kOutput)) {
      weights_.Set(ModelPart::kOutput, 0, weights_.Get(ModelPart::kTokenEmbedding));
    }
    if (format_ == ModelFormat::kHuggingFace) IgnoreMasks();
    return std::move(weights_);
  }

 private:
  // A Hugging Face checkpoint of the decoder alone has names without the prefix.
  void FindPrefix(const std::vector<TensorSpec>& specs) {
    if (format_ != ModelFormat::kHuggingFace) return;
    const std::string& first = specs.front().name;
    const size_t size = table_.hugging_face_prefix.size();
    if (!reader_.Has(first) && reader_.Has(first.substr(size))) left_out_ = size;
  }

  std::string NameOf(const TensorSpec& spec) const {
    const bool has_prefix = spec.parts.front() != ModelPart::kOutput;
    return has_prefix ? spec.name.substr(left_out_) : spec.name;
  }

  void Add(const TensorSpec& spec) {
    const std::string name = NameOf(spec);
    LinearWeight stored;
    if (spec.is_vector()) {
      stored = {reader_.GetF32(name, spec.shape), spec.layout, {}};
    } else if (KindOf(spec.parts.front()) == PartKind::kTable) {
      stored = {reader_.Get(name, spec.shape), spec.layout, {}};
    } else if (spec.heads_first) {
      stored = {reader_.Get(name, spec.shape), spec.layout, {}, true};
    } else {
      stored = reader_.GetLinear(name, spec.layout, spec.outputs, spec.inputs, spec.shape);
    }
    size_t first = 0;
    for (const ModelPart part : spec.parts) {
      const size_t outputs = SizeOf(part, sizes_).outputs;
      weights_.Set(part, spec.layer, {stored, spec.outputs, first, outputs});
      first += outputs;
    }
  }

  void AddBias(const TensorSpec& spec) {
    TensorView bias = reader_.GetF32(NameOf(spec), spec.shape);
    bias.shape = Shape{spec.outputs};
    for (const ModelPart part : spec.parts) {
      PartWeight weight = weights_.Get(part, spec.layer);
      weight.stored.bias = bias;
      weights_.Set(part, spec.layer, weight);
    }
  }

  void IgnoreMasks() {
    for (size_t layer = 0; layer < sizes_.layers; ++layer) {
      for (const std::string_view name : table_.hugging_face_ignored) {
        reader_.Ignore(HuggingFaceLayer(table_, layer).substr(left_out_).append(name));
      }
    }
  }

  TensorReader& reader_;
  const TensorTable& table_;
  const ModelSizes& sizes_;
  const ModelFormat format_;
  size_t left_out_ = 0;
  ModelWeights weights_;
};

}  // namespace

const PartWeight& ModelWeights::Get(ModelPart part, size_t layer) const {
  const auto found = parts_.find({part, layer});
  TARE_CHECK(found != parts_.end());
  return found->second;
}

LinearWeight ModelWeights::Linear(ModelPart part, size_t layer) const {
  const PartWeight& weight = Get(part, layer);
  LinearWeight linear = weight.stored;
  if (!weight.has_neighbours()) return linear;
  // Rows of a [N, K] weight: whole rows are whole blocks.
  TARE_CHECK(linear.layout == WeightLayout::kOutIn);
  linear.tensor.data += linear.tensor.bytes() / weight.stored_outputs * weight.first;
  linear.tensor.shape[0] = weight.outputs;
  if (linear.bias) {
    linear.bias->data += weight.first * sizeof(float);
    linear.bias->shape[0] = weight.outputs;
  }
  return linear;
}

bool ModelWeights::is_tied() const {
  return Tensor(ModelPart::kOutput).data == Tensor(ModelPart::kTokenEmbedding).data;
}

ModelWeights ReadWeights(TensorReader& reader, const TensorTable& table, const ModelSizes& sizes,
                         ModelFormat format) {
  return WeightReader(reader, table, sizes, format).Read();
}

}  // namespace tare
