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
    FindPrefixes(specs);
    for (const TensorSpec& spec : specs) {
      const bool may_lack = spec.parts.front() == ModelPart::kOutput;
      if (may_lack && !reader_.Has(NameOf(spec))) continue;
      if (spec.is_bias) {
        AddBias(spec);
      } else if (IsOfExperts(spec.parts.front())) {
        AddExperts(spec);
      } else {
        Add(spec);
      }
    }
    if (!weights_.Has(ModelPart::kOutput)) {
      weights_.Set(ModelPart::kOutput, 0, weights_.Get(ModelPart::kTokenEmbedding));
      weights_.set_lacks_output();
    }
    if (format_ == ModelFormat::kHuggingFace) IgnoreMasks();
    return std::move(weights_);
  }

 private:
  // What stands in place of the table's prefix, and before the output's name.
  struct Prefixes {
    std::string_view all;
    std::string_view output;
  };

  // A checkpoint of the decoder alone has names without the prefix; one of a model of more than
  // text has its text model within it, in the old form or the new.
  void FindPrefixes(const std::vector<TensorSpec>& specs) {
    if (format_ != ModelFormat::kHuggingFace) return;
    constexpr Prefixes kOthers[] = {
        {"", ""}, {"language_model.model.", "language_model."}, {"model.language_model.", ""}};
    prefixes_.all = table_.hugging_face_prefix;
    if (reader_.Has(NameOf(specs.front()))) return;
    for (const Prefixes& other : kOthers) {
      if (!reader_.Has(Prefixed(other, specs.front()))) continue;
      prefixes_ = other;
      return;
    }
  }

  std::string Prefixed(const Prefixes& prefixes, const TensorSpec& spec) const {
    if (spec.parts.front() == ModelPart::kOutput) {
      return fmt::format("{}{}", prefixes.output, spec.name);
    }
    return fmt::format("{}{}", prefixes.all,
                       std::string_view(spec.name).substr(table_.hugging_face_prefix.size()));
  }

  std::string NameOf(const TensorSpec& spec) const {
    return format_ == ModelFormat::kHuggingFace ? Prefixed(prefixes_, spec) : spec.name;
  }

  // Of a tensor of a layer beyond the table's rows.
  std::string NameInLayer(size_t layer, std::string_view name) const {
    return fmt::format("{}{}{}.{}", prefixes_.all, table_.hugging_face_layers, layer, name);
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

  // GGUF has one tensor of all experts, [E, N, K]; a Hugging Face checkpoint one of each, or
  // tensors of all in which gate and up lie side by side.
  void AddExperts(const TensorSpec& spec) {
    if (format_ == ModelFormat::kGguf) {
      const TensorView all = reader_.Get(spec.name, spec.shape);
      for (size_t e = 0; e < spec.stacked; ++e) AddRows(spec, all, e * spec.outputs);
      return;
    }
    const bool is_down = spec.parts.front() == ModelPart::kExpertDown;
    const std::string_view own_name =
        is_down ? table_.hugging_face_stacked_down : table_.hugging_face_stacked_gate_up;
    const std::string stack = NameInLayer(spec.layer, own_name);
    if (own_name.empty() || !reader_.Has(stack)) {
      return AddRows(spec, reader_.Get(NameOf(spec), spec.shape), 0);
    }
    const size_t rows = spec.outputs * (is_down ? 1 : 2);
    const size_t before = spec.parts.front() == ModelPart::kExpertUp ? spec.outputs : 0;
    AddRows(spec, reader_.Get(stack, {sizes_.experts, rows, spec.inputs}),
            spec.expert * rows + before);
  }

  // The next expert's matrix: rows of `tensor`.
  void AddRows(const TensorSpec& spec, const TensorView& tensor, size_t first) {
    TensorView matrix = tensor;
    matrix.shape = {spec.outputs, spec.inputs};
    if (tensor.data != nullptr) matrix.data += StoredBytes(tensor.dtype, first * spec.inputs);
    weights_.AddExpert(spec.parts.front(), spec.layer, matrix);
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
        reader_.Ignore(NameInLayer(layer, name));
      }
    }
  }

  TensorReader& reader_;
  const TensorTable& table_;
  const ModelSizes& sizes_;
  const ModelFormat format_;
  Prefixes prefixes_;  // of a Hugging Face checkpoint
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

std::vector<const PartWeight*> ModelWeights::OfExperts() const {
  std::vector<const PartWeight*> parts;
  for (const auto& [key, weight] : parts_) {
    if (!weight.experts.empty()) parts.push_back(&weight);
  }
  return parts;
}

void ModelWeights::AddExpert(ModelPart part, size_t layer, const TensorView& matrix) {
  PartWeight& weight = parts_[{part, layer}];
  if (weight.experts.empty()) {
    weight.stored = {matrix, WeightLayout::kOutIn, {}};
    weight.stored_outputs = weight.outputs = matrix.shape[0];
  }
  weight.experts.push_back(matrix);
}

ModelWeights ReadWeights(TensorReader& reader, const TensorTable& table, const ModelSizes& sizes,
                         ModelFormat format) {
  return WeightReader(reader, table, sizes, format).Read();
}

}  // namespace tare
