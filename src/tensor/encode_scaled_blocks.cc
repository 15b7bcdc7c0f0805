// Q3_K, IQ4_XS, IQ4_NL and MXFP4: x ≈ step * level for each group of a block, with levels on a grid
// around 0. In Q3_K and IQ4_XS step is a whole number, in [-kScales, kScales), of the block's unit.
// Errors are weighted by x².
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "tensor/block_encoders.h"
#include "tensor/block_layouts.h"
#include "tensor/weighted_group.h"

namespace tare {
namespace {

// Whole numbers from -4 to 3.
struct Q3Grid {
  static constexpr float kFirst = -4.0f;
  static constexpr float kLast = 3.0f;
  static FourNumbers Round(FourNumbers x) {
    return NearestInteger(x, AllFour(kFirst), AllFour(kLast));
  }
};

// kIq4Levels.
struct Iq4Grid {
  static constexpr float kFirst = static_cast<float>(kIq4Levels[0]);
  static constexpr float kLast = static_cast<float>(kIq4Levels[15]);

  // The indices of the nearest levels.
  static FourIntegers IndicesOf(FourNumbers x) {
    FourIntegers indices = {};
#pragma GCC unroll 15
    for (const float middle : kMiddles) indices -= x > AllFour(middle);  // true is -1
    return indices;
  }

  static FourNumbers Round(FourNumbers x) {
    const FourIntegers indices = IndicesOf(x);
    return FourNumbers{
        kLevels[static_cast<size_t>(indices[0])], kLevels[static_cast<size_t>(indices[1])],
        kLevels[static_cast<size_t>(indices[2])], kLevels[static_cast<size_t>(indices[3])]};
  }

 private:
  static constexpr auto kLevels = [] {
    std::array<float, 16> levels = {};
    for (size_t i = 0; i < 16; ++i) levels[i] = static_cast<float>(kIq4Levels[i]);
    return levels;
  }();
  static constexpr auto kMiddles = [] {
    std::array<float, 15> middles = {};
    for (size_t i = 0; i < 15; ++i) middles[i] = 0.5f * (kLevels[i] + kLevels[i + 1]);
    return middles;
  }();
};

// The step with the least error for given levels, and that error.
struct Step {
  double step = 0;
  double error = kWorstError;
};

template <typename Grid, size_t kSize>
LevelSums SumsAt(const WeightedGroup<kSize>& group, float inverse) {
  return SumLevels(group, [inverse](FourNumbers x) { return Grid::Round(x * AllFour(inverse)); });
}

template <size_t kSize>
double ErrorOf(const WeightedGroup<kSize>& group, const LevelSums& sums, double step) {
  return group.wxx + step * (step * sums.qq - 2 * sums.xq);
}

// Rounds with the largest number at or near either end of the grid, each time once more with the
// step that fits the levels.
template <typename Grid, size_t kSize>
Step BestStep(const WeightedGroup<kSize>& group) {
  constexpr int kReach = 3;
  const float peak = -group.least > group.most ? group.least : group.most;
  Step best;
  if (!(group.wxx > 0)) return {.step = 0, .error = 0};
  // Beyond any scale, which becomes infinite.
  if (std::isinf(group.wxx)) return {.step = peak / Grid::kFirst, .error = 0};
  for (const float end : {Grid::kFirst, Grid::kLast}) {
    for (int i = -kReach; i <= kReach; ++i) {
      float inverse = end * (1.0f + 0.05f * static_cast<float>(i)) / peak;
      for (int pass = 0; pass < 2; ++pass) {
        const LevelSums sums = SumsAt<Grid>(group, inverse);
        if (!(sums.qq > 0)) break;
        const double step = sums.xq / sums.qq;
        const double error = ErrorOf(group, sums, step);
        if (error < best.error) best = {.step = step, .error = error};
        inverse = InverseOf(static_cast<float>(step));
      }
    }
  }
  return best;
}

template <typename Grid, size_t kGroup, size_t kGroups, int kScales>
class ScaledBlock {
 public:
  explicit ScaledBlock(const float* src) {
    double largest = 0;
    for (size_t i = 0; i < kGroups; ++i) {
      groups_[i].Load(src + i * kGroup, [](FourNumbers x) { return x * x; });
      steps_[i] = BestStep<Grid>(groups_[i]).step;
      if (std::abs(steps_[i]) > std::abs(largest)) largest = steps_[i];
    }
    best_.unit = RoundToHalf(largest / -kScales);
    if (largest == 0 || !std::isfinite(best_.unit)) return;  // too small or too large
    for (int i = 0; i < 4; ++i) TryUnit(largest / (i - kScales));
    for (int round = 0; round < 2; ++round) Refit();
  }

  float unit() const { return best_.unit; }
  int scale(size_t group) const { return best_.scales[group]; }

  FourNumbers Scaled(size_t i) const {  // numbers i .. i + 4, in steps
    const float step = best_.unit * static_cast<float>(best_.scales[i / kGroup]);
    return groups_[i / kGroup].x[i % kGroup / 4] * AllFour(InverseOf(step));
  }

 private:
  struct Fit {
    float unit = 0;
    std::array<int, kGroups> scales = {};
    std::array<LevelSums, kGroups> sums = {};
    double error = kWorstError;
  };

  static float RoundToHalf(double x) {
    return Float16ToFloat(FloatToFloat16(static_cast<float>(x)));
  }

  double FitGroup(size_t i, Fit& fit) const {
    const double whole = fit.unit != 0 ? std::round(steps_[i] / static_cast<double>(fit.unit)) : 0;
    const int middle = static_cast<int>(std::clamp(whole, double{-kScales}, double{kScales - 1}));
    double error = kWorstError;
    for (int scale = std::max(-kScales, middle - 1); scale <= std::min(kScales - 1, middle + 1);
         ++scale) {
      const float step = fit.unit * static_cast<float>(scale);
      const LevelSums sums = SumsAt<Grid>(groups_[i], InverseOf(step));
      const double with_this = ErrorOf(groups_[i], sums, step);
      if (!(with_this < error)) continue;
      error = with_this;
      fit.scales[i] = scale;
      fit.sums[i] = sums;
    }
    return error;
  }

  void TryUnit(double unit) {
    Fit fit = {.unit = RoundToHalf(unit), .error = 0};
    for (size_t i = 0; i < kGroups && fit.error < best_.error; ++i) fit.error += FitGroup(i, fit);
    if (fit.error < best_.error) best_ = fit;
  }

  // The unit with the least error for the scales and levels found, then again those for the unit.
  void Refit() {
    double qq = 0, xq = 0;
    for (size_t i = 0; i < kGroups; ++i) {
      const double scale = best_.scales[i];
      qq += scale * scale * best_.sums[i].qq;
      xq += scale * best_.sums[i].xq;
    }
    if (qq > 0) TryUnit(xq / qq);
  }

  std::array<WeightedGroup<kGroup>, kGroups> groups_;
  std::array<double, kGroups> steps_ = {};
  Fit best_;
};

// The index of the nearest of kMxfp4Levels, of two the one nearer to 0.
size_t Mxfp4Index(float x) {
  constexpr float kMiddles[] = {0.5f, 1.5f, 2.5f, 3.5f, 5.0f, 7.0f, 10.0f};
  const float size = std::abs(x);
  size_t index = 0;
  for (const float middle : kMiddles) index += size > middle ? 1 : 0;
  return index == 0 || x > 0 ? index : index + 8;
}

// 32 nibbles, ordered as in IQ4_NL. scaled(i): numbers i .. i + 4, in steps.
template <typename Scaled>
void StoreIq4Nibbles(const Scaled& scaled, std::byte* nibbles) {
  for (size_t i = 0; i < 32; i += 4) {
    const FourIntegers indices = Iq4Grid::IndicesOf(scaled(i));
    for (size_t lane = 0; lane < 4; ++lane) {
      nibbles[(i + lane) % 16] |= static_cast<std::byte>(indices[lane] << (i / 16 * 4));
    }
  }
}

}  // namespace

void EncodeQ3_K(const float* src, std::byte* block) {
  const ScaledBlock<Q3Grid, 16, 16, 32> fit(src);
  std::fill_n(block, 110, std::byte{0});
  for (size_t i = 0; i < 16; ++i) StoreQ3Scale(fit.scale(i), i, block + 96);
  for (size_t i = 0; i < 256; i += 4) {
    const FourNumbers level = Q3Grid::Round(fit.Scaled(i));
    for (size_t at = i; at < i + 4; ++at) {
      const int q = static_cast<int>(level[at - i]) + 4;
      const TwoBitPlace place = PlaceOfTwoBits(at);
      block[32 + place.byte] |= static_cast<std::byte>((q & 3) << place.shift);
      block[at % 32] |= static_cast<std::byte>(q >> 2 << (at / 32));
    }
  }
  StoreLittleEndian(FloatToFloat16(fit.unit()), block + 108);
}

void EncodeIQ4_XS(const float* src, std::byte* block) {
  const ScaledBlock<Iq4Grid, 32, 8, 32> fit(src);
  std::fill_n(block, 136, std::byte{0});
  StoreLittleEndian(FloatToFloat16(fit.unit()), block);
  for (size_t i = 0; i < 8; ++i) {
    StoreIq4Scale(fit.scale(i), i, block + 2);
    StoreIq4Nibbles([&](size_t at) { return fit.Scaled(32 * i + at); }, block + 8 + 16 * i);
  }
}

void EncodeIQ4_NL(const float* src, std::byte* block) {
  WeightedGroup<32> group;
  group.Load(src, [](FourNumbers x) { return x * x; });
  const uint16_t nearest = FloatToFloat16(static_cast<float>(BestStep<Iq4Grid>(group).step));
  uint16_t best = nearest;
  double least = kWorstError;
  const bool is_finite = std::isfinite(Float16ToFloat(nearest));  // else too large: stays infinite
  for (int away = -1; is_finite && away <= 1; ++away) {
    const uint16_t bits = static_cast<uint16_t>(nearest + away);
    const float step = Float16ToFloat(bits);
    const double error = ErrorOf(group, SumsAt<Iq4Grid>(group, InverseOf(step)), step);
    if (!(error < least)) continue;
    least = error;
    best = bits;
  }
  std::fill_n(block, 18, std::byte{0});
  StoreLittleEndian(best, block);
  const float inverse = InverseOf(Float16ToFloat(best));
  StoreIq4Nibbles([&](size_t at) { return group.x[at / 4] * AllFour(inverse); }, block + 2);
}

// The largest number is between the levels 8 and 16 for one exponent, where those from 12 on become
// 12; and between 4 and 8 for the next. Which is better depends on the others.
void EncodeMXFP4(const float* src, std::byte* block) {
  const float largest = std::abs(
      *std::max_element(src, src + 32, [](float a, float b) { return std::abs(a) < std::abs(b); }));
  const int exponent = largest > 0 && std::isfinite(largest) ? std::ilogb(largest) - 3 : -128;
  std::fill_n(block, 17, std::byte{0});
  double least = kWorstError;
  for (int e = std::max(exponent, -128); e <= std::max(exponent, -128) + 1; ++e) {
    std::byte nibbles[16] = {};
    double error = 0;
    for (size_t i = 0; i < 32; ++i) {
      const size_t index = Mxfp4Index(std::ldexp(src[i], -e));
      const double x = src[i];
      const double off = x - std::ldexp(static_cast<double>(kMxfp4Levels[index]), e);
      error += x * x * off * off;
      nibbles[i % 16] |= static_cast<std::byte>(index << (i / 16 * 4));
    }
    if (!(error < least)) continue;
    least = error;
    block[0] = static_cast<std::byte>(e + 128);
    std::copy(std::begin(nibbles), std::end(nibbles), block + 1);
  }
}

}  // namespace tare
