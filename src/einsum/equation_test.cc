#include "einsum/equation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fails_with.h"
#include "einsum/testing/parsed.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ErrorOf(std::string_view text) {
  const auto equation = EinsumEquation::Parse(text);
  EXPECT_FALSE(equation.ok()) << text;
  return equation.ok() ? "" : equation.error().message();
}

TEST(EinsumEquationTest, ParsesOperandsAndOutput) {
  const EinsumEquation equation = Parsed("bqm,muh->bquh");
  EXPECT_EQ(equation.operand_count(), 2u);
  EXPECT_EQ(equation.operand(0), "bqm");
  EXPECT_EQ(equation.operand(1), "muh");
  EXPECT_EQ(equation.output(), "bquh");
  EXPECT_FALSE(equation.has_ellipsis());
}

TEST(EinsumEquationTest, SkipsSpacesAndPrintsWithout) {
  EXPECT_EQ(Parsed(" a b , b C -> a C ").ToString(), "ab,bC->aC");
}

TEST(EinsumEquationTest, MakesTheImplicitOutputAsNumPyDoes) {
  EXPECT_EQ(Parsed("ij,jk").output(), "ik");
  EXPECT_EQ(Parsed("ba").output(), "ab");
  EXPECT_EQ(Parsed("ii").output(), "");
  EXPECT_EQ(Parsed("bA,A...").ToString(), "bA,A...->...b");
}

TEST(EinsumEquationTest, AcceptsScalars) {
  EXPECT_EQ(Parsed(",a->a").operand(0), "");
  EXPECT_EQ(Parsed("a->").output(), "");
}

TEST(EinsumEquationTest, FlagsRepeatedLabels) {
  const EinsumEquation equation = Parsed("iij,jk->k");
  EXPECT_TRUE(equation.HasRepeatedLabel(0));
  EXPECT_FALSE(equation.HasRepeatedLabel(1));
}

TEST(EinsumEquationTest, ErrorsNameThePlace) {
  EXPECT_THAT(ErrorOf("ab,b1->a1"), HasSubstr("got '1' at 4"));
  EXPECT_THAT(ErrorOf("ab,bc-ac"), HasSubstr("got '-' at 5"));
  EXPECT_THAT(ErrorOf("ab->a->b"), HasSubstr("got '-' at 5, expected a label, the end"));
  EXPECT_THAT(ErrorOf("ab->a,b"), HasSubstr("got ',' at 5"));
  EXPECT_THAT(ErrorOf("a..b->ab"), HasSubstr("got '.' at 1"));
  EXPECT_THAT(ErrorOf("...a...->a"), HasSubstr("got '.' at 4, expected a label, not a second"));
}

TEST(EinsumEquationTest, RefusesOutputsThatCannotBe) {
  EXPECT_THAT(ErrorOf("ab,bc->ad"), HasSubstr("output label 'd' is in no operand"));
  EXPECT_THAT(ErrorOf("ab,bc->aa"), HasSubstr("output label 'a' occurs twice"));
  EXPECT_THAT(ErrorOf("...a->a"), HasSubstr("add \"...\" to the output"));
  EXPECT_THAT(ErrorOf("ab->...a"), HasSubstr("output label '...' is in no operand"));
}

TEST(EinsumEquationTest, RefusesEmptyTextAndThreeOperands) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("the equation is empty"));
  EXPECT_THAT(ErrorOf("  "), HasSubstr("the equation is empty"));
  const auto three = EinsumEquation::Parse("ab,bc,cd->ad");
  ASSERT_FALSE(three.ok());
  EXPECT_EQ(three.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(three.error().message(), HasSubstr("got 3 operands"));
}

TEST(EinsumEquationTest, ResolvesEllipsesFromTheRight) {
  const size_t ranks[] = {4, 3};
  const auto resolved = Parsed("...ij,...jk->...ik").WithRanks(ranks);
  ASSERT_TRUE(resolved.ok());
  EXPECT_EQ(resolved.value().operand(0), "01ij");
  EXPECT_EQ(resolved.value().operand(1), "1jk");
  EXPECT_EQ(resolved.value().output(), "01ik");
}

TEST(EinsumEquationTest, RefusesRanksThatDoNotFit) {
  const auto error_for = [](std::string_view text, std::vector<size_t> ranks) {
    const auto resolved = Parsed(text).WithRanks(ranks);
    EXPECT_FALSE(resolved.ok());
    return resolved.ok() ? "" : resolved.error().message();
  };
  EXPECT_THAT(error_for("ab,bc->ac", {2, 3}), HasSubstr("operand 1 has 3 axes, expected 2"));
  EXPECT_THAT(error_for("ab,bc->ac", {1, 2}), HasSubstr("operand 0 has 1 axis, expected 2"));
  EXPECT_THAT(error_for("...ab->...", {1}), HasSubstr("expected at least 2"));
  EXPECT_THAT(error_for("...a->...", {12}), HasSubstr("operand 0 has 12 axes"));
  EXPECT_THAT(error_for("ab,bc->ac", {2}), HasSubstr("got 1 operand, expected 2"));
}

TEST(EinsumOutputShapeTest, FollowsLabels) {
  const EinsumShape shapes[] = {{2, 3, 5}, {5, 7, 11}};
  const auto shape = EinsumOutputShape(Parsed("bqm,muh->bquh"), shapes);
  ASSERT_TRUE(shape.ok());
  EXPECT_THAT(shape.value(), ElementsAre(2, 3, 7, 11));
}

TEST(EinsumOutputShapeTest, BroadcastsEllipsesEitherWay) {
  const EinsumShape shapes[] = {{1, 3, 5}, {2, 1, 5, 7}};
  const auto shape = EinsumOutputShape(Parsed("...a,...ab->...b"), shapes);
  ASSERT_TRUE(shape.ok()) << shape.error().message();
  EXPECT_THAT(shape.value(), ElementsAre(2, 3, 7));
}

TEST(EinsumOutputShapeTest, RefusesExtentsThatDiffer) {
  const EinsumShape shapes[] = {{2, 3}, {5, 7}};
  const auto shape = EinsumOutputShape(Parsed("ab,bc->ac"), shapes);
  ASSERT_FALSE(shape.ok());
  EXPECT_THAT(shape.error().message(),
              HasSubstr("axis 'b' of operand 1 has 5 elements, expected 3"));
  // Only an ellipsis stretches a 1: under a letter it is more likely a mistake.
  const EinsumShape ones[] = {{2, 3}, {1, 7}};
  EXPECT_THAT(
      EinsumOutputShape(Parsed("ab,bc->ac"), ones),
      FailsWith(ErrorCode::kInvalidInput, "axis 'b' of operand 1 has 1 element, expected 3"));
}

}  // namespace
}  // namespace tare
