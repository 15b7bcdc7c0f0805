#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "describe/model_header.h"
#include "format/gguf/gguf.h"
#include "format/gguf/gguf_writer.h"
#include "tools/convert/convert_targets.h"
#include "tools/convert/convert_types.h"

namespace tare {
namespace {

constexpr std::string_view kFileTypeKey = "general.file_type";
constexpr std::string_view kVersionKey = "general.quantization_version";
constexpr std::string_view kSplitPrefix = "split.";
constexpr uint32_t kQuantizationVersion = 2;

// Every tensor keeps its type. The outputs of all experts of a stacked tensor are those of one
// matrix.
PlannedTensor PlanOf(const GgufTensorInfo& info) {
  PlannedTensor tensor;
  tensor.name = info.name;
  tensor.shape = info.view.shape;
  tensor.inputs = tensor.shape[tensor.shape.rank() - 1];
  tensor.role = TensorRole::kKept;
  tensor.dtype = info.view.dtype;
  const size_t outputs = tensor.shape.elements() / tensor.inputs;
  tensor.parts.push_back({.stored = info.view, .stored_outputs = outputs, .outputs = outputs});
  return tensor;
}

// What the mix needs to know, whatever the architecture.
Result<ModelSizes> MixSizes(const GgufFile& file) {
  ModelHeader header;
  TARE_RETURN_IF_ERROR(AddGgufHeader(file, header));
  ModelSizes sizes;
  sizes.layers = header.layers;
  sizes.heads = header.heads;
  sizes.kv_heads = header.kv_heads;
  return sizes;
}

// Tensors to which the mix gives a type are matrices.
void FindMatrices(const TypeMix& mix, const MixFacts& facts, std::vector<PlannedTensor>& tensors) {
  for (PlannedTensor& tensor : tensors) {
    if (MixedType(mix, facts, tensor.name, tensor.shape)) tensor.role = TensorRole::kMatrix;
  }
}

Status AddType(const TypeMix& mix, GgufWriter& writer) {
  TARE_RETURN_IF_ERROR(writer.AddScalar(kFileTypeKey, mix.file_type));
  if (!IsBlockQuantized(mix.base)) return {};
  return writer.AddScalar(kVersionKey, kQuantizationVersion);
}

// All keys in their order, but those of a split; the file's type is that of `options`.
Status CopyMetadata(const GgufFile& file, const ConvertOptions& options, GgufWriter& writer) {
  for (const GgufValue& value : file.values()) {
    const std::string_view key = value.key();
    const bool is_type = options.type != nullptr && key == kFileTypeKey;
    const bool is_left_out = key.starts_with(kSplitPrefix) || key == kGgufAlignmentKey ||
                             (options.type != nullptr && key == kVersionKey);
    if (is_type) TARE_RETURN_IF_ERROR(AddType(*options.type, writer));
    if (!is_type && !is_left_out) TARE_RETURN_IF_ERROR(writer.AddCopy(value));
  }
  const bool lacks_type = options.type != nullptr && file.FindValue(kFileTypeKey) == nullptr;
  return lacks_type ? AddType(*options.type, writer) : Status();
}

}  // namespace

Result<ConvertSummary> RetypeGguf(const std::string& in, const std::string& out,
                                  const ConvertOptions& options) {
  TARE_ASSIGN_OR_RETURN(const GgufFile file, GgufFile::Open(in));
  const TensorConverter::Drop drop = [&file](std::span<const std::byte> bytes) {
    file.DropPages(bytes);
  };
  ConvertSummary summary;
  TARE_ASSIGN_OR_RETURN(summary.family, file.GetString("general.architecture"));
  summary.tensors_by_type.resize(std::size(kAllDTypes));
  std::vector<PlannedTensor> tensors;
  for (const GgufTensorInfo& info : file.tensors()) {
    tensors.push_back(PlanOf(info));
    summary.source_bytes += info.view.bytes();
  }
  if (options.type != nullptr) {
    TARE_ASSIGN_OR_RETURN(const ModelSizes sizes, MixSizes(file));
    FindMatrices(*options.type, FactsOf(sizes, tensors), tensors);
    ChooseTypes(options, sizes, options.type->base, drop, tensors, summary.notes);
  }
  TARE_ASSIGN_OR_RETURN(GgufWriter writer, GgufWriter::Create(out, file.alignment()));
  TARE_RETURN_IF_ERROR(CopyMetadata(file, options, writer));
  for (const PlannedTensor& tensor : tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  const auto sink = [&writer](std::string_view name, std::span<const std::byte> bytes) {
    return writer.AppendTensorData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(StreamTensors(drop, tensors, sink, summary));
  TARE_RETURN_IF_ERROR(writer.Finish());
  return summary;
}

}  // namespace tare
