#include <algorithm>
#include <string>
#include <vector>

#include "tools/convert/convert_plan.h"
#include "tools/convert/convert_targets.h"
#include "tools/convert/convert_types.h"
#include "tools/convert/hf_folder_writer.h"

namespace tare {
namespace {

// Wider types first, so that all are aligned; then by name, as the format's own library does.
void SortForSafetensors(std::vector<PlannedTensor>& tensors) {
  std::ranges::sort(tensors, [](const PlannedTensor& a, const PlannedTensor& b) {
    const size_t a_bytes = BlockBytes(a.dtype);
    const size_t b_bytes = BlockBytes(b.dtype);
    return a_bytes != b_bytes ? a_bytes > b_bytes : a.name < b.name;
  });
}

HuggingFaceTokenizer HuggingFaceTokenizerOf(const ConvertSource& source) {
  return {.tokenizer = source.tokenizer,
          .vocabulary = source.model.info().vocabulary,
          .max_context = source.model.info().max_context,
          .pre_tokenizer = source.pre_tokenizer,
          .adds_bos = source.adds_bos,
          .chat_template = source.chat_template,
          .padding_id = source.padding_id,
          .unknown_id = source.unknown_id};
}

}  // namespace

Status ConvertToHuggingFace(const ConvertSource& source, const std::string& out,
                            const ConvertOptions& options, ConvertSummary& summary) {
  const Model& model = source.model;
  const TensorConverter::Drop drop = [&](std::span<const std::byte> bytes) {
    model.DropPages(bytes);
  };
  TARE_ASSIGN_OR_RETURN(const DType main, MainType(options, model.info().precision));
  const bool tied = model.info().tied_output;
  const auto config = HuggingFaceConfigText(model.family_model(), tied, source.tokenizer, main);
  if (!config.ok()) return config.error().In(model.info().path);
  std::vector<PlannedTensor> tensors = PlanTensors(model, ModelFormat::kHuggingFace, tied);
  ChooseTypes(options, model.family_model().sizes(), main, drop, tensors, summary.notes);
  SortForSafetensors(tensors);
  std::vector<TensorDeclaration> declared;
  for (const PlannedTensor& tensor : tensors) {
    declared.push_back({.name = tensor.name, .dtype = tensor.dtype, .shape = tensor.shape});
  }
  const OldFolder old = options.replace ? OldFolder::kReplace : OldFolder::kKeep;
  TARE_ASSIGN_OR_RETURN(
      HuggingFaceFolderWriter writer,
      HuggingFaceFolderWriter::Create(out, old, *config, HuggingFaceTokenizerOf(source), declared));
  const auto sink = [&](std::string_view name, std::span<const std::byte> bytes) {
    return writer.AppendData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(StreamTensors(source, tensors, sink, summary));
  return writer.Finish();
}

}  // namespace tare
