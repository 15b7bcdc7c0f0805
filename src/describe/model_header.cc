#include "describe/model_header.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>

#include "describe/size_limits.h"
#include "describe/token_reads.h"

namespace tare {
namespace {

using KeyList = std::initializer_list<std::string_view>;

size_t Plausible(uint64_t value) { return value <= kMaxModelSize ? static_cast<size_t>(value) : 0; }

// 0 where the key is missing, an array (a size for each layer) or of another type.
size_t SizeIn(const GgufFile& file, const std::string& key) {
  const GgufValue* const value = file.FindValue(key);
  if (value == nullptr) return 0;
  const Result<uint64_t> number = value->AsU64();
  return number.ok() ? Plausible(*number) : 0;
}

size_t VocabularyIn(const GgufFile& file, const std::string& key) {
  const Result<GgufStrings> tokens = file.GetStrings("tokenizer.ggml.tokens");
  return tokens.ok() ? tokens->size() : SizeIn(file, key);
}

// The first of the keys that is a number; 0 where none is.
size_t SizeIn(const JsonObject& config, KeyList keys) {
  for (const std::string_view key : keys) {
    if (!config.Has(key)) continue;
    const Result<uint64_t> number = config.GetUint(key);
    if (number.ok()) return Plausible(*number);
  }
  return 0;
}

// What follows from the sizes that were said, in every architecture that does not say otherwise.
void Complete(ModelHeader& header) {
  if (header.kv_heads == 0) header.kv_heads = header.heads;
  if (header.head_size == 0 && header.heads > 0) header.head_size = header.width / header.heads;
}

// One more tensor.
void Add(uint64_t elements, uint64_t bytes, uint64_t offset, ModelHeader::WeightFile& file,
         ModelHeader& header) {
  header.parameters += elements;
  header.weights_bytes += bytes;
  const uint64_t end = std::max(file.offset + file.bytes, offset + bytes);
  file.offset = std::min(file.offset, offset);
  file.bytes = end - file.offset;
}

}  // namespace

Status AddGgufHeader(const GgufFile& file, ModelHeader& header) {
  TARE_ASSIGN_OR_RETURN(header.architecture, file.GetString("general.architecture"));
  if (const GgufValue* name = file.FindValue("general.name"); name != nullptr) {
    if (Result<std::string_view> text = name->AsString(); text.ok()) header.name = *text;
  }
  const std::string prefix = header.architecture + ".";
  header.layers = SizeIn(file, prefix + "block_count");
  header.width = SizeIn(file, prefix + "embedding_length");
  header.inner_width = SizeIn(file, prefix + "feed_forward_length");
  header.heads = SizeIn(file, prefix + "attention.head_count");
  header.kv_heads = SizeIn(file, prefix + "attention.head_count_kv");
  header.head_size = SizeIn(file, prefix + "attention.key_length");
  header.vocabulary = VocabularyIn(file, prefix + "vocab_size");
  header.max_context = SizeIn(file, prefix + "context_length");
  header.experts = SizeIn(file, prefix + "expert_count");
  header.experts_used = SizeIn(file, prefix + "expert_used_count");
  Complete(header);
  return {};
}

Status AddHuggingFaceHeader(const JsonObject& config, ModelHeader& header) {
  TARE_ASSIGN_OR_RETURN(header.architecture, config.GetString("model_type"));
  if (Result<std::string> name = config.GetStringOr("_name_or_path", ""); name.ok()) {
    header.name = *std::move(name);
  }
  // A model of more than text keeps what is said here in a part of its own.
  const Result<JsonObject> text = config.GetObject("text_config");
  const JsonObject& sizes = text.ok() ? *text : config;
  header.layers = SizeIn(sizes, {"num_hidden_layers", "n_layer", "num_layers", "n_layers"});
  header.width = SizeIn(sizes, {"hidden_size", "n_embd", "d_model"});
  header.inner_width = SizeIn(sizes, {"intermediate_size", "n_inner", "ffn_dim", "d_ff"});
  header.heads = SizeIn(sizes, {"num_attention_heads", "n_head", "n_heads", "num_heads"});
  header.kv_heads = SizeIn(sizes, {"num_key_value_heads"});
  header.head_size = SizeIn(sizes, {"head_dim", "d_kv"});
  header.vocabulary = SizeIn(sizes, {"vocab_size"});
  header.max_context = SizeIn(sizes, {"max_position_embeddings", "n_positions", "n_ctx",
                                      "max_sequence_length", "max_seq_len", "seq_length"});
  header.experts = SizeIn(sizes, {"num_local_experts", "num_experts", "n_routed_experts"});
  header.experts_used = SizeIn(sizes, {"num_experts_per_tok", "num_experts_per_token"});
  Complete(header);
  return {};
}

Status AddKerasHeader(const JsonObject& config, ModelHeader& header) {
  TARE_ASSIGN_OR_RETURN(header.architecture, config.GetString("class_name"));
  TARE_ASSIGN_OR_RETURN(const JsonObject sizes, config.GetObject("config"));
  TARE_ASSIGN_OR_RETURN(header.name, sizes.GetStringOr("name", ""));
  header.layers = SizeIn(sizes, {"num_layers"});
  header.width = SizeIn(sizes, {"hidden_dim"});
  header.inner_width = SizeIn(sizes, {"intermediate_dim"});
  header.heads = SizeIn(sizes, {"num_query_heads", "num_heads"});
  header.kv_heads = SizeIn(sizes, {"num_key_value_heads"});
  header.head_size = SizeIn(sizes, {"head_dim"});
  header.vocabulary = SizeIn(sizes, {"vocabulary_size"});
  header.max_context = SizeIn(sizes, {"max_sequence_length"});
  if (header.max_context == 0) {
    const auto extras = JsonObject::Open(header.path + "/" + kKerasExtrasFile);
    if (extras.ok()) header.max_context = SizeIn(*extras, {kKerasContextKey});
  }
  Complete(header);
  return {};
}

Status AddTensors(const NamedTensors& tensors, std::span<const ForeignTensor> foreign,
                  ModelHeader& header) {
  for (const std::string& path : tensors.files) {
    std::error_code error;
    const uint64_t size = std::filesystem::file_size(path, error);
    if (error) return ErrnoError(error.value(), path);
    header.weight_files.push_back({path, size, size, 0});
  }
  const bool has_output =
      std::ranges::any_of(tensors.tensors,
                          [](const NamedTensor& tensor) { return IsOutput(tensor.name); }) ||
      std::ranges::any_of(foreign,
                          [](const ForeignTensor& tensor) { return IsOutput(tensor.name); });
  std::set<const std::byte*> seen;  // two names may share a tensor's data
  std::array<uint64_t, std::size(kAllDTypes)> elements = {};
  for (const NamedTensor& tensor : tensors.tensors) {
    if (!seen.insert(tensor.view.data).second) continue;
    const uint64_t count = tensor.view.shape.elements();
    header.token_read_bytes +=
        TokenReadBytes({tensor.name, tensor.view.bytes(), tensor.view.shape}, has_output, header);
    elements[static_cast<size_t>(tensor.view.dtype)] += count;
    Add(count, tensor.view.bytes(), tensor.file_offset, header.weight_files[tensor.file], header);
  }
  const auto most = std::ranges::max_element(elements);
  header.precision = static_cast<DType>(most - elements.begin());
  header.main_type = DTypeName(header.precision);
  std::map<std::string_view, uint64_t> foreign_elements;
  for (const ForeignTensor& tensor : foreign) {
    const uint64_t count = tensor.shape.elements();
    header.token_read_bytes +=
        TokenReadBytes({tensor.name, tensor.bytes, tensor.shape}, has_output, header);
    foreign_elements[tensor.type] += count;
    Add(count, tensor.bytes, tensor.file_offset, header.weight_files[tensor.file], header);
  }
  uint64_t largest = *most;
  for (const auto& [type, count] : foreign_elements) {
    if (count > largest) header.main_type = type;
    largest = std::max(largest, count);
  }
  return {};
}

}  // namespace tare
