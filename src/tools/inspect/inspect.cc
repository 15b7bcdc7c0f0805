#include "tools/inspect/inspect.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

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

std::vector<InspectedTensor> ListTensors(const NamedTensors& named) {
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : named.tensors) order.push_back(&tensor);
  std::ranges::sort(order, {}, [](const NamedTensor* tensor) {
    return std::pair(tensor->file, tensor->file_offset);
  });
  std::vector<InspectedTensor> tensors;
  for (const NamedTensor* tensor : order) {
    tensors.push_back({tensor->name, tensor->view.dtype, tensor->view.shape, tensor->file_offset,
                       tensor->view.bytes()});
  }
  return tensors;
}

std::vector<InspectedPrecision> CountPrecisions(const std::vector<InspectedTensor>& tensors) {
  std::vector<InspectedPrecision> precisions;
  for (const DType dtype : kAllDTypes) {
    InspectedPrecision precision = {.dtype = dtype};
    for (const InspectedTensor& tensor : tensors) {
      if (tensor.dtype != dtype) continue;
      ++precision.tensors;
      precision.parameters += tensor.shape.elements();
      precision.bytes += tensor.bytes;
    }
    if (precision.tensors > 0) precisions.push_back(precision);
  }
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

Result<InspectedTokenizer> InspectTokenizer(const GgufFile& file) {
  InspectedTokenizer tokenizer;
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
  return tokenizer;
}

}  // namespace

Result<Inspection> InspectModel(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(const Model model, Model::Open(path));
  Inspection inspection;
  inspection.model = model.info();
  inspection.tensors = ListTensors(model.tensors());
  inspection.precisions = CountPrecisions(inspection.tensors);
  if (const GgufFile* gguf = model.gguf(); gguf != nullptr) {
    inspection.format_version = gguf->version();
    TARE_ASSIGN_OR_RETURN(inspection.tokenizer, InspectTokenizer(*gguf));
  }
  return inspection;
}

}  // namespace tare
