#include "tensor/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/testing/test_paths.h"
#include "tensor/dequantize.h"
#include "tensor/half.h"
#include "tensor/little_endian.h"
#include "tensor/testing/hex.h"

namespace tare {
namespace {

// Type name → bytes, from tests/golden/make_quantize.py.
std::map<std::string, std::vector<std::byte>> ReadGolden() {
  std::ifstream in(SourceFile("tests/golden/quantize.txt"));
  std::map<std::string, std::vector<std::byte>> rows;
  for (std::string type, hex; in >> type >> hex;) rows[type] = FromHex(hex);
  return rows;
}

std::vector<std::byte> Quantize(DType type, const std::vector<float>& row) {
  std::vector<std::byte> out(row.size() / BlockElements(type) * BlockBytes(type));
  QuantizeRow(type, row.data(), row.size(), out.data());
  return out;
}

std::vector<float> Dequantize(DType type, const std::vector<std::byte>& bytes) {
  std::vector<float> out(bytes.size() / BlockBytes(type) * BlockElements(type));
  DequantizeRow(type, bytes.data(), out.size(), out.data());
  return out;
}

TEST(QuantizeTest, GivesTheBytesOfTheReferenceQuantisers) {
  const auto golden = ReadGolden();
  ASSERT_EQ(golden.size(), 8u);
  const std::vector<float> row = Dequantize(DType::kF32, golden.at("f32"));
  ASSERT_EQ(row.size() % 32, 0u);
  size_t compared = 0;
  for (const auto& [name, expected] : golden) {
    for (const DType type : kAllDTypes) {
      if (DTypeName(type) != name) continue;
      EXPECT_TRUE(CanQuantize(type)) << name;
      EXPECT_EQ(Quantize(type, row), expected) << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, golden.size());
}

// Half a step of the grid, plus what rounding the scale (and the minimum) to f16 adds. The grids of
// Q4_0 and Q5_0 are one step short on the side away from the largest magnitude.
double LargestError(DType type, const float* block, const std::byte* stored) {
  const double scale = std::abs(Float16ToFloat(LoadLittleEndian<uint16_t>(stored)));
  double largest = 0;
  for (size_t i = 0; i < 32; ++i) largest = std::max(largest, std::abs(double{block[i]}));
  const double half_rounding = 0x1p-11 * (2 * largest) + 0x1p-24 * 32;
  const bool is_short = type == DType::kQ4_0 || type == DType::kQ5_0;
  return (is_short ? 1.0 : 0.5) * scale * (1 + 0x1p-10) + 2 * half_rounding;
}

TEST(QuantizeTest, ComesBackWithinHalfAStep) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal(0.1f, 1.0f);
  for (const DType type : {DType::kQ8_0, DType::kQ4_0, DType::kQ4_1, DType::kQ5_0, DType::kQ5_1}) {
    std::vector<float> row(32 * 100);
    for (float& x : row) x = normal(random);
    const auto stored = Quantize(type, row);
    const auto back = Dequantize(type, stored);
    for (size_t i = 0; i < row.size(); ++i) {
      const size_t block = i / 32;
      const double bound =
          LargestError(type, &row[block * 32], stored.data() + block * BlockBytes(type));
      ASSERT_LE(std::abs(double{row[i]} - double{back[i]}), bound) << DTypeName(type) << " " << i;
    }
  }
}

TEST(QuantizeTest, WhatTheTypeHoldsComesBackExactly) {
  std::vector<float> row(32);
  for (size_t i = 0; i < 32; ++i) row[i] = 0.25f * (static_cast<float>(i % 16) - 8.0f);
  EXPECT_EQ(Dequantize(DType::kQ4_0, Quantize(DType::kQ4_0, row)), row);
  EXPECT_EQ(Dequantize(DType::kQ4_1, Quantize(DType::kQ4_1, row)), row);
  EXPECT_EQ(Dequantize(DType::kQ5_0, Quantize(DType::kQ5_0, row)), row);
  for (size_t i = 0; i < 32; ++i) row[i] = 0.25f * static_cast<float>(i) - 3.0f;
  EXPECT_EQ(Dequantize(DType::kQ5_1, Quantize(DType::kQ5_1, row)), row);
  for (const DType type : {DType::kF32, DType::kF16, DType::kBF16}) {
    EXPECT_EQ(Dequantize(type, Quantize(type, row)), row) << DTypeName(type);
  }
}

// Numbers that are nearly Gaussian, or their cubes, which have heavy tails: the rows of
// tests/golden/make_quantize_error.py.
std::vector<float> SharedRow(size_t n, bool heavy) {
  uint64_t state = 20261129;
  std::vector<float> row(n);
  for (float& x : row) {
    int64_t sum = -6 * 65535;
    for (int i = 0; i < 12; ++i) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      sum += static_cast<int64_t>(state >> 48);
    }
    x = static_cast<float>(sum) / 65536.0f;
    if (heavy) x = x * x * x;
  }
  return row;
}

// The weights of make_quantize_error.py.
std::vector<double> Weights(const std::string& kind, const std::vector<float>& row) {
  std::vector<double> weights(row.size());
  for (size_t i = 0; i < row.size(); ++i) {
    const double x = std::abs(double{row[i]});
    double squares = 0;
    for (size_t j = i / 32 * 32; j < i / 32 * 32 + 32; ++j) squares += double{row[j]} * row[j];
    weights[i] = kind == "square" ? x * x : kind == "size" ? x : x + std::sqrt(squares / 32);
  }
  return weights;
}

TEST(QuantizeTest, LosesNoMoreThanTheReferenceQuantisers) {
  std::ifstream in(SourceFile("tests/golden/quantize_error.txt"));
  size_t compared = 0;
  std::string name, kind, weighting;
  for (double reference = 0; in >> name >> kind >> weighting >> reference; ++compared) {
    const auto row = std::ranges::find(kDTypeRows, name, &DTypeRow::name);
    ASSERT_NE(row, std::end(kDTypeRows)) << name;
    const std::vector<float> exact = SharedRow(16384, kind == "heavy");
    const std::vector<float> back = Dequantize(row->type, Quantize(row->type, exact));
    const std::vector<double> weights = Weights(weighting, exact);
    double error = 0;
    for (size_t i = 0; i < exact.size(); ++i) {
      const double off = double{exact[i]} - double{back[i]};
      error += weights[i] * off * off;
    }
    EXPECT_TRUE(error <= reference) << name << " " << kind << ": " << error << ", " << reference;
    EXPECT_TRUE(error > 0.5 * reference) << "are these the rows of the reference?";
  }
  EXPECT_EQ(compared, 16u);
}

TEST(QuantizeTest, Q6_KHoldsScaledIntegersExactly) {
  std::vector<float> row(256);
  for (size_t i = 0; i < row.size(); ++i) {
    const size_t quant = i % 16 == 5 ? 0 : i * 13 % 64;
    row[i] = static_cast<float>(i / 16 + 1) * (static_cast<float>(quant) - 32.0f) / 32.0f;
  }
  EXPECT_EQ(Dequantize(DType::kQ6_K, Quantize(DType::kQ6_K, row)), row);
}

TEST(QuantizeTest, ATypeDoesNotHideNumbersThatItsScaleCannotReach) {
  std::vector<float> row(256, 1.0f);
  for (const float large : {1e12f, -1e12f, 3e20f, 1e38f}) {
    row[77] = large;
    for (const DType type : kAllDTypes) {
      // The scale of MXFP4 is a power of two, up to the largest of f32.
      if (!IsBlockQuantized(type) || type == DType::kMXFP4) continue;
      EXPECT_FALSE(std::isfinite(Dequantize(type, Quantize(type, row))[77]))
          << DTypeName(type) << " " << large;
    }
  }
}

TEST(QuantizeTest, MXFP4HoldsItsOwnNumbersExactly) {
  std::vector<float> row(32);
  for (const float scale : {1.0f, 0x1p-100f, 0x1p120f}) {
    for (size_t i = 0; i < row.size(); ++i) {
      const float levels[] = {0, 0.5f, 1, 1.5f, 2, 3, 4, 6, -0.5f, -1, -1.5f, -2, -3, -4, -6};
      row[i] = scale * levels[i * 7 % 15];
    }
    EXPECT_EQ(Dequantize(DType::kMXFP4, Quantize(DType::kMXFP4, row)), row) << scale;
  }
}

// The numbers of a row that a type holds are found again: each group has its own scale, and the
// ends of its grid occur.
TEST(QuantizeTest, ABlockOfScaledLevelsComesBackNearlyExactly) {
  const float iq4[] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
  std::vector<float> q3(256), q4(256), nonlinear(256);
  for (size_t i = 0; i < 256; ++i) {
    const size_t mixed = i * 7;
    q3[i] = static_cast<float>(i / 16 + 1) * (static_cast<float>(mixed % 8) - 4.0f);
    q4[i] = static_cast<float>(8 + i / 32) * static_cast<float>(mixed % 16) -
            3.0f * static_cast<float>(8 + i / 32);
    nonlinear[i] = static_cast<float>(i / 32 + 3) * iq4[mixed % 16];
  }
  const auto expect_near = [](DType type, const std::vector<float>& row, float tolerance) {
    const std::vector<float> back = Dequantize(type, Quantize(type, row));
    for (size_t i = 0; i < row.size(); ++i) {
      EXPECT_NEAR(back[i], row[i], tolerance) << DTypeName(type) << " " << i;
    }
  };
  // A whole number of 6 bits is at most half a unit off, and a level at most 127 steps.
  expect_near(DType::kQ3_K, q3, 4 * 0.5f * 16 / 31);
  expect_near(DType::kQ4_K, q4, 15 * 0.5f * 15 / 63 + 0.5f * 45 / 63);
  expect_near(DType::kIQ4_XS, nonlinear, 127 * 0.5f * 10 / 31);
}

TEST(QuantizeTest, NumbersThatAreNotFiniteAreHarmless) {
  for (const float bad : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    for (const DType type : kAllDTypes) {
      if (!IsBlockQuantized(type)) continue;
      std::vector<float> row(256, 1.0f);
      row[3] = row[200] = bad;
      EXPECT_EQ(Dequantize(type, Quantize(type, row)).size(), row.size()) << DTypeName(type);
    }
  }
}

TEST(QuantizeTest, ScalesTooSmallToInvertStayHarmless) {
  std::vector<float> row(256, 1.0e-41f);
  row[3] = -1.0e-41f;
  for (const DType type : kAllDTypes) {
    if (!IsBlockQuantized(type) || !CanQuantize(type)) continue;
    for (const float x : Dequantize(type, Quantize(type, row))) EXPECT_EQ(x, 0.0f);
  }
}

}  // namespace
}  // namespace tare
