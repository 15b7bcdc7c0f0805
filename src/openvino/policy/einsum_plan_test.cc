#include "openvino/policy/einsum_plan.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

constexpr auto kVariable = OperandKind::kVariable;
constexpr auto kConstant = OperandKind::kConstant;
constexpr auto kCompressed = OperandKind::kCompressed;

EinsumOperand Known(OperandKind kind, size_t rank) { return {kind, rank, false, true}; }
EinsumOperand Late(OperandKind kind, size_t rank) { return {kind, rank, false, false}; }

std::string LeftBecause(std::string_view equation, const EinsumOperand& lhs,
                        const EinsumOperand& rhs) {
  const Result<EinsumPlan> plan = PlanEinsum(equation, lhs, rhs);
  return plan.ok() ? "" : plan.error().message();
}

TEST(EinsumPlanTest, AConstantStaysWhereItLiesOnEitherSide) {
  const auto right = PlanEinsum("abc,cde->abde", Late(kVariable, 3), Known(kConstant, 3));
  ASSERT_TRUE(right.ok());
  const auto* form = std::get_if<ConstantMatMul>(&right->product);
  ASSERT_NE(form, nullptr);
  EXPECT_EQ(right->constant_side, 1u);
  EXPECT_EQ(form->rows + "|" + form->contracted + "|" + form->columns, "ab|c|de");
  EXPECT_FALSE(form->out_in);
  const auto left = PlanEinsum("dec,abc->abde", Known(kConstant, 3), Late(kVariable, 3));
  ASSERT_TRUE(left.ok());
  EXPECT_EQ(left->constant_side, 0u);
  EXPECT_TRUE(std::get<ConstantMatMul>(left->product).out_in);
}

TEST(EinsumPlanTest, TwoVariablesAreABatchedProduct) {
  const auto plan = PlanEinsum("aecd,abcd->acbe", Late(kVariable, 4), Late(kVariable, 4));
  ASSERT_TRUE(plan.ok());
  const auto& form = std::get<MatMulForm>(plan->product);
  EXPECT_EQ(form.batch, "ac");
  EXPECT_EQ(form.contracted, "d");
}

TEST(EinsumPlanTest, AnAxisOfOneOperandAloneIsSummedFirstWhereLengthsAreKnown) {
  const auto plan = PlanEinsum("abx,bc->ac", Known(kVariable, 3), Late(kVariable, 2));
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->labels[0], "abx");
  EXPECT_EQ(plan->summed[0], "x");
  EXPECT_EQ(plan->summed[1], "");
  EXPECT_EQ(LeftBecause("abx,bc->ac", Late(kVariable, 3), Known(kVariable, 2)),
            "an axis is summed first, and lengths are dynamic");
  EXPECT_EQ(LeftBecause("abx,bc->ac", Known(kConstant, 3), Known(kVariable, 2)),
            "an axis of a constant is summed before the product");
}

TEST(EinsumPlanTest, AnEllipsisGetsLettersThatTheEquationDoesNotUse) {
  const auto plan = PlanEinsum("...a,ab->...b", Late(kVariable, 3), Known(kConstant, 2));
  ASSERT_TRUE(plan.ok());
  EXPECT_EQ(plan->labels[0].size(), 3u);
  EXPECT_EQ(plan->labels[0].find('b'), std::string::npos);
}

TEST(EinsumPlanTest, SaysWhyAnEinsumIsLeft) {
  const EinsumOperand unknown = {kVariable, std::nullopt, false, false};
  const EinsumOperand empty = {kVariable, 2, true, true};
  const EinsumOperand x = Known(kVariable, 2), w = Known(kConstant, 2);
  EXPECT_EQ(LeftBecause("ab->ba", x, x), "one operand");
  EXPECT_EQ(LeftBecause("ab,bc->ac", unknown, w), "dynamic rank");
  EXPECT_EQ(LeftBecause("ab,bc->ac", empty, w), "an axis has length 0");
  EXPECT_EQ(LeftBecause("ab,ab->", x, x), "the result is a scalar");
  EXPECT_EQ(LeftBecause("aa,ab->ab", x, x), "a label occurs twice in one operand");
  EXPECT_EQ(LeftBecause("ab,b->a", x, Known(kCompressed, 1)),
            "the compressed constant is a vector, not a matrix");
  EXPECT_EQ(LeftBecause("abc,abd->abcd", Known(kVariable, 3), Known(kCompressed, 3)),
            "the compressed constant is not a single matrix");
  EXPECT_EQ(LeftBecause("bac,cbd->bad", Known(kVariable, 3), Known(kConstant, 3)),
            "the constant would have to be copied");
}

}  // namespace
}  // namespace tare
