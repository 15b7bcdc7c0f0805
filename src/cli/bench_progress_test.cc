#include "cli/bench_progress.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

RunRecord Run(const std::string& row, uint64_t round, size_t scenario, double seconds) {
  RunRecord run;
  run.row = row;
  run.round = round;
  run.scenario = scenario;
  run.conditions.wall_ns = static_cast<uint64_t>(seconds * 1e9);
  return run;
}

TEST(TimeLeftTest, NothingIsKnownAtFirst) {
  EXPECT_FALSE(TimeLeft({"a", "b"}, 3, 1).From(Run("a", 0, 0, 0)).has_value());
}

TEST(TimeLeftTest, EachRowCountsWithItsOwnTime) {
  TimeLeft left({"a", "b"}, 3, 2);
  left.Finished(Run("a", 0, 0, 1));
  EXPECT_DOUBLE_EQ(*left.From(Run("b", 0, 0, 0)), 2 + 3 + 6) << "b is taken to be like a";
  left.Finished(Run("b", 0, 0, 10));
  EXPECT_DOUBLE_EQ(*left.From(Run("a", 1, 0, 0)), 2 * 11 + 3 * 11);
  EXPECT_DOUBLE_EQ(*left.From(Run("b", 2, 1, 0)), 10);
}

TEST(TimeLeftTest, ARowThatFailedIsNotWaitedForUntilTheNextScenario) {
  TimeLeft left({"a", "b"}, 2, 2);
  left.Finished(Run("a", 0, 0, 1));
  RunRecord failed = Run("b", 0, 0, 4);
  failed.outcome.failure = Failure{"timeout", ""};
  left.Finished(failed);
  EXPECT_DOUBLE_EQ(*left.From(Run("a", 1, 0, 0)), 1 + 2 * 5);
}

}  // namespace
}  // namespace tare
