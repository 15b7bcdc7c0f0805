#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/atomic_folder.h"
#include "format/safetensors/safetensors_writer.h"
#include "tools/convert/convert_hf_tokenizer.h"
#include "tools/convert/convert_plan.h"
#include "tools/convert/convert_targets.h"
#include "tools/convert/convert_types.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

const char* TorchType(DType type) {
  if (type == DType::kF16) return "float16";
  return type == DType::kBF16 ? "bfloat16" : "float32";
}

Status WriteConfig(const ConvertSource& source, DType main, const std::string& folder) {
  const Model& model = source.model;
  const Family& family = model.family();
  Json config = {{"architectures", Json::array({family.hugging_face_class})},
                 {"model_type", family.hugging_face_type}};
  const Status added = model.family_model().AddHuggingFaceConfig(config);
  if (!added.ok()) return added.error().In(model.info().path);
  config["tie_word_embeddings"] = model.info().tied_output;
  // Null if there is none: Transformers' own ids of the class stand in otherwise.
  const auto id_or_null = [](std::optional<int32_t> id) { return id ? Json(*id) : Json(); };
  config["bos_token_id"] = id_or_null(source.tokenizer.bos_id());
  config["eos_token_id"] = id_or_null(source.tokenizer.eos_id());
  config["torch_dtype"] = TorchType(main);
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(folder + "/config.json"));
  return file.CommitText(config.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

Status WriteWeights(const ConvertSource& source, std::vector<PlannedTensor> tensors,
                    const std::string& folder, ConvertSummary& summary) {
  // Wider types first, so that all are aligned; then by name, as the format's own library does.
  std::ranges::sort(tensors, [](const PlannedTensor& a, const PlannedTensor& b) {
    const size_t a_bytes = BlockBytes(a.dtype);
    const size_t b_bytes = BlockBytes(b.dtype);
    return a_bytes != b_bytes ? a_bytes > b_bytes : a.name < b.name;
  });
  TARE_ASSIGN_OR_RETURN(SafetensorsWriter writer,
                        SafetensorsWriter::Create(folder + "/model.safetensors"));
  TARE_RETURN_IF_ERROR(writer.AddMetadata("format", "pt"));
  for (const PlannedTensor& tensor : tensors) {
    TARE_RETURN_IF_ERROR(writer.DeclareTensor(tensor.name, tensor.dtype, tensor.shape));
  }
  const auto sink = [&](std::string_view name, std::span<const std::byte> bytes) {
    return writer.AppendTensorData(name, bytes);
  };
  TARE_RETURN_IF_ERROR(StreamTensors(source, tensors, sink, summary));
  return writer.Finish();
}

}  // namespace

Status ConvertToHuggingFace(const ConvertSource& source, const std::string& out,
                            const ConvertOptions& options, ConvertSummary& summary) {
  const TensorConverter::Drop drop = [&](std::span<const std::byte> bytes) {
    source.model.DropPages(bytes);
  };
  TARE_ASSIGN_OR_RETURN(const DType main, MainType(options, source.model.info().precision));
  std::vector<PlannedTensor> tensors =
      PlanTensors(source.model, ModelFormat::kHuggingFace, source.model.info().tied_output);
  ChooseTypes(options, source.model.family_model().sizes(), main, drop, tensors, summary.notes);
  const OldFolder old = options.replace ? OldFolder::kReplace : OldFolder::kKeep;
  TARE_ASSIGN_OR_RETURN(AtomicFolder folder, AtomicFolder::Create(out, old, "config.json"));
  TARE_RETURN_IF_ERROR(WriteConfig(source, main, folder.temporary()));
  TARE_RETURN_IF_ERROR(WriteHuggingFaceTokenizer(source, folder.temporary()));
  TARE_RETURN_IF_ERROR(WriteWeights(source, std::move(tensors), folder.temporary(), summary));
  return folder.Commit();
}

}  // namespace tare
