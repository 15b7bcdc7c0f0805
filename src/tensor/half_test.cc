#include "tensor/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tare {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

// Says the value of half bits through arithmetic alone.
double HalfByDefinition(uint32_t bits) {
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  const int exponent = static_cast<int>((bits >> 10) & 0x1f);
  const double mantissa = bits & 0x3ff;
  if (exponent == 31) return mantissa == 0 ? sign * HUGE_VAL : std::nan("");
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(1024 + mantissa, exponent - 25);
}

TEST(HalfTest, EveryHalfWidensToItsDefinition) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const float wide = Float16ToFloat(static_cast<uint16_t>(bits));
    const double expected = HalfByDefinition(bits);
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(wide)) << bits;
    } else {
      ASSERT_EQ(static_cast<double>(wide), expected) << bits;
    }
    ASSERT_EQ(std::signbit(wide), (bits & 0x8000) != 0) << bits;
  }
}

TEST(HalfTest, EveryHalfComesBackAsItWas) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const bool is_nan = (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff) != 0;
    const uint32_t quiet = is_nan ? bits | 0x200 : bits;
    ASSERT_EQ(FloatToFloat16(Float16ToFloat(static_cast<uint16_t>(bits))), quiet) << bits;
  }
}

TEST(HalfTest, EveryBFloat16ComesBackAsItWas) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const bool is_nan = (bits & 0x7f80) == 0x7f80 && (bits & 0x7f) != 0;
    const uint32_t quiet = is_nan ? bits | 0x40 : bits;
    ASSERT_EQ(FloatToBFloat16(BFloat16ToFloat(static_cast<uint16_t>(bits))), quiet) << bits;
  }
}

// Between each pair of finite neighbours: just below the middle goes down, the middle goes to the
// even one, just above goes up.
TEST(HalfTest, NarrowingRoundsToNearestTiesToEven) {
  for (uint16_t low = 0; low < 0x7bff; ++low) {
    const uint16_t high = static_cast<uint16_t>(low + 1);
    const float middle = (Float16ToFloat(low) + Float16ToFloat(high)) / 2;
    ASSERT_EQ(FloatToFloat16(middle), low % 2 == 0 ? low : high) << low;
    ASSERT_EQ(FloatToFloat16(std::nextafter(middle, 0.0f)), low) << low;
    ASSERT_EQ(FloatToFloat16(std::nextafter(middle, kInfinity)), high) << low;
    ASSERT_EQ(FloatToFloat16(-middle), (low % 2 == 0 ? low : high) | 0x8000) << low;
  }
}

TEST(HalfTest, BFloat16NarrowingRoundsToNearestTiesToEven) {
  for (uint16_t low = 0; low < 0x7f7f; ++low) {
    const uint16_t high = static_cast<uint16_t>(low + 1);
    const float middle = std::bit_cast<float>((static_cast<uint32_t>(low) << 16) + 0x8000);
    ASSERT_EQ(FloatToBFloat16(middle), low % 2 == 0 ? low : high) << low;
    ASSERT_EQ(FloatToBFloat16(std::nextafter(middle, 0.0f)), low) << low;
    ASSERT_EQ(FloatToBFloat16(std::nextafter(middle, kInfinity)), high) << low;
  }
}

TEST(HalfTest, OverflowsToInfinityFromHalfwayOn) {
  EXPECT_EQ(FloatToFloat16(65504.0f), 0x7bff);
  EXPECT_EQ(FloatToFloat16(std::nextafter(65520.0f, 0.0f)), 0x7bff);
  EXPECT_EQ(FloatToFloat16(65520.0f), 0x7c00);
  EXPECT_EQ(FloatToFloat16(-1e30f), 0xfc00);
  EXPECT_EQ(FloatToFloat16(kInfinity), 0x7c00);
  EXPECT_EQ(FloatToBFloat16(std::numeric_limits<float>::max()), 0x7f80);
  EXPECT_EQ(FloatToBFloat16(-kInfinity), 0xff80);
}

TEST(HalfTest, TinyValuesBecomeZeroOfTheirSign) {
  EXPECT_EQ(FloatToFloat16(0x1p-25f), 0);  // halfway from zero to the smallest: to even
  EXPECT_EQ(FloatToFloat16(std::nextafter(0x1p-25f, 1.0f)), 1);
  EXPECT_EQ(FloatToFloat16(-0x1p-30f), 0x8000);
  EXPECT_EQ(FloatToFloat16(-0.0f), 0x8000);
}

TEST(HalfTest, ANanStaysANanWhateverItsPayload) {
  const float low_payload = std::bit_cast<float>(0x7f800001u);
  EXPECT_TRUE(std::isnan(Float16ToFloat(FloatToFloat16(low_payload))));
  EXPECT_TRUE(std::isnan(BFloat16ToFloat(FloatToBFloat16(low_payload))));
}

}  // namespace
}  // namespace tare
