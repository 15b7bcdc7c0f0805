#include "models/gguf_llama.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>
#include <string>
#include <string_view>

#include "format/quote.h"

namespace tare {
namespace {

// Far beyond any model, far below what could overflow a product of a few of them.
constexpr uint64_t kMaxSize = uint64_t{1} << 24;
constexpr uint64_t kMaxLayers = 4096;

Result<size_t> GetSize(const GgufFile& file, std::string_view key, uint64_t max = kMaxSize) {
  TARE_ASSIGN_OR_RETURN(const uint64_t value, file.GetUint(key));
  if (value == 0 || value > max) {
    return CorruptFile("{}: {} is {}, expected 1 to {}", file.path(), key, value, max);
  }
  return static_cast<size_t>(value);
}

Result<size_t> GetSizeOr(const GgufFile& file, std::string_view key, size_t fallback) {
  if (file.FindValue(key) == nullptr) return fallback;
  return GetSize(file, key);
}

Status RefuseVariants(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(const uint64_t experts, file.GetUintOr("llama.expert_count", 0));
  if (experts != 0) {
    return Unsupported("{}: llama.expert_count is {}: mixtures of experts are not supported",
                       file.path(), experts);
  }
  if (file.FindValue("llama.attention.sliding_window") != nullptr) {
    return Unsupported("{}: llama.attention.sliding_window: sliding windows are not supported",
                       file.path());
  }
  return {};
}

Result<float> LinearRopeFactor(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(const std::string_view type,
                        file.GetStringOr("llama.rope.scaling.type", "none"));
  if (type != "none" && type != "linear") {
    return Unsupported("{}: llama.rope.scaling.type is {}, expected none or linear", file.path(),
                       Quote(type));
  }
  // Older files have the factor alone.
  TARE_ASSIGN_OR_RETURN(const float old_factor, file.GetFloatOr("llama.rope.scale_linear", 1.0f));
  TARE_ASSIGN_OR_RETURN(const float factor,
                        file.GetFloatOr("llama.rope.scaling.factor", old_factor));
  if (!(factor > 0.0f) || !std::isfinite(factor)) {
    return CorruptFile("{}: the rope scaling factor is {}, expected more than 0", file.path(),
                       factor);
  }
  const bool has_new_factor = file.FindValue("llama.rope.scaling.factor") != nullptr;
  return type == "none" && has_new_factor ? 1.0f : factor;
}

Status CheckHeads(const GgufFile& file, const LlamaConfig& config) {
  if (config.heads % config.kv_heads != 0) {
    return CorruptFile("{}: {} heads cannot share {} key/value heads evenly", file.path(),
                       config.heads, config.kv_heads);
  }
  if (config.head_size % 2 != 0) {
    return CorruptFile("{}: the head size is {}, expected an even number for rotation", file.path(),
                       config.head_size);
  }
  TARE_ASSIGN_OR_RETURN(const uint64_t rotated,
                        file.GetUintOr("llama.rope.dimension_count", config.head_size));
  if (rotated != config.head_size) {
    return Unsupported(
        "{}: llama.rope.dimension_count is {} of a head size of {}: partial "
        "rotation is not supported",
        file.path(), rotated, config.head_size);
  }
  TARE_ASSIGN_OR_RETURN(const uint64_t value_size,
                        file.GetUintOr("llama.attention.value_length", config.head_size));
  if (value_size != config.head_size) {
    return Unsupported("{}: values are {} long but keys {}: one head size is expected", file.path(),
                       value_size, config.head_size);
  }
  return {};
}

// Hands out tensors by name, each checked, and knows which were never asked for.
class TensorReader {
 public:
  explicit TensorReader(const GgufFile& file) : file_(file) {}

  // Errors stay with the reader, so that a family's list of tensors reads as a list: see status().
  TensorView Get(const std::string& name, const Shape& shape) {
    const TensorView* tensor = file_.FindTensor(name);
    if (tensor == nullptr) {
      Fail(CorruptFile("{}: tensor {} is missing; expected {}", file_.path(), name,
                       shape.ToString()));
      return {};
    }
    used_.insert(name);
    if (tensor->shape != shape) {
      Fail(CorruptFile("{}: tensor {} has shape {}, expected {} from the file's own metadata",
                       file_.path(), name, tensor->shape.ToString(), shape.ToString()));
    }
    return *tensor;
  }

  LinearWeight GetLinear(const std::string& name, const Shape& shape) {
    return {Get(name, shape), WeightLayout::kOutIn, {}};
  }

  // A tensor that kernels read as plain numbers: norms and rotation divisors.
  TensorView GetF32(const std::string& name, const Shape& shape) {
    const TensorView tensor = Get(name, shape);
    if (tensor.dtype != DType::kF32) {
      Fail(Unsupported("{}: tensor {} is {}, expected f32", file_.path(), name,
                       DTypeName(tensor.dtype)));
    }
    return tensor;
  }

  bool Has(std::string_view name) const { return file_.FindTensor(name) != nullptr; }

  // The first error of any Get, or a tensor that nobody asked for.
  Status Finish() const {
    if (!status_.ok()) return status_;
    for (const GgufTensorInfo& tensor : file_.tensors()) {
      if (used_.contains(std::string(tensor.name))) continue;
      return CorruptFile("{}: tensor {} has no place in a llama model", file_.path(),
                         Printable(tensor.name));
    }
    return {};
  }

 private:
  void Fail(Error error) {
    if (status_.ok()) status_ = std::move(error);
  }

  const GgufFile& file_;
  std::set<std::string> used_;
  Status status_;
};

LlamaLayerWeights ReadLayer(TensorReader& reader, const LlamaConfig& config, size_t index) {
  const size_t width = config.width;
  const size_t query = config.heads * config.head_size;
  const size_t key = config.kv_heads * config.head_size;
  const auto name = [index](std::string_view part) {
    return fmt::format("blk.{}.{}.weight", index, part);
  };
  LlamaLayerWeights layer;
  layer.attention_norm = reader.GetF32(name("attn_norm"), {width});
  layer.query = reader.GetLinear(name("attn_q"), {query, width});
  layer.key = reader.GetLinear(name("attn_k"), {key, width});
  layer.value = reader.GetLinear(name("attn_v"), {key, width});
  layer.attention_out = reader.GetLinear(name("attn_output"), {width, query});
  layer.mlp_norm = reader.GetF32(name("ffn_norm"), {width});
  layer.gate = reader.GetLinear(name("ffn_gate"), {config.inner_width, width});
  layer.up = reader.GetLinear(name("ffn_up"), {config.inner_width, width});
  layer.down = reader.GetLinear(name("ffn_down"), {width, config.inner_width});
  return layer;
}

}  // namespace

Result<LlamaConfig> LlamaConfigFromGguf(const GgufFile& file) {
  TARE_RETURN_IF_ERROR(RefuseVariants(file));
  LlamaConfig config;
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(file, "llama.block_count", kMaxLayers));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(file, "llama.embedding_length"));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSize(file, "llama.feed_forward_length"));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(file, "llama.attention.head_count"));
  TARE_ASSIGN_OR_RETURN(config.kv_heads,
                        GetSizeOr(file, "llama.attention.head_count_kv", config.heads));
  TARE_ASSIGN_OR_RETURN(config.max_context, GetSize(file, "llama.context_length"));
  TARE_ASSIGN_OR_RETURN(config.norm_epsilon,
                        file.GetFloat("llama.attention.layer_norm_rms_epsilon"));
  TARE_ASSIGN_OR_RETURN(config.rope_base, file.GetFloatOr("llama.rope.freq_base", 10000.0f));
  if (!(config.norm_epsilon > 0.0f) || !(config.rope_base > 0.0f) ||
      !std::isfinite(config.norm_epsilon) || !std::isfinite(config.rope_base)) {
    return CorruptFile("{}: norm epsilon {} and rope base {} must be more than 0", file.path(),
                       config.norm_epsilon, config.rope_base);
  }
  TARE_ASSIGN_OR_RETURN(config.rope_linear_factor, LinearRopeFactor(file));
  if (config.width % config.heads != 0 && file.FindValue("llama.attention.key_length") == nullptr) {
    return CorruptFile("{}: a width of {} is no whole number of {} heads", file.path(),
                       config.width, config.heads);
  }
  TARE_ASSIGN_OR_RETURN(config.head_size,
                        GetSizeOr(file, "llama.attention.key_length", config.width / config.heads));
  TARE_RETURN_IF_ERROR(CheckHeads(file, config));
  TARE_ASSIGN_OR_RETURN(const GgufStrings tokens, file.GetStrings("tokenizer.ggml.tokens"));
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetSizeOr(file, "llama.vocab_size", tokens.size()));
  if (config.vocabulary != tokens.size()) {
    return CorruptFile("{}: llama.vocab_size is {} but the tokenizer has {} tokens", file.path(),
                       config.vocabulary, tokens.size());
  }
  config.rope_pairing = RopePairing::kInterleaved;
  return config;
}

Result<LlamaWeights> LlamaWeightsFromGguf(const GgufFile& file, const LlamaConfig& config) {
  TensorReader reader(file);
  LlamaWeights weights;
  weights.embedding = reader.Get("token_embd.weight", {config.vocabulary, config.width});
  weights.output = reader.Has("output.weight")
                       ? reader.GetLinear("output.weight", {config.vocabulary, config.width})
                       : LinearWeight{weights.embedding, WeightLayout::kOutIn, {}};
  weights.output_norm = reader.GetF32("output_norm.weight", {config.width});
  if (reader.Has("rope_freqs.weight")) {
    weights.rope_divisors = reader.GetF32("rope_freqs.weight", {config.head_size / 2});
  }
  for (size_t i = 0; i < config.layers; ++i) weights.layers.push_back(ReadLayer(reader, config, i));
  TARE_RETURN_IF_ERROR(reader.Finish());
  return weights;
}

}  // namespace tare
