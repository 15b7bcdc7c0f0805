#include "tools/synth/synth_weights.h"

#include <cmath>
#include <cstring>

#include "base/check.h"
#include "tensor/half.h"

namespace tare {
namespace {

constexpr float kLogits = 2.0f;     // standard deviation of the logits
constexpr float kPosition = 2.0f;   // of a position, in embeddings: no token is said twice for long
constexpr float kResidual = 4.0f;   // of what the layers add to the residual, all together
constexpr float kAttention = 1.5f;  // of queries, keys and values: scores then have 2.25
constexpr float kMixing = 0.5f;     // attention's share: its average draws all tokens together
constexpr float kSmall = 0.1f;      // of norms around 1, and of biases
constexpr float kActivation = 0.6f;  // what GELU, and SiLU times a gate, leave of 1

struct Sizes {
  float layers;
  float width;
  float inner;
  float experts_used;
  float expert;  // the inner width of one
};

Sizes SizesOf(const ModelShape& backbone) {
  const ModelSizes sizes = backbone.model->sizes();
  return {static_cast<float>(sizes.layers), static_cast<float>(sizes.width),
          static_cast<float>(sizes.inner_width), static_cast<float>(sizes.experts_used),
          static_cast<float>(sizes.expert_width)};
}

// The finaliser of SplitMix64 (Steele et al. 2014).
constexpr uint64_t Mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15;

uint64_t KeyOf(uint64_t seed, std::string_view name) {
  uint64_t key = Mix(seed + kGolden);
  for (const char c : name) key = Mix((key ^ static_cast<unsigned char>(c)) + kGolden);
  return key;
}

template <typename T>
void Store(T value, size_t index, std::span<std::byte> bytes) {
  std::memcpy(bytes.data() + index * sizeof(T), &value, sizeof(T));
}

}  // namespace

Spread SpreadOf(const TensorSpec& tensor, const ModelShape& backbone) {
  const Sizes sizes = SizesOf(backbone);
  const ModelMultipliers multipliers = backbone.model->multipliers();
  const Family& family = backbone.model->family();
  const float norm_offset = NormOffset(family, SynthesisFormat(family));
  const ModelPart part = tensor.parts.front();
  const float width = std::sqrt(sizes.width);
  // A tied embedding is as large as the logits need it; what is added to it keeps up.
  const float growth = backbone.tied ? multipliers.embedding / multipliers.logits : 1.0f;
  const float share = kResidual * growth / (std::sqrt(2.0f * sizes.layers) * multipliers.residual);
  const bool is_residual = part == ModelPart::kAttentionOut || part == ModelPart::kDown;
  if (tensor.is_bias) return {0.0f, is_residual ? kSmall * share : kSmall};
  switch (part) {
    case ModelPart::kTokenEmbedding:
      if (!backbone.tied) return {0.0f, kLogits / (width * multipliers.embedding)};
      [[fallthrough]];
    case ModelPart::kOutput:
      return {0.0f, kLogits / (width * multipliers.logits)};
    case ModelPart::kPositionEmbedding:
      return {0.0f, kPosition * kLogits / width};
    case ModelPart::kOutputNorm:
    case ModelPart::kAttentionNorm:
    case ModelPart::kQueryNorm:
    case ModelPart::kKeyNorm:
    case ModelPart::kMlpNorm:
      return {1.0f - norm_offset, kSmall};
    // Each branch is brought to its share of the residual, whatever its size was.
    case ModelPart::kPostAttentionNorm:
    case ModelPart::kPostMlpNorm:
      return {share - norm_offset, kSmall * share};
    case ModelPart::kQuery:
    case ModelPart::kKey:
      return {0.0f, kAttention / (width * std::sqrt(multipliers.scores))};
    case ModelPart::kValue:
      return {0.0f, kAttention / width};
    case ModelPart::kAttentionOut:
      return {0.0f, kMixing * share / width};
    case ModelPart::kGate:
    case ModelPart::kUp:
    case ModelPart::kRouter:
    case ModelPart::kExpertGate:
    case ModelPart::kExpertUp:
      return {0.0f, 1.0f / width};
    case ModelPart::kDown:
      return {0.0f, share / (kActivation * std::sqrt(sizes.inner))};
    case ModelPart::kExpertDown:
      // The results of those in use are added, each by about 1 / U.
      return {0.0f, share * std::sqrt(sizes.experts_used / sizes.expert) / kActivation};
  }
  return {};
}

RandomValues::RandomValues(uint64_t seed, std::string_view name, DType dtype, Spread spread)
    : key_(KeyOf(seed, name)), mean_(spread.mean), dtype_(dtype) {
  // The sum of four numbers of 16 bits, each uniform, has the variance 4 (2^32 - 1) / 12.
  constexpr float kSumDeviation = 37837.23f;
  step_ = spread.deviation / kSumDeviation;
}

inline float RandomValues::At(uint64_t place) const {
  const uint64_t bits = Mix(key_ + place * kGolden);
  constexpr int32_t kSumMean = 2 * 65535;
  const auto sum = static_cast<int32_t>((bits & 0xffff) + ((bits >> 16) & 0xffff) +
                                        ((bits >> 32) & 0xffff) + (bits >> 48));
  return mean_ + static_cast<float>(sum - kSumMean) * step_;
}

void RandomValues::Fill(uint64_t first, std::span<std::byte> bytes) const {
  const size_t count = bytes.size() / BlockBytes(dtype_);
  switch (dtype_) {
    case DType::kF32:
      for (size_t i = 0; i < count; ++i) Store(At(first + i), i, bytes);
      return;
    case DType::kF16:
      for (size_t i = 0; i < count; ++i) Store(FloatToFloat16(At(first + i)), i, bytes);
      return;
    case DType::kBF16:
      for (size_t i = 0; i < count; ++i) Store(FloatToBFloat16(At(first + i)), i, bytes);
      return;
    default:
      TARE_CHECK(false);
  }
}

}  // namespace tare
