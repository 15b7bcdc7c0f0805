#ifndef TARE_MODELS_FAMILIES_GPT2_GPT2_H_
#define TARE_MODELS_FAMILIES_GPT2_GPT2_H_

#include <memory>
#include <optional>

#include "models/family.h"

namespace tare {

// GPT-2: layer norms with a shift, learned positions, biases everywhere, an MLP with GELU.
extern const Family kGpt2Family;

// Letters: C width, F inner width, H heads, D = C / H, V vocabulary, P positions, L layers.
struct Gpt2Config {
  size_t layers = 0;
  size_t width = 0;
  size_t inner_width = 0;
  size_t heads = 0;
  size_t vocabulary = 0;
  size_t max_context = 0;  // P
  float norm_epsilon = 0.0f;
};

// Errors: those of Family::from_gguf and so on.
Result<Gpt2Config> Gpt2ConfigFromGguf(const GgufFile& file);
Result<Gpt2Config> Gpt2ConfigFromHuggingFace(const JsonObject& config);
Result<Gpt2Config> Gpt2ConfigFromKeras(const JsonObject& config);

class Gpt2Model : public FamilyModel {
 public:
  explicit Gpt2Model(const Gpt2Config& config) : config_(config) {}

  const Gpt2Config& config() const { return config_; }

  const Family& family() const override { return kGpt2Family; }
  ModelSizes sizes() const override;
  // Uses keras.layers.MultiHeadAttention's einsums (keras_hub.models.GPT2CausalLM), with each
  // weight's labels in the order of the file.
  Result<Graph> BuildGraph(const ModelWeights& weights, bool last_token_only) const override;
  Status AddGgufKeys(GgufKeyWriter& keys) const override;
  Status AddHuggingFaceConfig(nlohmann::ordered_json& config) const override;
  Result<std::shared_ptr<const FamilyModel>> ForKeras() const override;
  Status CheckKeras(bool tied) const override;
  void AddKerasConfig(bool tied, nlohmann::ordered_json& config) const override;

 private:
  Gpt2Config config_;
};

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GPT2_GPT2_H_
