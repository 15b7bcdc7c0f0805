#include "kernels/attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/kernel_testing.h"

namespace tare {
namespace {

struct AttentionProblem {
  size_t t, past, heads, kv_heads, head_size;
  float q_size = 1.0f;
  size_t window = 0;
  float soft_cap = 0.0f;
};

class AttentionOperands {
 public:
  explicit AttentionOperands(const AttentionProblem& p)
      : p_(p),
        q_(RandomFloats(p.t * q_stride() + 1, 1, p.q_size)),
        k_(RandomFloats((p.past + p.t) * kv_stride() + 1, 2)),
        v_(RandomFloats((p.past + p.t) * kv_stride() + 1, 3)) {}

  size_t q_stride() const { return p_.heads * p_.head_size + 3; }
  size_t kv_stride() const { return p_.kv_heads * p_.head_size + 7; }

  // One element in, so that no operand is aligned.
  AttentionArgs Args(std::vector<float>& out) const {
    out.assign(p_.t * (q_stride() + 2), 77.0f);
    return {.q = q_.data() + 1,
            .q_stride = q_stride(),
            .k = k_.data() + 1,
            .v = v_.data() + 1,
            .kv_stride = kv_stride(),
            .out = out.data(),
            .out_stride = q_stride() + 2,
            .t = p_.t,
            .past = p_.past,
            .heads = p_.heads,
            .kv_heads = p_.kv_heads,
            .head_size = p_.head_size,
            .scale = 1.0f / std::sqrt(static_cast<float>(p_.head_size)),
            .soft_cap = p_.soft_cap,
            .window = p_.window};
  }

  // Scores err by at most D + 4 roundings of Σ |q k| scale; each exponential by twice that,
  // relative; the weighted mean of |v| <= 1 adds S + 4 roundings on either side of the division. A
  // cap's tanh, whose slope is at most 1, adds 4 roundings of the cap (docs/numerics.md).
  float Tolerance() const {
    const float d = static_cast<float>(p_.head_size);
    const float score = (d + 4) * p_.q_size * std::sqrt(d);
    return kUnitRoundoff *
           (4 * (score + 4 * p_.soft_cap) + 2 * static_cast<float>(p_.past + p_.t) + 16);
  }

 private:
  AttentionProblem p_;
  std::vector<float> q_, k_, v_;
};

void RunKernel(const KernelTable& kernels, const AttentionArgs& args, size_t threads) {
  RunOnThreads(
      threads, kernels.attention_scratch_bytes(args),
      [&](ThreadSlice slice, std::byte* scratch) { kernels.attention(args, slice, scratch); });
}

void ExpectLikeReference(const KernelTable& kernels, const AttentionProblem& problem) {
  const AttentionOperands operands(problem);
  std::vector<float> want, got;
  AttentionReference(operands.Args(want));
  RunKernel(kernels, operands.Args(got), 2);
  const CompareReport report = CompareClose(got, want, operands.Tolerance());
  EXPECT_TRUE(report.close) << report.message;
}

class AttentionTest : public EveryIsa {};
TARE_INSTANTIATE_EVERY_ISA(AttentionTest);

TEST_P(AttentionTest, AgreesWithTheReference) {
  const AttentionProblem problems[] = {
      {1, 0, 1, 1, 2},     {1, 6, 9, 3, 64},   {1, 63, 9, 3, 64},   {1, 64, 9, 3, 64},
      {1, 200, 4, 4, 16},  {1, 131, 6, 2, 35}, {1, 70, 40, 1, 8},   {1, 77, 3, 1, 80},
      {2, 0, 3, 1, 5},     {7, 0, 9, 3, 64},   {3, 61, 2, 2, 33},   {25, 0, 6, 2, 16},
      {24, 130, 4, 2, 80}, {70, 3, 3, 1, 7},   {13, 64, 2, 1, 128}, {65, 0, 2, 2, 64},
  };
  for (const AttentionProblem& problem : problems) {
    SCOPED_TRACE(testing::Message()
                 << "t " << problem.t << " past " << problem.past << " heads " << problem.heads
                 << "/" << problem.kv_heads << " d " << problem.head_size);
    ExpectLikeReference(kernels(), problem);
  }
}

// Windows shorter and longer than a block of keys, and than the prompt; caps that bend the scores.
TEST_P(AttentionTest, AgreesWithTheReferenceForWindowsAndCaps) {
  const AttentionProblem problems[] = {
      {1, 6, 4, 2, 16, 1.0f, 3},     {1, 6, 4, 2, 16, 1.0f, 7},      {1, 200, 9, 3, 33, 1.0f, 65},
      {1, 200, 2, 1, 8, 1.0f, 1},    {9, 0, 2, 1, 8, 1.0f, 4},       {70, 3, 3, 1, 7, 1.0f, 5},
      {70, 130, 4, 2, 16, 1.0f, 64}, {70, 130, 4, 2, 16, 1.0f, 65},  {25, 200, 2, 2, 20, 1.0f, 1},
      {30, 90, 4, 2, 16, 9.0f, 100}, {30, 90, 4, 2, 16, 9.0f, 0, 2}, {1, 90, 4, 2, 16, 9.0f, 50, 3},
  };
  for (const AttentionProblem& problem : problems) {
    SCOPED_TRACE(testing::Message() << "t " << problem.t << " past " << problem.past << " window "
                                    << problem.window << " cap " << problem.soft_cap);
    ExpectLikeReference(kernels(), problem);
  }
}

// What lies before the window does not count, whatever it holds.
TEST_P(AttentionTest, NeverReadsAKeyBeforeTheWindow) {
  for (const size_t t : {1, 40}) {
    const AttentionOperands operands({t, 150, 2, 1, 8, 1.0f, 66});
    std::vector<float> plain, changed;
    AttentionArgs args = operands.Args(plain);
    RunKernel(kernels(), args, 1);
    const size_t first = FirstKey(args, 0);
    ASSERT_EQ(first, 85u);
    std::vector<float> k(args.k, args.k + (150 + t) * args.kv_stride);
    std::vector<float> v(args.v, args.v + (150 + t) * args.kv_stride);
    std::fill_n(k.begin(), first * args.kv_stride, 9.0f);
    std::fill_n(v.begin(), first * args.kv_stride, 9.0f);
    args = operands.Args(changed);
    args.k = k.data();
    args.v = v.data();
    RunKernel(kernels(), args, 1);
    EXPECT_EQ(plain, changed);
  }
}

TEST_P(AttentionTest, StaysFiniteForScoresThatOverflowAnExponential) {
  for (size_t t : {1, 20}) {
    const AttentionOperands operands({t, 150, 2, 1, 16, 500.0f});
    std::vector<float> want, got;
    AttentionReference(operands.Args(want));
    RunKernel(kernels(), operands.Args(got), 1);
    const CompareReport report = CompareClose(got, want, operands.Tolerance());
    EXPECT_TRUE(report.close) << report.message;
  }
}

TEST_P(AttentionTest, FindsKeysByTheirRows) {
  for (const AttentionProblem& problem :
       {AttentionProblem{1, 200, 4, 4, 16}, AttentionProblem{1, 131, 6, 2, 35},
        AttentionProblem{1, 77, 3, 1, 80}}) {
    const AttentionOperands operands(problem);
    std::vector<float> want, got;
    AttentionArgs args = operands.Args(want);
    RunKernel(kernels(), args, 2);
    // The first 70 lie in order, as a shared beginning does; the others are dealt out.
    const size_t count = problem.past + 1;
    std::vector<uint32_t> rows(count);
    for (size_t s = 0; s < count; ++s) {
      rows[s] = static_cast<uint32_t>(s < 70 ? s : 70 + (s - 70) * 5 % (count - 70) + 9);
    }
    const size_t size = (count + 9) * args.kv_stride;
    std::vector<float> k(size, 99.0f), v(size, 99.0f);
    const size_t width = problem.kv_heads * problem.head_size;
    for (size_t s = 0; s < count; ++s) {
      std::copy_n(args.k + s * args.kv_stride, width, k.data() + rows[s] * args.kv_stride);
      std::copy_n(args.v + s * args.kv_stride, width, v.data() + rows[s] * args.kv_stride);
    }
    args = operands.Args(got);
    args.k = k.data();
    args.v = v.data();
    args.rows = rows.data();
    RunKernel(kernels(), args, 2);
    EXPECT_EQ(got, want);
  }
}

TEST_P(AttentionTest, NeverReadsAKeyOfTheFuture) {
  const AttentionProblem problem = {9, 3, 2, 1, 8};
  const AttentionOperands operands(problem);
  std::vector<float> plain, poisoned;
  AttentionArgs args = operands.Args(plain);
  RunKernel(kernels(), args, 1);
  // The last token's key and value must change the last query alone.
  std::vector<float> k(args.k, args.k + 12 * args.kv_stride - 1);
  std::vector<float> v(args.v, args.v + 12 * args.kv_stride - 1);
  std::fill_n(k.begin() + static_cast<long>(11 * args.kv_stride), 8, 9.0f);
  std::fill_n(v.begin() + static_cast<long>(11 * args.kv_stride), 8, 9.0f);
  args = operands.Args(poisoned);
  args.k = k.data();
  args.v = v.data();
  RunKernel(kernels(), args, 1);
  const size_t last = 8 * args.out_stride;
  EXPECT_TRUE(std::equal(plain.begin(), plain.begin() + static_cast<long>(last), poisoned.begin()));
  EXPECT_NE(plain[last], poisoned[last]);
}

TEST_P(AttentionTest, ResultDoesNotDependOnTheNumberOfThreads) {
  for (const AttentionProblem& problem :
       {AttentionProblem{1, 150, 9, 3, 64}, AttentionProblem{60, 20, 9, 3, 20}}) {
    const AttentionOperands operands(problem);
    std::vector<float> one;
    RunKernel(kernels(), operands.Args(one), 1);
    for (size_t threads = 2; threads <= 8; ++threads) {
      std::vector<float> many;
      RunKernel(kernels(), operands.Args(many), threads);
      EXPECT_EQ(one, many) << threads << " threads";
    }
  }
}

TEST_P(AttentionTest, ScratchDoesNotGrowWithTheContext) {
  std::vector<float> unused;
  AttentionArgs args = AttentionOperands({30, 10, 9, 3, 64}).Args(unused);
  const size_t bytes = kernels().attention_scratch_bytes(args);
  args.past = 1000000;
  EXPECT_EQ(kernels().attention_scratch_bytes(args), bytes);
}

}  // namespace
}  // namespace tare
