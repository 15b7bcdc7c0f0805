#include "tools/convert/convert_tensor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "tensor/quantize.h"

namespace tare {
namespace {

using testing::HasSubstr;

// Output n of input k, in what a part holds: all different.
float ValueAt(size_t n, size_t k) { return static_cast<float>(n * 1000 + k) + 0.5f; }

std::vector<float> Stored(WeightLayout layout, size_t outputs, size_t inputs) {
  std::vector<float> numbers(outputs * inputs);
  for (size_t n = 0; n < outputs; ++n) {
    for (size_t k = 0; k < inputs; ++k) {
      numbers[layout == WeightLayout::kOutIn ? n * inputs + k : k * outputs + n] = ValueAt(n, k);
    }
  }
  return numbers;
}

WeightPart PartOf(const std::vector<float>& numbers, WeightLayout layout, size_t outputs,
                  size_t inputs) {
  const Shape shape =
      layout == WeightLayout::kOutIn ? Shape{outputs, inputs} : Shape{inputs, outputs};
  return {.stored = {DType::kF32, shape, reinterpret_cast<const std::byte*>(numbers.data())},
          .layout = layout,
          .stored_outputs = outputs,
          .outputs = outputs};
}

class ConvertTensorTest
    : public testing::TestWithParam<std::tuple<WeightLayout, WeightLayout, HeadOrder>> {
 protected:
  Status Write(const PlannedTensor& tensor) {
    auto converter = TensorConverter::Create(
        [this](std::string_view, std::span<const std::byte> bytes) {
          bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
          return Status();
        },
        [this](std::span<const std::byte> bytes) { dropped_ += bytes.size(); });
    return converter.ok() ? converter->Write(tensor) : converter.error();
  }

  std::vector<float> Floats() const {
    std::vector<float> numbers(bytes_.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes_.data(), bytes_.size());
    return numbers;
  }

  std::vector<std::byte> bytes_;
  size_t dropped_ = 0;
};

TEST_P(ConvertTensorTest, PutsEveryNumberInItsPlace) {
  auto [from, to, order] = GetParam();
  // No format keeps rows of kInOut interleaved.
  if (from == WeightLayout::kInOut && to == from) order = HeadOrder::kSame;
  constexpr size_t kOutputs = 42;  // of which heads of 6 are taken from 12 on
  constexpr size_t kInputs = 35;
  constexpr size_t kFirst = 12;
  constexpr size_t kTaken = 24;
  constexpr size_t kHead = 6;
  const std::vector<float> a = Stored(from, kOutputs, kInputs);
  WeightPart slice = PartOf(a, from, kOutputs, kInputs);
  slice.first = kFirst;
  slice.outputs = kTaken;
  slice.order = order;
  slice.head_size = kHead;
  const WeightPart whole = PartOf(a, from, kOutputs, kInputs);
  const size_t outputs = kTaken + kOutputs;
  const PlannedTensor tensor = {
      .name = "t",
      .shape = to == WeightLayout::kOutIn ? Shape{outputs, kInputs} : Shape{kInputs, outputs},
      .layout = to,
      .inputs = kInputs,
      .parts = {slice, whole}};
  ASSERT_TRUE(Write(tensor).ok());
  const std::vector<float> written = Floats();
  ASSERT_EQ(written.size(), outputs * kInputs);
  for (size_t n = 0; n < outputs; ++n) {
    size_t source = n - kTaken;
    if (n < kTaken) {
      const size_t at = n % kHead;
      const size_t moved = order == HeadOrder::kInterleave ? at / 2 + at % 2 * 3
                           : order == HeadOrder::kSplit    ? at % 3 * 2 + at / 3
                                                           : at;
      source = kFirst + n - at + moved;
    }
    for (size_t k = 0; k < kInputs; ++k) {
      const size_t index = to == WeightLayout::kOutIn ? n * kInputs + k : k * outputs + n;
      ASSERT_EQ(written[index], ValueAt(source, k)) << n << " " << k;
    }
  }
  EXPECT_GT(dropped_, 0u);
}

constexpr WeightLayout kLayouts[] = {WeightLayout::kOutIn, WeightLayout::kInOut};
INSTANTIATE_TEST_SUITE_P(
    Layouts, ConvertTensorTest,
    testing::Combine(testing::ValuesIn(kLayouts), testing::ValuesIn(kLayouts),
                     testing::Values(HeadOrder::kSame, HeadOrder::kInterleave, HeadOrder::kSplit)),
    [](const auto& param_info) { return "case" + std::to_string(param_info.index); });

using ConvertLargeTensorTest = ConvertTensorTest;

// More than a tile, so that it goes in several, the last of them narrower.
TEST_F(ConvertLargeTensorTest, TurnsAMatrixOfSeveralTiles) {
  constexpr size_t kOutputs = 1030;
  constexpr size_t kInputs = 5000;
  const std::vector<float> numbers = Stored(WeightLayout::kInOut, kOutputs, kInputs);
  const PlannedTensor tensor = {
      .name = "t",
      .shape = {kOutputs, kInputs},
      .layout = WeightLayout::kOutIn,
      .inputs = kInputs,
      .parts = {PartOf(numbers, WeightLayout::kInOut, kOutputs, kInputs)}};
  ASSERT_TRUE(Write(tensor).ok());
  EXPECT_EQ(Floats(), Stored(WeightLayout::kOutIn, kOutputs, kInputs));
}

TEST_F(ConvertLargeTensorTest, BlocksGoThroughTurnedToo) {
  constexpr size_t kOutputs = 3;
  constexpr size_t kInputs = 64;
  std::vector<float> numbers(kOutputs * kInputs);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i % 31) - 15.0f;
  std::vector<std::byte> blocks(*ByteSize(DType::kQ8_0, {kOutputs, kInputs}));
  QuantizeRow(DType::kQ8_0, numbers.data(), numbers.size(), blocks.data());
  WeightPart part = PartOf(numbers, WeightLayout::kOutIn, kOutputs, kInputs);
  part.stored = {DType::kQ8_0, {kOutputs, kInputs}, blocks.data()};
  const PlannedTensor tensor = {.name = "t",
                                .shape = {kInputs, kOutputs},
                                .layout = WeightLayout::kInOut,
                                .inputs = kInputs,
                                .parts = {part}};
  ASSERT_TRUE(Write(tensor).ok());
  const std::vector<float> written = Floats();
  ASSERT_EQ(written.size(), numbers.size());
  for (size_t n = 0; n < kOutputs; ++n) {
    for (size_t k = 0; k < kInputs; ++k) {
      EXPECT_NEAR(written[k * kOutputs + n], numbers[n * kInputs + k], 15.0f / 127.0f);
    }
  }
}

TEST_F(ConvertLargeTensorTest, RefusesWhatIsTooLargeForF16) {
  const std::vector<float> numbers = {1.0f, 1e6f};
  PlannedTensor tensor = {.name = "t",
                          .dtype = DType::kF16,
                          .shape = {2},
                          .layout = WeightLayout::kInOut,
                          .inputs = 1,
                          .parts = {PartOf(numbers, WeightLayout::kInOut, 2, 1)}};
  const Status written = Write(tensor);
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message(), HasSubstr("too large for f16"));
}

TEST(FitsExactlyTest, TellsValuesThatRoundingChanges) {
  const auto drop = [](std::span<const std::byte>) {};
  const std::vector<float> fits = {1.0f, -0.0f, 0.15625f};
  const std::vector<float> rounds = {1.0f, 0.1f};
  const auto view = [](const std::vector<float>& numbers) {
    return TensorView{
        DType::kF32, {numbers.size()}, reinterpret_cast<const std::byte*>(numbers.data())};
  };
  EXPECT_TRUE(FitsExactly(view(fits), DType::kF16, drop));
  EXPECT_TRUE(FitsExactly(view(fits), DType::kBF16, drop));
  EXPECT_FALSE(FitsExactly(view(rounds), DType::kF16, drop));
  EXPECT_FALSE(FitsExactly(view(rounds), DType::kBF16, drop));
}

}  // namespace
}  // namespace tare
