#include "kernels/rope.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "kernels/kernel_testing.h"

namespace tare {
namespace {

std::vector<float> Frequencies(size_t head_size, double base) {
  std::vector<float> inv_freq(head_size / 2);
  for (size_t i = 0; i < inv_freq.size(); ++i) {
    inv_freq[i] = static_cast<float>(
        std::pow(base, -2.0 * static_cast<double>(i) / static_cast<double>(head_size)));
  }
  return inv_freq;
}

class RopeTest : public EveryIsa {
 protected:
  void Run(const RopeArgs& args, size_t threads) {
    RunOnThreads(
        threads, kernels().rope_scratch_bytes(args),
        [&](ThreadSlice slice, std::byte* scratch) { kernels().rope(args, slice, scratch); });
  }
};
TARE_INSTANTIATE_EVERY_ISA(RopeTest);

TEST_P(RopeTest, AgreesWithTheReferenceForBothPairings) {
  for (RopePairing pairing : {RopePairing::kHalf, RopePairing::kInterleaved}) {
    for (size_t head_size : {2, 6, 10, 64, 70, 128}) {
      for (size_t t : {1, 5}) {
        SCOPED_TRACE(testing::Message() << "d " << head_size << " t " << t);
        const size_t heads = 3;
        const size_t stride = heads * head_size + 5;
        const std::vector<float> x = RandomFloats(t * stride + 1, 1);
        const std::vector<float> inv_freq = Frequencies(head_size, 10000.0);
        std::vector<float> want(t * stride, 7.0f), got = want;
        RopeArgs args = {
            x.data() + 1, stride,  want.data(), stride, inv_freq.data(), t, heads, head_size,
            1234,         pairing, 0,           1.0f};
        RopeReference(args);
        args.out = got.data();
        Run(args, 2);
        const CompareReport report = CompareClose(got, want, 6 * kUnitRoundoff);
        EXPECT_TRUE(report.close) << report.message;
      }
    }
  }
}

TEST_P(RopeTest, RotatesAPartOfEachHeadAndScalesIt) {
  for (RopePairing pairing : {RopePairing::kHalf, RopePairing::kInterleaved}) {
    for (size_t rotated : {2, 6, 10, 48}) {
      const size_t t = 5, heads = 3, head_size = 50, stride = heads * head_size;
      const std::vector<float> x = RandomFloats(t * stride, 1);
      const std::vector<float> inv_freq = Frequencies(rotated, 10000.0);
      std::vector<float> want(t * stride), got(t * stride);
      RopeArgs args = {.x = x.data(),
                       .x_stride = stride,
                       .out = want.data(),
                       .out_stride = stride,
                       .inv_freq = inv_freq.data(),
                       .t = t,
                       .heads = heads,
                       .head_size = head_size,
                       .start = 77,
                       .pairing = pairing,
                       .rotated = rotated,
                       .scale = 1.25f};
      RopeReference(args);
      args.out = got.data();
      Run(args, 2);
      // Of a rotation as above, and of one more product on either side.
      const CompareReport report = CompareClose(got, want, 9 * kUnitRoundoff * args.scale);
      EXPECT_TRUE(report.close) << report.message;
      EXPECT_EQ(got[head_size - 1], x[head_size - 1]);
    }
  }
}

TEST_P(RopeTest, KeepsItsAccuracyAtFarPositions) {
  // With x = (1, 0) the output is (cos, sin) of the angle itself.
  for (double base : {10000.0, 100000.0, 500000.0}) {
    const size_t head_size = 64;
    const std::vector<float> inv_freq = Frequencies(head_size, base);
    std::vector<float> x(head_size, 0.0f);
    std::fill_n(x.begin(), head_size / 2, 1.0f);
    float worst = 0;
    for (size_t start : {0, 1, 2, 100, 8191, 65537, 100003, 131071, 131072}) {
      std::vector<float> want(head_size), got(head_size);
      RopeArgs args = {x.data(), head_size, want.data(), head_size, inv_freq.data(),
                       1,        1,         head_size,   start,     RopePairing::kHalf,
                       0,        1.0f};
      RopeReference(args);
      args.out = got.data();
      Run(args, 1);
      for (size_t i = 0; i < head_size; ++i) worst = std::max(worst, std::fabs(got[i] - want[i]));
    }
    // One unit in the last place of 1 from the reduction, one from the polynomial.
    EXPECT_LE(worst, 2 * 0x1p-23f) << "base " << base;
  }
}

TEST_P(RopeTest, WorksInPlaceAndOnAnyNumberOfThreads) {
  const size_t t = 7, heads = 4, head_size = 12, stride = heads * head_size;
  const std::vector<float> x = RandomFloats(t * stride, 1);
  const std::vector<float> inv_freq = Frequencies(head_size, 10000.0);
  std::vector<float> one(t * stride);
  RopeArgs args = {x.data(), stride, one.data(), stride, inv_freq.data(),
                   t,        heads,  head_size,  50,     RopePairing::kInterleaved,
                   0,        1.0f};
  Run(args, 1);
  for (size_t threads = 1; threads <= 8; ++threads) {
    std::vector<float> in_place = x;
    args.x = args.out = in_place.data();
    Run(args, threads);
    EXPECT_EQ(in_place, one) << threads;
  }
}

}  // namespace
}  // namespace tare
