#ifndef TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_
#define TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_

#include <memory>
#include <optional>
#include <utility>

#include "models/family.h"
#include "tensor/tensor_view.h"

namespace tare {

// Llama 1 to 3 and other models with the same graph: RMS norms, rotated queries and keys, heads
// that share keys and values, a gated MLP, no biases. In KerasHub, only Llama 3.
extern const Family kLlamaFamily;

// Llama 3.1's correction of rotary frequencies. A pair's frequency is unchanged if its wavelength
// is below original_context / high, divided by `factor` if it is above original_context / low, and
// a blend in between. Source: Llama 3.1; keras_hub's RotaryEmbedding and transformers' rope_type
// "llama3" do the same.
struct RopeCorrection {
  float factor = 1.0f;
  float low = 1.0f;
  float high = 4.0f;
  size_t original_context = 8192;
};

// Letters: C width, F inner width, H heads, K key/value heads, D head size, V vocabulary, L layers.
struct LlamaConfig {
  size_t layers = 0;
  size_t width = 0;
  size_t inner_width = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_size = 0;
  size_t vocabulary = 0;
  size_t max_context = 0;
  float norm_epsilon = 0.0f;
  float rope_base = 0.0f;
  float rope_linear_factor = 1.0f;  // positions are divided by it
  std::optional<RopeCorrection> rope_correction;
  RopePairing rope_pairing = RopePairing::kHalf;
};

// Errors: those of Family::from_gguf and so on.
Result<LlamaConfig> LlamaConfigFromGguf(const GgufFile& file);
Result<LlamaConfig> LlamaConfigFromHuggingFace(const JsonObject& config);
// A backbone has no maximum context. Without one from tare.json, Llama 3.1's is used.
Result<LlamaConfig> LlamaConfigFromKeras(const JsonObject& config, std::optional<size_t> context);

class LlamaModel : public FamilyModel {
 public:
  // `noted`: the correction that a GGUF file from Tare names besides its divisors.
  explicit LlamaModel(const LlamaConfig& config, std::optional<RopeCorrection> noted = {})
      : config_(config), noted_correction_(noted) {}

  const LlamaConfig& config() const { return config_; }

  const Family& family() const override { return kLlamaFamily; }
  ModelSizes sizes() const override;
  std::optional<RopePairing> pairing() const override { return config_.rope_pairing; }
  void ReadExtras(TensorReader& reader, ModelFormat format) override;
  // Uses KerasHub's einsums (keras_hub.models.Llama3CausalLM), with each weight's labels in the
  // order of the file.
  Result<Graph> BuildGraph(const ModelWeights& weights, bool last_token_only) const override;
  void AddGgufKeys(GgufKeyWriter& keys) const override;
  GgufExtras MakeGgufExtras() const override;
  Status AddHuggingFaceConfig(nlohmann::ordered_json& config) const override;
  Result<std::shared_ptr<const FamilyModel>> ForKeras() const override;
  Status CheckKeras(bool tied) const override;
  void AddKerasConfig(bool tied, nlohmann::ordered_json& config) const override;

 private:
  // The correction of frequencies, from wherever the file has it; nullopt if there is none.
  //   Errors  Unsupported if a file's divisors do not follow from four numbers.
  Result<std::optional<RopeCorrection>> Correction() const;

  LlamaConfig config_;
  std::optional<RopeCorrection> noted_correction_;
  std::optional<TensorView> rope_divisors_;  // [D / 2], f32: each frequency is divided by its own
};

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_
