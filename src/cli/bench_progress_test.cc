#include "cli/bench_progress.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

RunRecord Ran(const std::string& row, uint64_t round, size_t scenario, double seconds) {
  RunRecord run;
  run.row = row;
  run.round = round;
  run.scenario = scenario;
  run.conditions.wall_ns = static_cast<uint64_t>(seconds * 1e9);
  return run;
}

TEST(TimeLeftTest, NothingIsKnownAtFirst) {
  EXPECT_FALSE(TimeLeft({"a", "b"}, 3, 1).From(Ran("a", 0, 0, 0)).has_value());
}

TEST(TimeLeftTest, EachRowCountsWithItsOwnTime) {
  TimeLeft left({"a", "b"}, 3, 2);
  left.Finished(Ran("a", 0, 0, 1));
  EXPECT_DOUBLE_EQ(*left.From(Ran("b", 0, 0, 0)), 2 + 3 + 6) << "b is taken to be like a";
  left.Finished(Ran("b", 0, 0, 10));
  EXPECT_DOUBLE_EQ(*left.From(Ran("a", 1, 0, 0)), 2 * 11 + 3 * 11);
  EXPECT_DOUBLE_EQ(*left.From(Ran("b", 2, 1, 0)), 10);
}

TEST(TimeLeftTest, ARowThatFailedIsNotWaitedForUntilTheNextScenario) {
  TimeLeft left({"a", "b"}, 2, 2);
  left.Finished(Ran("a", 0, 0, 1));
  RunRecord failed = Ran("b", 0, 0, 4);
  failed.outcome.failure = Failure{"timeout", ""};
  left.Finished(failed);
  EXPECT_DOUBLE_EQ(*left.From(Ran("a", 1, 0, 0)), 1 + 2 * 5);
}

}  // namespace
}  // namespace tare
