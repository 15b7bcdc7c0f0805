#include "models/tensor_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "models/keras_names.h"

namespace tare {
namespace {

std::string_view NameIn(const PartNames& names, ModelFormat format) {
  switch (format) {
    case ModelFormat::kGguf:
      return names.gguf;
    case ModelFormat::kHuggingFace:
      return names.hugging_face;
    case ModelFormat::kKeras:
      return names.keras;
  }
  return {};
}

// A preset's shape of a weight or bias: heads are an axis of their own.
Shape KerasShape(const TensorSpec& spec, const ModelSizes& sizes, bool flat_heads) {
  const size_t size = sizes.head_size;
  switch (spec.parts.front()) {
    case ModelPart::kQuery:
    case ModelPart::kKey:
    case ModelPart::kValue: {
      if (flat_heads) return spec.shape;
      const size_t heads = spec.outputs / size;
      if (spec.heads_first) return Shape{heads, spec.inputs, size};
      return spec.is_bias ? Shape{heads, size} : Shape{spec.inputs, heads, size};
    }
    case ModelPart::kAttentionOut:
      return spec.is_bias ? Shape{spec.outputs} : Shape{sizes.heads, size, spec.outputs};
    default:
      return spec.shape;
  }
}

bool IsHeadProjection(ModelPart part) {
  return part == ModelPart::kQuery || part == ModelPart::kKey || part == ModelPart::kValue;
}

class TensorLister {
 public:
  TensorLister(const TensorTable& table, const ModelSizes& sizes, ModelFormat format, bool tied)
      : table_(table), sizes_(sizes), format_(format), tied_(tied) {}

  std::vector<TensorSpec> List() {
    AddAll(false, 0, true);
    for (size_t layer = 0; layer < sizes_.layers; ++layer) AddAll(true, layer, false);
    AddAll(false, 0, false);
    return std::move(list_);
  }

 private:
  bool IsListed(const PartNames& names, bool of_layer, size_t layer, bool before_layers) const {
    if (NameIn(names, format_).empty()) return false;
    if (IsLayerPart(names.part) != of_layer) return false;
    if (of_layer) return IsInLayer(names.part, layer, sizes_);
    const bool is_output = names.part == ModelPart::kOutput;
    if (is_output && tied_) return false;
    // The output is a variable of the embedding's layer in a preset; elsewhere it goes last.
    const bool is_before =
        KindOf(names.part) == PartKind::kTable || (is_output && format_ == ModelFormat::kKeras);
    return is_before == before_layers;
  }

  void AddAll(bool of_layer, size_t layer, bool before_layers) {
    std::vector<const PartNames*> rows;
    for (const PartNames& names : table_.parts) {
      if (IsListed(names, of_layer, layer, before_layers)) rows.push_back(&names);
    }
    const auto is_output = [](const PartNames* row) { return row->part == ModelPart::kOutput; };
    if (!before_layers) std::stable_partition(rows.begin(), rows.end(), std::not_fn(is_output));
    for (size_t i = 0; i < rows.size();) i += Add(std::span(rows).subspan(i), layer);
  }

  // The tensors that the first row begins. Returns how many rows they are of.
  size_t Add(std::span<const PartNames* const> rows, size_t layer) {
    const PartNames& first = *rows.front();
    const std::string_view name = NameIn(first, format_);
    std::vector<ModelPart> parts;
    if (IsOfExperts(first.part)) {
      AddExperts(first, layer);
      return 1;
    }
    for (const PartNames* row : rows) {
      if (NameIn(*row, format_) != name) break;
      parts.push_back(row->part);
      if (format_ == ModelFormat::kKeras) break;
    }
    AddTensor(first, parts, false, layer);
    if (HasBias(first)) AddTensor(first, parts, true, layer);
    return parts.size();
  }

  void AddExperts(const PartNames& names, size_t layer) {
    const bool is_stacked = format_ == ModelFormat::kGguf;
    for (size_t expert = 0; expert < (is_stacked ? 1 : sizes_.experts); ++expert) {
      AddTensor(names, {names.part}, false, layer);
      TensorSpec& spec = list_.back();
      spec.expert = expert;
      if (is_stacked) {
        spec.stacked = sizes_.experts;
        spec.shape = Shape{spec.stacked, spec.outputs, spec.inputs};
      } else if (const size_t star = spec.name.find('*'); star != std::string::npos) {
        spec.name.replace(star, 1, std::to_string(expert));
      }
    }
  }

  bool HasBias(const PartNames& names) const {
    return names.bias == PartBias::kAlways ||
           (names.bias == PartBias::kOfSome && sizes_.has_attention_bias);
  }

  void AddTensor(const PartNames& names, const std::vector<ModelPart>& parts, bool is_bias,
                 size_t layer) {
    TensorSpec spec;
    spec.parts = parts;
    spec.is_bias = is_bias;
    spec.layer = layer;
    for (const ModelPart part : parts) spec.outputs += SizeOf(part, sizes_).outputs;
    spec.inputs = is_bias ? 1 : SizeOf(parts.front(), sizes_).inputs;
    spec.layout = LayoutOf(spec);
    spec.shape = spec.is_vector()                      ? Shape{spec.outputs}
                 : spec.layout == WeightLayout::kOutIn ? Shape{spec.outputs, spec.inputs}
                                                       : Shape{spec.inputs, spec.outputs};
    spec.heads_first = format_ == ModelFormat::kKeras && table_.keras_heads_first && !is_bias &&
                       IsHeadProjection(spec.parts.front());
    if (format_ == ModelFormat::kKeras) {
      spec.shape = KerasShape(spec, sizes_, table_.keras_flat_heads);
    }
    spec.name = FullName(names, is_bias, layer);
    list_.push_back(std::move(spec));
  }

  WeightLayout LayoutOf(const TensorSpec& spec) const {
    if (spec.is_vector()) return WeightLayout::kInOut;
    if (KindOf(spec.parts.front()) == PartKind::kTable) return WeightLayout::kOutIn;
    if (format_ == ModelFormat::kKeras) return WeightLayout::kInOut;
    if (format_ == ModelFormat::kGguf || spec.parts.front() == ModelPart::kOutput) {
      return WeightLayout::kOutIn;
    }
    return table_.hugging_face_layout;
  }

  std::string FullName(const PartNames& names, bool is_bias, size_t layer) const {
    const std::string_view name = NameIn(names, format_);
    const char* const kind = is_bias ? "bias" : "weight";
    const bool of_layer = IsLayerPart(names.part);
    switch (format_) {
      case ModelFormat::kGguf:
        return of_layer ? fmt::format("blk.{}.{}.{}", layer, name, kind)
                        : fmt::format("{}.{}", name, kind);
      case ModelFormat::kHuggingFace: {
        if (of_layer) {
          return fmt::format("{}{}{}.{}.{}", table_.hugging_face_prefix, table_.hugging_face_layers,
                             layer, name, kind);
        }
        const bool has_prefix = names.part != ModelPart::kOutput;
        return fmt::format("{}{}.{}", has_prefix ? table_.hugging_face_prefix : "", name, kind);
      }
      case ModelFormat::kKeras: {
        const std::string path =
            of_layer ? fmt::format("{}/{}", KerasLayerName(table_.keras_layers, layer), name)
                     : std::string(name);
        // The output follows the embedding in the embedding's own layer.
        return KerasVariable(path, is_bias || names.part == ModelPart::kOutput ? 1 : 0);
      }
    }
    return {};
  }

  const TensorTable& table_;
  const ModelSizes& sizes_;
  const ModelFormat format_;
  const bool tied_;
  std::vector<TensorSpec> list_;
};

}  // namespace

std::vector<TensorSpec> ListTensors(const TensorTable& table, const ModelSizes& sizes,
                                    ModelFormat format, bool tied) {
  return TensorLister(table, sizes, format, tied).List();
}

bool HasName(const TensorTable& table, ModelFormat format, ModelPart part) {
  return std::ranges::any_of(table.parts, [&](const PartNames& names) {
    return names.part == part && !NameIn(names, format).empty();
  });
}

bool HasOptionalBias(const TensorTable& table) {
  return std::ranges::any_of(
      table.parts, [](const PartNames& names) { return names.bias == PartBias::kOfSome; });
}

}  // namespace tare
