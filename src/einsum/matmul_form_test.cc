#include "einsum/matmul_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "einsum/axis_groups.h"
#include "einsum/testing/parsed.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

MatMulForm FormOf(std::string_view text) {
  auto form = ToMatMulForm(Parsed(text));
  EXPECT_TRUE(form.ok()) << form.error().message();
  return std::move(form).value();
}

TEST(AxisGroupsTest, PutsEveryLabelInItsGroup) {
  const AxisGroups groups = ClassifyAxes(Parsed("xabkp,bkqa->aqbx"));
  EXPECT_EQ(groups.batch, "ab");
  EXPECT_EQ(groups.contracted, "k");
  EXPECT_EQ(groups.lhs_free, "x");
  EXPECT_EQ(groups.rhs_free, "q");
  EXPECT_EQ(groups.lhs_summed, "p");
  EXPECT_EQ(groups.rhs_summed, "");
  EXPECT_FALSE(groups.IsMatMul());
}

TEST(AxisGroupsTest, FlagsDiagonalsAndNamesRoles) {
  const EinsumEquation equation = Parsed("ab,bcc->ac");
  EXPECT_FALSE(ClassifyAxes(equation).lhs_repeated);
  EXPECT_TRUE(ClassifyAxes(equation).rhs_repeated);
  EXPECT_EQ(ClassifyAxes(equation).rhs_free, "c");
  EXPECT_EQ(AxisRoleName(RoleOf(equation, 'b')), "contracted");
  EXPECT_EQ(AxisRoleName(RoleOf(equation, 'c')), "rhs-free");
}

TEST(MatMulFormTest, KernelInInOutOrderNeedsAFlagOnly) {
  const MatMulForm form = FormOf("bqm,muh->bquh");
  EXPECT_FALSE(form.swapped);
  EXPECT_EQ(form.batch, "");
  EXPECT_EQ(form.rows, "bq");
  EXPECT_EQ(form.columns, "uh");
  EXPECT_EQ(form.contracted, "m");
  EXPECT_TRUE(form.lhs.identity);
  EXPECT_TRUE(form.rhs.transposed);
  EXPECT_TRUE(form.output_identity);
  EXPECT_EQ(form.TransposeCount(), 0u);
}

TEST(MatMulFormTest, KernelInOutInOrderIsIdentity) {
  const MatMulForm form = FormOf("bqm,uhm->bquh");
  EXPECT_TRUE(form.lhs.identity);
  EXPECT_TRUE(form.rhs.identity);
  EXPECT_TRUE(form.output_identity);
}

TEST(MatMulFormTest, SwapsOperandsWhereTheOutputWantsIt) {
  const MatMulForm form = FormOf("kc,rk->rc");
  EXPECT_TRUE(form.swapped);
  EXPECT_EQ(form.rows, "r");
  EXPECT_EQ(form.TransposeCount(), 0u);
}

TEST(MatMulFormTest, AttentionScoresMoveBothOperandsAndNothingElse) {
  // Heads lie inside the tokens in q and k: gathering them is unavoidable for a plain product.
  const MatMulForm form = FormOf("bquh,bkuh->buqk");
  EXPECT_EQ(form.batch, "bu");
  EXPECT_EQ(form.contracted, "h");
  EXPECT_TRUE(form.lhs.NeedsCopy());
  EXPECT_TRUE(form.rhs.NeedsCopy());
  EXPECT_TRUE(form.output_identity);
  EXPECT_THAT(form.lhs.order, ElementsAre(0, 2, 1, 3));
}

TEST(MatMulFormTest, SaysWhyItCannot) {
  const auto repeated = ToMatMulForm(Parsed("aab,bc->ac"));
  ASSERT_FALSE(repeated.ok());
  EXPECT_EQ(repeated.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(repeated.error().message(), HasSubstr("a label repeats"));
  const auto summed = ToMatMulForm(Parsed("abx,bc->ac"));
  ASSERT_FALSE(summed.ok());
  EXPECT_THAT(summed.error().message(), HasSubstr("an axis that only one operand has is summed"));
}

std::vector<std::string> Orders(std::string group) {
  std::sort(group.begin(), group.end());
  std::vector<std::string> orders;
  do {
    orders.push_back(group);
  } while (std::next_permutation(group.begin(), group.end()));
  return orders;
}

// Tries every order of every group, both orientations.
size_t FewestTransposes(const EinsumEquation& equation) {
  const AxisGroups groups = ClassifyAxes(equation);
  size_t fewest = 3;
  for (const bool swapped : {false, true}) {
    const std::string& lhs = equation.operand(swapped ? 1 : 0);
    const std::string& rhs = equation.operand(swapped ? 0 : 1);
    for (const std::string& batch : Orders(groups.batch)) {
      for (const std::string& contracted : Orders(groups.contracted)) {
        const auto moves = [&](const std::string& stored, const std::string& outer) -> size_t {
          return stored != batch + outer + contracted && stored != batch + contracted + outer;
        };
        for (const std::string& rows : Orders(swapped ? groups.rhs_free : groups.lhs_free)) {
          for (const std::string& columns : Orders(swapped ? groups.lhs_free : groups.rhs_free)) {
            const size_t output = equation.output() != batch + rows + columns;
            fewest = std::min(fewest, moves(lhs, rows) + moves(rhs, columns) + output);
          }
        }
      }
    }
  }
  return fewest;
}

TEST(MatMulFormTest, NoOrderNeedsFewerTransposes) {
  for (std::string_view text :
       {"abc,cde->abde", "aecd,abcd->acbe", "acbe,aecd->abcd", "bquh,bkuh->buqk", "abk,bak->ab",
        "kab,ckd->cdab", "kab,ckd->dcba", "abij,jkba->abik", "abij,jkba->baki", "xyab,abz->zxy",
        "ijk,kji->", "i,j->ji", "abcd,dcba->abcd", "pqkl,rslk->srqp"}) {
    EXPECT_EQ(FormOf(text).TransposeCount(), FewestTransposes(Parsed(text))) << text;
  }
}

struct ConstantCase {
  std::string_view equation;
  size_t side;
  bool out_in;
};

TEST(LowerConstantTest, ReadsTheConstantWhereItLiesAndMovesNothing) {
  const ConstantCase cases[] = {
      {"abc,cde->abde", 1, false}, {"abcd,cde->abe", 1, false}, {"bqm,muh->bquh", 1, false},
      {"bkm,mvh->bkvh", 1, false}, {"bquh,uhm->bqm", 1, false}, {"bqm,uhm->bquh", 1, true},
      {"bquh,muh->bqm", 1, true},  {"btc,nc->btn", 1, true},    {"btc,cn->btn", 1, false},
      {"nc,btc->btn", 0, true},    {"tc,c->t", 1, true},        {"t,c->tc", 1, false},
  };
  for (const ConstantCase& c : cases) {
    const auto form = LowerConstant(Parsed(c.equation), c.side);
    ASSERT_TRUE(form.has_value()) << c.equation;
    EXPECT_EQ(form->out_in, c.out_in) << c.equation;
    EXPECT_TRUE(form->variable_identity) << c.equation;
    EXPECT_TRUE(form->output_identity) << c.equation;
  }
}

TEST(LowerConstantTest, RefusesWhatAReshapeCannotDo) {
  for (std::string_view text : {
           "bqm,umh->bquh",  // free and contracted axes interleave
           "bqm,bmu->bqu",   // a batch axis
           "bqm,muu->bqu",   // a diagonal
           "bqm,mux->bqu",   // x is summed away
           "btcd,cnd->btn",  // contracted axes apart
       }) {
    EXPECT_FALSE(LowerConstant(Parsed(text), 1).has_value()) << text;
  }
}

TEST(LowerConstantTest, MovesTheVariableNeverTheConstant) {
  const auto contracted_swapped = LowerConstant(Parsed("bqhu,uhm->bqm"), 1);
  ASSERT_TRUE(contracted_swapped.has_value());
  EXPECT_EQ(contracted_swapped->contracted, "uh");
  EXPECT_FALSE(contracted_swapped->variable_identity);
  EXPECT_THAT(contracted_swapped->variable_order, ElementsAre(0, 1, 3, 2));
  EXPECT_TRUE(contracted_swapped->output_identity);

  const auto columns_first = LowerConstant(Parsed("tc,nc->nt"), 1);
  ASSERT_TRUE(columns_first.has_value());
  EXPECT_TRUE(columns_first->variable_identity);
  EXPECT_FALSE(columns_first->output_identity);
  EXPECT_THAT(columns_first->output_order, ElementsAre(1, 0));

  const auto rows_swapped = LowerConstant(Parsed("abc,cd->bad"), 1);
  ASSERT_TRUE(rows_swapped.has_value());
  EXPECT_NE(rows_swapped->variable_identity, rows_swapped->output_identity);  // one move, not two
}

}  // namespace
}  // namespace tare
