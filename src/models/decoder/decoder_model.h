#ifndef TARE_MODELS_DECODER_DECODER_MODEL_H_
#define TARE_MODELS_DECODER_DECODER_MODEL_H_

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "models/decoder/decoder_rope.h"
#include "models/decoder/decoder_rules.h"
#include "models/decoder/decoder_spec.h"
#include "models/family.h"

namespace tare {

// A model of a family of the shared decoder. Precondition: the family has rules.
class DecoderModel : public FamilyModel {
 public:
  // `noted`: the scaling that a GGUF file from Tare names besides its divisors.
  DecoderModel(const Family& family, DecoderSpec spec, std::optional<RopeScaling> noted = {})
      : family_(family), spec_(std::move(spec)), noted_scaling_(std::move(noted)) {}

  const DecoderSpec& spec() const { return spec_; }

  const Family& family() const override { return family_; }
  ModelSizes sizes() const override { return spec_.sizes; }
  ModelMultipliers multipliers() const override;
  std::optional<RopePairing> pairing() const override { return spec_.pairing; }
  // The divisors of rotary frequencies, which GGUF keeps as tensors; in a preset, the frequencies.
  void ReadExtras(TensorReader& reader, ModelFormat format) override;
  Result<Graph> BuildGraph(const ModelWeights& weights, bool last_token_only) const override;
  Status AddGgufKeys(GgufKeyWriter& keys) const override;
  GgufExtras MakeGgufExtras() const override;
  Status AddHuggingFaceConfig(nlohmann::ordered_json& config) const override;
  Result<std::shared_ptr<const FamilyModel>> ForKeras() const override;
  Status CheckKeras(bool tied) const override;
  void AddKerasConfig(bool tied, nlohmann::ordered_json& config) const override;
  std::vector<NamedNumbers> MakeKerasExtras() const override;

 private:
  const DecoderRules& rules() const { return *family_.decoder; }
  // With the scaling as numbers, where a file has only its divisors.
  //   Errors  Unsupported if the divisors do not follow from four numbers.
  Result<DecoderSpec> WithScaling() const;
  void CheckKerasFrequencies(TensorReader& reader) const;

  const Family& family_;
  DecoderSpec spec_;
  std::optional<RopeScaling> noted_scaling_;
};

// For Family::from_gguf and so on.
Result<std::unique_ptr<FamilyModel>> DecoderFromGguf(const Family& family, const GgufFile& file);
Result<std::unique_ptr<FamilyModel>> DecoderFromHuggingFace(const Family& family,
                                                            const JsonObject& config);
Result<std::unique_ptr<FamilyModel>> DecoderFromKeras(const Family& family,
                                                      const JsonObject& config,
                                                      std::optional<size_t> context);
std::vector<NamedShape> DecoderShapes(const Family& family);
Result<ModelShape> SpellDecoder(const Family& family, ShapeSettings& settings);

// The configuration alone. Errors: those of Family::from_gguf and so on.
Result<DecoderSpec> DecoderSpecFromGguf(const Family& family, const GgufFile& file);
Result<DecoderSpec> DecoderSpecFromHuggingFace(const Family& family, const JsonObject& config);
Result<DecoderSpec> DecoderSpecFromKeras(const Family& family, const JsonObject& config,
                                         std::optional<size_t> context);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_MODEL_H_
