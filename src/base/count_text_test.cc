#include "base/count_text.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

TEST(CountTextTest, OneIsSingularAndAllOthersArePlural) {
  EXPECT_EQ(CountText(1, "run"), "1 run");
  EXPECT_EQ(CountText(0, "run"), "0 runs");
  EXPECT_EQ(CountText(2u, "warm-up"), "2 warm-ups");
  EXPECT_EQ(CountText(uint64_t{1}, "copy", "copies"), "1 copy");
  EXPECT_EQ(CountText(-1, "copy", "copies"), "-1 copies");
}

}  // namespace
}  // namespace tare
