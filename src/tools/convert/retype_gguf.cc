#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

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

// What no quantiser of GGUF files touches, besides vectors and whatever is not called a weight:
// norms, routers, convolutions, and tables that are added.
constexpr std::string_view kKeptEnds[] = {
    "_norm.weight",         "ffn_gate_inp.weight", "ssm_conv1d.weight", "shortconv.conv.weight",
    "position_embd.weight", "token_types.weight",  "attn_rel_b.weight",
};

TensorRole RoleOf(std::string_view name, const Shape& shape, bool has_output) {
  const bool is_kept =
      shape.rank() < 2 || !name.ends_with("weight") ||
      std::ranges::any_of(kKeptEnds, [name](std::string_view end) { return name.ends_with(end); });
  if (is_kept) return TensorRole::kKept;
  const bool is_output = name == "output.weight" || (!has_output && name == "token_embd.weight");
  return is_output ? TensorRole::kOutput : TensorRole::kMatrix;
}

// The outputs of all experts of a stacked tensor are those of one matrix.
PlannedTensor PlanOf(const GgufTensorInfo& info, bool has_output) {
  PlannedTensor tensor;
  tensor.name = info.name;
  tensor.shape = info.view.shape;
  tensor.inputs = tensor.shape[tensor.shape.rank() - 1];
  tensor.role = RoleOf(info.name, info.view.shape, has_output);
  tensor.dtype = info.view.dtype;
  const size_t outputs = tensor.shape.elements() / tensor.inputs;
  tensor.parts.push_back({.stored = info.view, .stored_outputs = outputs, .outputs = outputs});
  return tensor;
}

std::vector<PlannedTensor> PlanAll(const GgufFile& file, const ConvertOptions& options) {
  const bool has_output = file.FindTensor("output.weight") != nullptr;
  std::vector<PlannedTensor> tensors;
  for (const GgufTensorInfo& info : file.tensors()) {
    tensors.push_back(PlanOf(info, has_output));
    if (!options.type) tensors.back().role = TensorRole::kKept;
  }
  return tensors;
}

Status AddType(DType type, GgufWriter& writer) {
  TARE_RETURN_IF_ERROR(writer.AddScalar(kFileTypeKey, *RowOf(type).gguf_file_type));
  if (!IsBlockQuantized(type)) return {};
  return writer.AddScalar(kVersionKey, kQuantizationVersion);
}

// All keys in their order, but those of a split; the file's type is that of `options`.
Status CopyMetadata(const GgufFile& file, const ConvertOptions& options, GgufWriter& writer) {
  for (const GgufValue& value : file.values()) {
    const std::string_view key = value.key();
    const bool is_type = options.type && key == kFileTypeKey;
    const bool is_left_out = key.starts_with(kSplitPrefix) || key == kGgufAlignmentKey ||
                             (options.type && key == kVersionKey);
    if (is_type) TARE_RETURN_IF_ERROR(AddType(*options.type, writer));
    if (!is_type && !is_left_out) TARE_RETURN_IF_ERROR(writer.AddCopy(value));
  }
  const bool lacks_type = options.type && file.FindValue(kFileTypeKey) == nullptr;
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
  std::vector<PlannedTensor> tensors = PlanAll(file, options);
  for (const PlannedTensor& tensor : tensors) {
    summary.source_bytes += tensor.parts.front().stored.bytes();
  }
  ChooseTypes(options, options.type.value_or(DType::kF32), drop, tensors, summary.notes);
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
