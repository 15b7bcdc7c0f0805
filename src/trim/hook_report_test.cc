#include "trim/hook_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "trim/report.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(HookReportTest, AddsUpWhatProcessesDid) {
  const HookReport report =
      ParseTrimReport(
          "model\t7\tfirst\n"
          "einsum\t7\tab,bc->ac\tvariable, constant\t3\t\n"
          "einsum\t7\taab,b->a\tvariable, variable\t1\ta label occurs twice in one operand\n"
          "transposed\t7\t1\n"
          "scaled\t7\t47\n"
          "rows\t7\t94\n"
          "attention\t7\t3\t\n"
          "attention\t7\t2\tdynamic rank\n"
          "untouched\t7\tcompiled models are cached\n"
          "untouched\t8\tcompiled models are cached\n"
          "slack\t7\t1048576\n"
          "slack\t7\t4194304\n"
          "huge\t7\t6291456\t4194304\n"
          "huge\t7\t2097152\t2097152\n"
          "park\t7\t2097152\t0\t\n"
          "model\t8\tsecond\n"
          "einsum\t8\tab,bc->ac\tvariable, constant\t4\t\n"
          "park\t8\t0\t1048576\tthe disk is full\n")
          .hook;
  EXPECT_EQ(report.models, 2u);
  EXPECT_EQ(report.rewritten(), 7u);
  EXPECT_EQ(report.left(), 1u);
  ASSERT_EQ(report.einsums.size(), 2u);
  EXPECT_EQ(report.einsums[0].count, 7u);
  EXPECT_EQ(report.parked_bytes, 2097152u);
  EXPECT_EQ(report.file_backed_bytes, 1048576u);
  const std::string text = HookReportText(report);
  EXPECT_THAT(text, HasSubstr("2 models compiled, 7 einsums rewritten, 1 unchanged"));
  EXPECT_THAT(text, HasSubstr("1 transposed constant read without a transposed copy"));
  EXPECT_THAT(text, HasSubstr("attention scores scaled instead of queries: 47"));
  EXPECT_THAT(text, HasSubstr("single rows copied instead of whole tensors: 94"));
  EXPECT_THAT(text, HasSubstr("3 attention blocks fused\n"));
  EXPECT_THAT(text, HasSubstr("2 attention blocks unchanged: dynamic rank\n"));
  EXPECT_THAT(text, HasSubstr("2 models compiled unmodified: compiled models are cached"));
  EXPECT_THAT(text, HasSubstr("huge pages: 6 MiB received, 8 MiB requested while"));
  EXPECT_THAT(text, HasSubstr("freed memory given back: 5 MiB"));
  EXPECT_THAT(text, HasSubstr("unchanged: a label occurs twice in one operand"));
  EXPECT_THAT(text, HasSubstr("2 MiB moved to disk, 1 MiB already in the model file"));
  EXPECT_THAT(text, HasSubstr("constants kept in the heap: the disk is full"));
}

TEST(HookReportTest, SaysWhyConstantsStayOnceForAllModels) {
  const HookReport report =
      ParseTrimReport(
          "park\t8\t0\t0\tno space\npark\t8\t0\t0\tno space\npark\t8\t0\t0\tno folder\n")
          .hook;
  EXPECT_THAT(report.unparked, ElementsAre("no space", "no folder"));
}

}  // namespace
}  // namespace tare
