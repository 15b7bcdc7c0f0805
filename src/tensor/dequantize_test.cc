#include "tensor/dequantize.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "base/testing/test_paths.h"
#include "tensor/half.h"
#include "tensor/little_endian.h"
#include "tensor/testing/hex.h"

namespace tare {
namespace {

// A row of `blocks` blocks whose bytes are all zero, one byte off any alignment.
struct Row {
  Row(DType dtype, size_t blocks) : bytes(1 + blocks * BlockBytes(dtype)), type(dtype) {}
  std::byte* block(size_t index) { return bytes.data() + 1 + index * BlockBytes(type); }
  void SetHalf(size_t index, size_t offset, float value) {
    StoreLittleEndian(FloatToFloat16(value), block(index) + offset);
  }
  std::vector<float> Dequantize() {
    std::vector<float> out((bytes.size() - 1) / BlockBytes(type) * BlockElements(type));
    DequantizeRow(type, block(0), out.size(), out.data());
    return out;
  }
  std::vector<std::byte> bytes;
  DType type;
};

TEST(DequantizeTest, Q8_0IsScaleTimesSignedByte) {
  Row row(DType::kQ8_0, 2);
  row.SetHalf(0, 0, 0.5f);
  row.SetHalf(1, 0, -2.0f);
  row.block(0)[2 + 0] = std::byte{127};
  row.block(0)[2 + 31] = std::byte{0x80};
  row.block(1)[2 + 5] = std::byte{3};
  const auto out = row.Dequantize();
  ASSERT_EQ(out.size(), 64u);
  EXPECT_EQ(out[0], 63.5f);
  EXPECT_EQ(out[31], -64.0f);
  EXPECT_EQ(out[32 + 5], -6.0f);
  EXPECT_EQ(out[1], 0.0f);
}

TEST(DequantizeTest, Q4_0CentresNibblesOnEight) {
  Row row(DType::kQ4_0, 1);
  row.SetHalf(0, 0, 0.25f);
  for (size_t i = 0; i < 16; ++i) {
    row.block(0)[2 + i] = static_cast<std::byte>(i | ((15 - i) << 4));
  }
  const auto out = row.Dequantize();
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(out[i], 0.25f * static_cast<float>(i - 8));
    EXPECT_EQ(out[16 + i], 0.25f * static_cast<float>(7 - i));
  }
}

TEST(DequantizeTest, Q4_1AddsTheMinimum) {
  Row row(DType::kQ4_1, 2);
  row.SetHalf(1, 0, 0.5f);
  row.SetHalf(1, 2, -3.0f);
  for (size_t i = 0; i < 16; ++i) {
    row.block(1)[4 + i] = static_cast<std::byte>(i | ((15 - i) << 4));
  }
  const auto out = row.Dequantize();
  EXPECT_EQ(out[0], 0.0f);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(out[32 + i], 0.5f * static_cast<float>(i) - 3.0f);
    EXPECT_EQ(out[48 + i], 0.5f * static_cast<float>(15 - i) - 3.0f);
  }
}

TEST(DequantizeTest, FloatsWidenExactly) {
  Row halves(DType::kF16, 2);
  StoreLittleEndian<uint16_t>(0x0001, halves.block(0));
  StoreLittleEndian<uint16_t>(0xc000, halves.block(1));
  EXPECT_EQ(halves.Dequantize(), (std::vector<float>{0x1p-24f, -2.0f}));

  Row brains(DType::kBF16, 2);
  StoreLittleEndian<uint16_t>(0x3f80, brains.block(0));
  StoreLittleEndian<uint16_t>(0xc040, brains.block(1));
  EXPECT_EQ(brains.Dequantize(), (std::vector<float>{1.0f, -3.0f}));

  Row floats(DType::kF32, 2);
  StoreLittleEndian(1.0e-40f, floats.block(0));
  StoreLittleEndian(3.25f, floats.block(1));
  EXPECT_EQ(floats.Dequantize(), (std::vector<float>{1.0e-40f, 3.25f}));
}

// A line of tests/golden/dequantize.txt, by make_dequantize.py.
struct GoldenBlocks {
  std::string name;
  uint32_t gguf_type = 0, elements = 0, bytes = 0, gguf_file_type = 0;
  std::string blocks, values;
};

TEST(DequantizeTest, GivesTheValuesOfTheGgufPackage) {
  std::ifstream in(SourceFile("tests/golden/dequantize.txt"));
  std::set<std::string_view> compared;
  for (GoldenBlocks golden; in >> golden.name >> golden.gguf_type >> golden.elements >>
                            golden.bytes >> golden.gguf_file_type >> golden.blocks >>
                            golden.values;) {
    const auto row = std::ranges::find(kDTypeRows, golden.name, &DTypeRow::name);
    ASSERT_NE(row, std::end(kDTypeRows)) << golden.name;
    EXPECT_EQ(row->gguf_type, golden.gguf_type) << golden.name;
    EXPECT_EQ(row->gguf_file_type, golden.gguf_file_type) << golden.name;
    ASSERT_EQ(row->block_elements, golden.elements) << golden.name;
    ASSERT_EQ(row->block_bytes, golden.bytes) << golden.name;
    const std::vector<std::byte> blocks = FromHex(golden.blocks);
    std::vector<float> values(blocks.size() / row->block_bytes * row->block_elements);
    DequantizeRow(row->type, blocks.data(), values.size(), values.data());
    const std::vector<std::byte> bytes = FromHex(golden.values);
    std::vector<float> expected(values.size());
    ASSERT_EQ(bytes.size(), expected.size() * sizeof(float)) << golden.name;
    std::memcpy(expected.data(), bytes.data(), bytes.size());
    // All zeros of Q4_0 are positive here, those of a negative scale too.
    if (row->type == DType::kQ4_0) std::ranges::replace(expected, 0.0f, 0.0f);
    EXPECT_EQ(std::memcmp(values.data(), expected.data(), bytes.size()), 0) << golden.name;
    compared.insert(row->name);
  }
  for (const DTypeRow& row : kDTypeRows) {
    EXPECT_EQ(compared.contains(row.name), row.kind == DTypeKind::kBlocks) << row.name;
  }
}

TEST(DequantizeDeathTest, NothingDecodesNumbersThatAreNoWeights) {
  const std::vector<std::byte> bytes(4);
  float out = 0;
  EXPECT_DEATH(DequantizeRow(DType::kI32, bytes.data(), 1, &out), "nothing decodes .* i32");
}

TEST(DequantizeDeathTest, ACutBlockIsABugOfTheCaller) {
  std::vector<std::byte> bytes(34);
  std::vector<float> out(32);
  EXPECT_DEATH(DequantizeRow(DType::kQ8_0, bytes.data(), 31, out.data()), "31|CHECK");
}

}  // namespace
}  // namespace tare
