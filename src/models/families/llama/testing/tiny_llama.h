#ifndef TARE_MODELS_FAMILIES_LLAMA_TESTING_TINY_LLAMA_H_
#define TARE_MODELS_FAMILIES_LLAMA_TESTING_TINY_LLAMA_H_

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "format/gguf/gguf_writer.h"
#include "tensor/dequantize.h"
#include "tensor/quantize.h"

namespace tare {

// A llama of a few kilobytes with random weights, for tests. Axes differ from each other, so that
// one that is swapped shows.
struct TinyLlama {
  size_t layers = 2;
  size_t width = 64;
  size_t inner_width = 96;
  size_t heads = 4;
  size_t kv_heads = 2;
  size_t head_size = 32;
  size_t context = 128;
  bool tied = true;
  bool rope_divisors = false;
  DType weights = DType::kF32;     // of the matrices; norms stay f32
  std::optional<DType> values_of;  // matrices hold what values are once they were stored in it
  uint32_t seed = 1;
  std::vector<std::string> tokens;  // empty: "t0" … "t36"
  std::vector<std::string> merges;
  // For bad files. Tensors by name: another shape, or none at all; keys that are left out; more
  // keys.
  std::map<std::string, Shape> other_shapes;
  std::vector<std::string> missing_tensors;
  std::vector<std::string> extra_tensors;
  std::vector<std::string> missing_keys;
  std::map<std::string, uint32_t> more_uints;
  std::map<std::string, std::string> more_strings;
  std::map<std::string, float> more_floats;
  std::string architecture = "llama";
};

namespace internal {

class TinyLlamaWriter {
 public:
  TinyLlamaWriter(const TinyLlama& model, GgufWriter writer)
      : model_(model), writer_(std::move(writer)), random_(model.seed) {}

  Status Write() {
    TARE_RETURN_IF_ERROR(WriteKeys());
    Declare();
    for (const auto& [name, shape] : tensors_) {
      TARE_RETURN_IF_ERROR(writer_.DeclareTensor(name, TypeOf(shape), shape));
    }
    for (const auto& [name, shape] : tensors_) {
      const std::vector<std::byte> bytes = RandomBytes(shape);
      TARE_RETURN_IF_ERROR(writer_.AppendTensorData(name, bytes));
    }
    return writer_.Finish();
  }

 private:
  bool Skips(const std::vector<std::string>& list, const std::string& name) const {
    return std::find(list.begin(), list.end(), name) != list.end();
  }

  Status AddUint(const std::string& key, size_t value) {
    if (Skips(model_.missing_keys, key) || model_.more_uints.contains(key)) return {};
    return writer_.AddScalar<uint32_t>(key, static_cast<uint32_t>(value));
  }

  Status AddFloat(const std::string& key, float value) {
    if (Skips(model_.missing_keys, key) || model_.more_floats.contains(key)) return {};
    return writer_.AddScalar<float>(key, value);
  }

  Status WriteKeys() {
    TARE_RETURN_IF_ERROR(writer_.AddString("general.architecture", model_.architecture));
    TARE_RETURN_IF_ERROR(AddUint("llama.block_count", model_.layers));
    TARE_RETURN_IF_ERROR(AddUint("llama.context_length", model_.context));
    TARE_RETURN_IF_ERROR(AddUint("llama.embedding_length", model_.width));
    TARE_RETURN_IF_ERROR(AddUint("llama.feed_forward_length", model_.inner_width));
    TARE_RETURN_IF_ERROR(AddUint("llama.attention.head_count", model_.heads));
    TARE_RETURN_IF_ERROR(AddUint("llama.attention.head_count_kv", model_.kv_heads));
    TARE_RETURN_IF_ERROR(AddUint("llama.attention.key_length", model_.head_size));
    TARE_RETURN_IF_ERROR(AddFloat("llama.attention.layer_norm_rms_epsilon", 1e-5f));
    TARE_RETURN_IF_ERROR(AddFloat("llama.rope.freq_base", 10000.0f));
    for (const auto& [key, value] : model_.more_uints) {
      TARE_RETURN_IF_ERROR(writer_.AddScalar<uint32_t>(key, value));
    }
    for (const auto& [key, value] : model_.more_floats) {
      TARE_RETURN_IF_ERROR(writer_.AddScalar<float>(key, value));
    }
    for (const auto& [key, value] : model_.more_strings) {
      TARE_RETURN_IF_ERROR(writer_.AddString(key, value));
    }
    return WriteTokenizer();
  }

  Status WriteTokenizer() {
    tokens_ = model_.tokens;
    for (int i = 0; model_.tokens.empty() && i < 37; ++i) tokens_.push_back(fmt::format("t{}", i));
    const std::vector<std::string_view> tokens(tokens_.begin(), tokens_.end());
    const std::vector<std::string_view> merges(model_.merges.begin(), model_.merges.end());
    TARE_RETURN_IF_ERROR(writer_.AddString("tokenizer.ggml.model", "gpt2"));
    TARE_RETURN_IF_ERROR(writer_.AddString("tokenizer.ggml.pre", "gpt-2"));
    if (!Skips(model_.missing_keys, "tokenizer.ggml.tokens")) {
      TARE_RETURN_IF_ERROR(writer_.AddStrings("tokenizer.ggml.tokens", tokens));
    }
    return writer_.AddStrings("tokenizer.ggml.merges", merges);
  }

  void Add(const std::string& name, const Shape& shape) {
    if (Skips(model_.missing_tensors, name)) return;
    const auto other = model_.other_shapes.find(name);
    tensors_.emplace_back(name, other == model_.other_shapes.end() ? shape : other->second);
  }

  void Declare() {
    const size_t query = model_.heads * model_.head_size;
    const size_t key = model_.kv_heads * model_.head_size;
    Add("token_embd.weight", {tokens_.size(), model_.width});
    Add("output_norm.weight", {model_.width});
    if (!model_.tied) Add("output.weight", {tokens_.size(), model_.width});
    if (model_.rope_divisors) Add("rope_freqs.weight", {model_.head_size / 2});
    for (size_t i = 0; i < model_.layers; ++i) {
      const std::string layer = fmt::format("blk.{}.", i);
      Add(layer + "attn_norm.weight", {model_.width});
      Add(layer + "attn_q.weight", {query, model_.width});
      Add(layer + "attn_k.weight", {key, model_.width});
      Add(layer + "attn_v.weight", {key, model_.width});
      Add(layer + "attn_output.weight", {model_.width, query});
      Add(layer + "ffn_norm.weight", {model_.width});
      Add(layer + "ffn_gate.weight", {model_.inner_width, model_.width});
      Add(layer + "ffn_up.weight", {model_.inner_width, model_.width});
      Add(layer + "ffn_down.weight", {model_.width, model_.inner_width});
    }
    for (const std::string& name : model_.extra_tensors) Add(name, {model_.width});
  }

  DType TypeOf(const Shape& shape) const {
    return shape.rank() == 2 ? model_.weights : DType::kF32;
  }

  std::vector<std::byte> RandomBytes(const Shape& shape) {
    std::vector<float> values(shape.elements());
    // Vectors are norms (around 1) or rope divisors (at least 1); matrices keep activations near 1.
    const double scale = shape.rank() == 2 ? 1.0 / std::sqrt(static_cast<double>(shape[1])) : 0.1;
    for (float& value : values) {
      const double unit = static_cast<double>(random_()) * 0x1.0p-32 * 2.0 - 1.0;
      value = static_cast<float>(unit * scale * 1.7 + (shape.rank() == 2 ? 0.0 : 1.2));
    }
    if (model_.values_of && shape.rank() == 2) {
      std::vector<std::byte> stored(*ByteSize(*model_.values_of, shape));
      QuantizeRow(*model_.values_of, values.data(), values.size(), stored.data());
      DequantizeRow(*model_.values_of, stored.data(), values.size(), values.data());
    }
    std::vector<std::byte> bytes(*ByteSize(TypeOf(shape), shape));
    QuantizeRow(TypeOf(shape), values.data(), values.size(), bytes.data());
    return bytes;
  }

  const TinyLlama& model_;
  GgufWriter writer_;
  std::mt19937 random_;
  std::vector<std::string> tokens_;
  std::vector<std::pair<std::string, Shape>> tensors_;
};

}  // namespace internal

inline Status WriteTinyLlama(const TinyLlama& model, const std::string& path) {
  TARE_ASSIGN_OR_RETURN(GgufWriter writer, GgufWriter::Create(path));
  return internal::TinyLlamaWriter(model, std::move(writer)).Write();
}

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_TESTING_TINY_LLAMA_H_
