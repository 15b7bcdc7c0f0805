#include "tools/inspect/inspect.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "describe/model_file.h"
#include "describe/quantized_folder.h"
#include "format/gguf/gguf.h"

namespace tare {
namespace {

struct RoleKey {
  std::string_view role;
  std::string_view key;
};

constexpr RoleKey kSpecialTokens[] = {
    {"bos", "tokenizer.ggml.bos_token_id"},         {"eos", "tokenizer.ggml.eos_token_id"},
    {"eot", "tokenizer.ggml.eot_token_id"},         {"unknown", "tokenizer.ggml.unknown_token_id"},
    {"padding", "tokenizer.ggml.padding_token_id"},
};

std::vector<InspectedTensor> ListTensors(const ModelFile& file) {
  struct Placed {
    uint32_t file;
    InspectedTensor tensor;
  };
  std::vector<Placed> placed;
  for (const NamedTensor& tensor : file.tensors().tensors) {
    placed.push_back({tensor.file,
                      {tensor.name, std::string(DTypeName(tensor.view.dtype)), tensor.view.shape,
                       tensor.file_offset, tensor.view.bytes()}});
  }
  for (const ForeignTensor& tensor : file.foreign()) {
    placed.push_back(
        {tensor.file, {tensor.name, tensor.type, tensor.shape, tensor.file_offset, tensor.bytes}});
  }
  std::ranges::stable_sort(
      placed, {}, [](const Placed& one) { return std::pair(one.file, one.tensor.file_offset); });
  std::vector<InspectedTensor> tensors;
  for (Placed& one : placed) tensors.push_back(std::move(one.tensor));
  return tensors;
}

std::vector<InspectedPrecision> CountPrecisions(const std::vector<InspectedTensor>& tensors) {
  std::vector<InspectedPrecision> precisions;
  for (const DType dtype : kAllDTypes) {
    precisions.push_back({.type = std::string(DTypeName(dtype))});
  }
  const auto known = static_cast<std::ptrdiff_t>(precisions.size());
  for (const InspectedTensor& tensor : tensors) {
    auto at = std::ranges::find(precisions, tensor.type, &InspectedPrecision::type);
    if (at == precisions.end()) at = precisions.insert(at, {.type = tensor.type});
    ++at->tensors;
    at->parameters += tensor.shape.elements();
    at->bytes += tensor.bytes;
  }
  std::ranges::sort(precisions.begin() + known, precisions.end(), {}, &InspectedPrecision::type);
  std::erase_if(precisions, [](const InspectedPrecision& one) { return one.tensors == 0; });
  return precisions;
}

Result<std::vector<InspectedToken>> ListSpecialTokens(const GgufFile& file,
                                                      const GgufStrings& tokens) {
  std::vector<InspectedToken> special;
  for (const auto& [role, key] : kSpecialTokens) {
    if (file.FindValue(key) == nullptr) continue;
    TARE_ASSIGN_OR_RETURN(const uint64_t id, file.GetUint(key));
    if (id >= tokens.size()) {
      return CorruptFile("{}: {} is {}, expected an id below {}, the vocabulary's size",
                         file.path(), key, id, tokens.size());
    }
    const auto token = std::next(tokens.begin(), static_cast<std::ptrdiff_t>(id));
    special.push_back({std::string(role), id, std::string(*token)});
  }
  return special;
}

// None where the file has no tokenizer, or says that it has none.
Result<std::optional<InspectedTokenizer>> InspectTokenizer(const GgufFile& file) {
  InspectedTokenizer tokenizer;
  if (file.FindValue("tokenizer.ggml.model") == nullptr ||
      file.FindValue("tokenizer.ggml.tokens") == nullptr) {
    return std::optional<InspectedTokenizer>();
  }
  TARE_ASSIGN_OR_RETURN(tokenizer.kind, file.GetString("tokenizer.ggml.model"));
  TARE_ASSIGN_OR_RETURN(tokenizer.pre_tokenizer, file.GetStringOr("tokenizer.ggml.pre", ""));
  TARE_ASSIGN_OR_RETURN(const GgufStrings tokens, file.GetStrings("tokenizer.ggml.tokens"));
  tokenizer.tokens = tokens.size();
  if (file.FindValue("tokenizer.ggml.merges") != nullptr) {
    TARE_ASSIGN_OR_RETURN(const GgufStrings merges, file.GetStrings("tokenizer.ggml.merges"));
    tokenizer.merges = merges.size();
  }
  TARE_ASSIGN_OR_RETURN(tokenizer.special, ListSpecialTokens(file, tokens));
  tokenizer.has_chat_template = file.FindValue("tokenizer.chat_template") != nullptr;
  return std::optional(std::move(tokenizer));
}

}  // namespace

Result<Inspection> InspectModel(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(ModelFile file, ModelFile::Open(path, ForeignTypes::kList));
  Inspection inspection;
  inspection.header = file.header();
  inspection.tensors = ListTensors(file);
  inspection.precisions = CountPrecisions(inspection.tensors);
  if (const GgufFile* gguf = file.gguf(); gguf != nullptr) {
    inspection.format_version = gguf->version();
    TARE_ASSIGN_OR_RETURN(inspection.tokenizer, InspectTokenizer(*gguf));
  }
  // A model with tensors that cannot be read is opened once more for the reason.
  const bool is_quantized = file.gguf() == nullptr && !QuantizationOf(file.config()).empty();
  const bool is_readable = file.foreign().empty() && !is_quantized;
  const Result<Model> model = is_readable ? Model::Read(std::move(file)) : Model::Open(path);
  if (model.ok()) {
    inspection.model = model->info();
  } else if (model.error().code() == ErrorCode::kUnsupported) {
    inspection.refusal = model.error().message();
  } else {
    return model.error();
  }
  return inspection;
}

}  // namespace tare
