#include "tensor/quantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>
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

TEST(QuantizeTest, ScalesTooSmallToInvertStayHarmless) {
  std::vector<float> row(32, 1.0e-41f);
  row[3] = -1.0e-41f;
  for (const DType type : {DType::kQ8_0, DType::kQ4_0, DType::kQ4_1, DType::kQ5_0, DType::kQ5_1}) {
    for (const float x : Dequantize(type, Quantize(type, row))) EXPECT_EQ(x, 0.0f);
  }
}

}  // namespace
}  // namespace tare
