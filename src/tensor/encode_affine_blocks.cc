// Q2_K, Q4_K and Q5_K: x ≈ step * q - low with q in [0, kLevels], for each group of a block. step
// and low are whole numbers, up to kScales, of the block's two units.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "tensor/block_encoders.h"
#include "tensor/block_layouts.h"
#include "tensor/weighted_group.h"

namespace tare {
namespace {

struct Line {
  double step = 0;
  double low = 0;
};

template <size_t kGroup, int kLevels, int kScales>
class AffineBlock {
 public:
  static constexpr size_t kGroups = kSuperBlock / kGroup;

  // weight_of(group's numbers): a function from FourNumbers to weights.
  template <typename WeightsOf>
  AffineBlock(const float* src, const WeightsOf& weights_of) {
    for (size_t i = 0; i < kGroups; ++i) {
      groups_[i].Load(src + i * kGroup, weights_of(src + i * kGroup));
      lines_[i] = BestLine(groups_[i]);
    }
    FindUnits();
  }

  float unit() const { return best_.unit; }
  float min_unit() const { return best_.min_unit; }
  ScaleAndMin scale(size_t group) const { return best_.scales[group]; }

  // The level of each number.
  std::array<uint8_t, kSuperBlock> Levels() const {
    std::array<uint8_t, kSuperBlock> levels = {};
    for (size_t i = 0; i < kSuperBlock; i += 4) {
      const ScaleAndMin scale = best_.scales[i / kGroup];
      const FourNumbers q = Round(groups_[i / kGroup].x[i % kGroup / 4],
                                  InverseOf(best_.unit * static_cast<float>(scale.scale)),
                                  best_.min_unit * static_cast<float>(scale.min));
      for (size_t lane = 0; lane < 4; ++lane) levels[i + lane] = static_cast<uint8_t>(q[lane]);
    }
    return levels;
  }

 private:
  using Group = WeightedGroup<kGroup>;

  struct Fit {
    float unit = 0;
    float min_unit = 0;
    std::array<ScaleAndMin, kGroups> scales = {};
    std::array<LevelSums, kGroups> sums = {};
    double error = kWorstError;
  };

  static FourNumbers Round(FourNumbers x, float inverse, float low) {
    return NearestInteger((x + AllFour(low)) * AllFour(inverse), AllFour(0.0f),
                          AllFour(static_cast<float>(kLevels)));
  }

  static LevelSums SumsAt(const Group& group, float inverse, float low) {
    return SumLevels(group, [inverse, low](FourNumbers x) { return Round(x, inverse, low); });
  }

  static double ErrorOf(const Group& group, const LevelSums& sums, double step, double low) {
    return group.wxx + step * (step * sums.qq - 2 * sums.xq - 2 * low * sums.q) +
           low * (2 * group.wx + low * group.w);
  }

  // The line with the least error for given levels, with low >= 0.
  static Line LineThrough(const Group& group, const LevelSums& sums) {
    const double det = group.w * sums.qq - sums.q * sums.q;
    Line line;
    if (det > 1e-12 * group.w * sums.qq) {
      line.step = (group.w * sums.xq - group.wx * sums.q) / det;
      line.low = (line.step * sums.q - group.wx) / group.w;
      if (line.low >= 0 && line.step >= 0) return line;
    }
    return {.step = sums.qq > 0 ? std::max(0.0, sums.xq / sums.qq) : 0.0, .low = 0};
  }

  // Rounds with ranges from a little narrower to a little wider than that of the numbers, each time
  // once more with the line that fits the levels.
  static Line BestLine(const Group& group) {
    constexpr int kRanges = 11;
    const float least = std::min(group.least, 0.0f);
    const float range = group.most - least;
    if (!(range > 0)) return {.step = 0, .low = -static_cast<double>(least)};
    // Beyond any unit, which becomes infinite.
    if (!std::isfinite(group.wxx)) return {.step = range / kLevels, .low = -least};
    Line best;
    double error = kWorstError;
    for (int i = 0; i < kRanges; ++i) {
      const float wider = static_cast<float>(i) * 0.2f - 1.0f;
      float inverse = (static_cast<float>(kLevels) - wider) / range;
      float low = -least;
      for (int pass = 0; pass < 2; ++pass) {
        const LevelSums sums = SumsAt(group, inverse, low);
        const Line line = LineThrough(group, sums);
        const double with_line = ErrorOf(group, sums, line.step, line.low);
        if (with_line < error) {
          error = with_line;
          best = line;
        }
        inverse = InverseOf(static_cast<float>(line.step));
        low = static_cast<float>(line.low);
      }
    }
    return best;
  }

  // The best whole numbers near a group's line. Returns the error with them.
  static double FitGroup(const Group& group, const Line& line, Fit& fit, size_t at) {
    const auto nearest = [](double value, float unit) {
      const double whole = unit > 0 ? std::round(value / static_cast<double>(unit)) : 0.0;
      return whole < kScales ? static_cast<int>(whole) : kScales;
    };
    const int middle = nearest(line.step, fit.unit);
    double error = kWorstError;
    for (int scale = std::max(0, middle - 1); scale <= std::min(kScales, middle + 1); ++scale) {
      const float step = fit.unit * static_cast<float>(scale);
      int min = nearest(line.low, fit.min_unit);
      for (int pass = 0; pass < 3; ++pass) {
        const float low = fit.min_unit * static_cast<float>(min);
        const LevelSums sums = SumsAt(group, InverseOf(step), low);
        const double with_these = ErrorOf(group, sums, step, low);
        if (with_these < error) {
          error = with_these;
          fit.scales[at] = {scale, min};
          fit.sums[at] = sums;
        }
        const double better = (static_cast<double>(step) * sums.q - group.wx) / group.w;
        const int next = nearest(std::max(0.0, better), fit.min_unit);
        if (next == min) break;
        min = next;
      }
    }
    return error;
  }

  void TryUnits(double unit, double min_unit) {
    Fit fit = {.unit = RoundToHalf(unit), .min_unit = RoundToHalf(min_unit), .error = 0};
    for (size_t i = 0; i < kGroups && fit.error < best_.error; ++i) {
      fit.error += FitGroup(groups_[i], lines_[i], fit, i);
    }
    if (fit.error < best_.error) best_ = fit;
  }

  static float RoundToHalf(double x) {
    return Float16ToFloat(FloatToFloat16(static_cast<float>(x)));
  }

  void FindUnits() {
    double step = 0, low = 0;
    for (const Line& line : lines_) {
      step = std::max(step, line.step);
      low = std::max(low, line.low);
    }
    best_.unit = RoundToHalf(step / kScales);
    best_.min_unit = RoundToHalf(low / kScales);
    if (!std::isfinite(best_.unit) || !std::isfinite(best_.min_unit)) return;  // too large
    // The largest step need not have the largest whole number: units a little larger may suit the
    // other groups better, or hit a number far from all others, which f16 units round.
    constexpr int kStarts = 6;
    for (int i = 0; i < kStarts; ++i) TryUnits(step / (kScales - i), low / (kScales - i));
    for (int round = 0; round < 2; ++round) Refit();
  }

  // The units with the least error for the whole numbers and levels found, then again those for the
  // units.
  void Refit() {
    double ss = 0, sm = 0, mm = 0, sx = 0, mx = 0;
    for (size_t i = 0; i < kGroups; ++i) {
      const double s = best_.scales[i].scale, m = best_.scales[i].min;
      ss += s * s * best_.sums[i].qq;
      sm += s * m * best_.sums[i].q;
      mm += m * m * groups_[i].w;
      sx += s * best_.sums[i].xq;
      mx += m * groups_[i].wx;
    }
    const double det = ss * mm - sm * sm;
    if (det > 1e-12 * ss * mm) {
      const double unit = (mm * sx - sm * mx) / det;
      const double min_unit = (sm * sx - ss * mx) / det;
      if (unit > 0 && min_unit > 0) TryUnits(unit, min_unit);
    } else if (ss > 0 && sx > 0) {
      TryUnits(sx / ss, best_.min_unit);
    }
  }

  std::array<Group, kGroups> groups_;
  std::array<Line, kGroups> lines_;
  Fit best_;
};

FourNumbers Magnitude(FourNumbers x) { return x < AllFour(0.0f) ? -x : x; }

// Small numbers count too: their weights are the root mean square of the group plus their size.
auto WeightsAroundTypical(const float* group) {
  float squares = 0;
  for (size_t i = 0; i < 32; ++i) squares += group[i] * group[i];
  const float typical = std::sqrt(squares / 32);
  return [typical](FourNumbers x) { return AllFour(typical) + Magnitude(x); };
}

void StoreHalves(float first, float second, std::byte* to) {
  StoreLittleEndian(FloatToFloat16(first), to);
  StoreLittleEndian(FloatToFloat16(second), to + 2);
}

template <int kLevels>
void EncodeGroupsOf32(const float* src, std::byte* block, std::byte* fifths, std::byte* nibbles) {
  const AffineBlock<32, kLevels, 63> fit(src, WeightsAroundTypical);
  StoreHalves(fit.unit(), fit.min_unit(), block);
  for (size_t i = 0; i < fit.kGroups; ++i) StoreScaleAndMin(fit.scale(i), i, block + 4);
  const auto levels = fit.Levels();
  for (size_t i = 0; i < kSuperBlock; ++i) {
    nibbles[i / 64 * 32 + i % 32] |= static_cast<std::byte>((levels[i] & 15) << (i % 64 / 32 * 4));
    if (kLevels > 15) fifths[i % 32] |= static_cast<std::byte>(levels[i] >> 4 << (i / 32));
  }
}

}  // namespace

void EncodeQ2_K(const float* src, std::byte* block) {
  const AffineBlock<16, 3, 15> fit(src, [](const float*) { return Magnitude; });
  std::fill_n(block, 84, std::byte{0});
  for (size_t i = 0; i < fit.kGroups; ++i) {
    block[i] = static_cast<std::byte>(fit.scale(i).scale | fit.scale(i).min << 4);
  }
  const auto levels = fit.Levels();
  for (size_t i = 0; i < kSuperBlock; ++i) {
    const TwoBitPlace place = PlaceOfTwoBits(i);
    block[16 + place.byte] |= static_cast<std::byte>(levels[i] << place.shift);
  }
  StoreHalves(fit.unit(), fit.min_unit(), block + 80);
}

void EncodeQ4_K(const float* src, std::byte* block) {
  std::fill_n(block, 144, std::byte{0});
  EncodeGroupsOf32<15>(src, block, nullptr, block + 16);
}

void EncodeQ5_K(const float* src, std::byte* block) {
  std::fill_n(block, 176, std::byte{0});
  EncodeGroupsOf32<31>(src, block, block + 16, block + 48);
}

}  // namespace tare
