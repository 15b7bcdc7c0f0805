#ifndef TARE_TENSOR_WEIGHTED_GROUP_H_
#define TARE_TENSOR_WEIGHTED_GROUP_H_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace tare {

// What encoders of block types do for each group of numbers, over and over: round all of them to
// levels and weigh the squared errors. Written for vectors of four, which GCC and Clang have on any
// machine.
typedef float FourNumbers __attribute__((vector_size(16)));
typedef int32_t FourIntegers __attribute__((vector_size(16)));

// Of no rounding yet.
inline constexpr double kWorstError = std::numeric_limits<double>::infinity();

inline FourNumbers AllFour(float x) { return FourNumbers{x, x, x, x}; }
inline float SumOf(FourNumbers x) { return (x[0] + x[2]) + (x[1] + x[3]); }

// The nearest integer in [low, high]; low for NaN. |low| and |high| are below 2^22.
inline FourNumbers NearestInteger(FourNumbers x, FourNumbers low, FourNumbers high) {
  const FourNumbers kShift = AllFour(0x1.8p23f);  // numbers this large have no fraction: it rounds
  x = x > low ? x : low;
  x = x < high ? x : high;
  return (x + kShift) - kShift;
}

// 1 / step; 0 for 0.
inline float InverseOf(float step) { return step == 0.0f ? 0.0f : 1.0f / step; }

// Numbers and their weights, with what no rounding changes. The weighted squared error of any
// rounding then follows from a few sums over its levels.
template <size_t kSize>
struct WeightedGroup {
  static constexpr size_t kVectors = kSize / 4;
  std::array<FourNumbers, kVectors> x = {};
  std::array<FourNumbers, kVectors> weight = {};
  double w = 0;    // the sum of weights
  double wx = 0;   // of weight * x
  double wxx = 0;  // of weight * x²
  float least = 0;
  float most = 0;

  // weight_of: the weight of a FourNumbers.
  template <typename WeightOf>
  void Load(const float* from, const WeightOf& weight_of) {
    FourNumbers sums[3] = {};
    for (size_t i = 0; i < kVectors; ++i) {
      for (size_t lane = 0; lane < 4; ++lane) x[i][lane] = from[4 * i + lane];
      weight[i] = weight_of(x[i]);
      const FourNumbers weighted = weight[i] * x[i];
      sums[0] += weight[i];
      sums[1] += weighted;
      sums[2] += weighted * x[i];
    }
    w = SumOf(sums[0]);
    wx = SumOf(sums[1]);
    wxx = SumOf(sums[2]);
    least = *std::min_element(from, from + kSize);
    most = *std::max_element(from, from + kSize);
  }
};

// Sums over the levels q that a group's numbers were rounded to.
struct LevelSums {
  double q = 0;   // of weight * q
  double qq = 0;  // of weight * q²
  double xq = 0;  // of weight * x * q
};

// level_of: FourNumbers to their levels.
template <size_t kSize, typename LevelOf>
inline LevelSums SumLevels(const WeightedGroup<kSize>& group, const LevelOf& level_of) {
  FourNumbers sums[3] = {};
  for (size_t i = 0; i < group.kVectors; ++i) {
    const FourNumbers level = level_of(group.x[i]);
    const FourNumbers weighted = group.weight[i] * level;
    sums[0] += weighted;
    sums[1] += weighted * level;
    sums[2] += weighted * group.x[i];
  }
  return {.q = SumOf(sums[0]), .qq = SumOf(sums[1]), .xq = SumOf(sums[2])};
}

}  // namespace tare

#endif  // TARE_TENSOR_WEIGHTED_GROUP_H_
