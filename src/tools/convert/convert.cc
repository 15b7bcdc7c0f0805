#include "tools/convert/convert.h"

#include <filesystem>
#include <iterator>
#include <utility>
#include <vector>

#include "base/closest_name.h"
#include "format/quote.h"
#include "tools/convert/convert_source.h"
#include "tools/convert/convert_targets.h"

namespace tare {
namespace {

Status CheckTarget(const std::string& in, const std::string& out, const ConvertOptions& options) {
  std::error_code error;
  if (!std::filesystem::exists(out, error)) return {};
  if (std::filesystem::equivalent(in, out, error)) {
    return InvalidInput("{}: is also the source; choose another name", out);
  }
  // A folder's writer knows what it may replace.
  if (std::filesystem::is_directory(out, error) || options.replace) return {};
  return InvalidInput("{}: already exists; --force replaces it", out);
}

}  // namespace

Result<ModelFormat> ModelFormatFromName(std::string_view name) {
  if (name == "keras") return ModelFormat::kKeras;
  if (name == "hf") return ModelFormat::kHuggingFace;
  if (name == "gguf") return ModelFormat::kGguf;
  constexpr std::string_view kNames[] = {"keras", "hf", "gguf"};
  return InvalidInput("there is no format {}; {}", Quote(name), NameAdvice(name, kNames));
}

Status StreamTensors(const ConvertSource& source, const std::vector<PlannedTensor>& tensors,
                     const TensorConverter::Sink& sink, ConvertSummary& summary) {
  return StreamTensors(
      [&source](std::span<const std::byte> bytes) { source.model.DropPages(bytes); }, tensors, sink,
      summary);
}

Status StreamTensors(TensorConverter::Drop drop, const std::vector<PlannedTensor>& tensors,
                     const TensorConverter::Sink& sink, ConvertSummary& summary) {
  TARE_ASSIGN_OR_RETURN(TensorConverter converter, TensorConverter::Create(sink, std::move(drop)));
  for (const PlannedTensor& tensor : tensors) {
    TARE_RETURN_IF_ERROR(converter.Write(tensor));
    ++summary.tensors;
    ++summary.tensors_by_type[static_cast<size_t>(tensor.dtype)];
    summary.target_bytes += *ByteSize(tensor.dtype, tensor.shape);
  }
  summary.rounding = converter.rounding();
  return {};
}

Result<ConvertSummary> ConvertModel(const std::string& in, const std::string& out,
                                    const ConvertOptions& options) {
  TARE_RETURN_IF_ERROR(CheckTarget(in, out, options));
  std::error_code error;
  const bool is_gguf = !std::filesystem::is_directory(in, error);
  if (is_gguf && options.to == ModelFormat::kGguf) return RetypeGguf(in, out, options);
  TARE_ASSIGN_OR_RETURN(const ConvertSource source, OpenConvertSource(in));
  ConvertSummary summary;
  summary.family = source.model.info().family;
  summary.source_bytes = source.model.info().weights_bytes;
  summary.tensors_by_type.resize(std::size(kAllDTypes));
  summary.notes = source.model.notes();
  switch (options.to) {
    case ModelFormat::kGguf:
      TARE_RETURN_IF_ERROR(ConvertToGguf(source, out, options, summary));
      break;
    case ModelFormat::kHuggingFace:
      TARE_RETURN_IF_ERROR(ConvertToHuggingFace(source, out, options, summary));
      break;
    case ModelFormat::kKeras:
      TARE_RETURN_IF_ERROR(ConvertToKeras(source, out, options, summary));
      break;
  }
  return summary;
}

}  // namespace tare
