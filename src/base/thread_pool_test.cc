#include "base/thread_pool.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <numeric>
#include <vector>

#include "base/testing/no_more_threads.h"

namespace tare {
namespace {

TEST(SplitRangeTest, CoversEverythingOnceInOrder) {
  for (size_t total : {0, 1, 5, 16, 33, 1000}) {
    for (size_t grain : {1, 4, 16}) {
      for (size_t count : {1, 2, 3, 7}) {
        size_t next = 0;
        for (size_t i = 0; i < count; ++i) {
          const IndexRange range = SplitRange(total, grain, {i, count});
          EXPECT_EQ(range.begin, next);
          EXPECT_LE(range.begin, range.end);
          EXPECT_TRUE(range.begin % grain == 0 || range.begin == total);
          next = range.end;
        }
        EXPECT_EQ(next, total);
      }
    }
  }
}

TEST(ThreadPoolTest, EveryThreadRunsOnceAndTheCallerWaits) {
  for (size_t threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.thread_count(), threads);
    std::vector<int> runs(threads, 0);
    for (int round = 1; round <= 200; ++round) {
      pool.Run([&](ThreadSlice slice) {
        EXPECT_EQ(slice.count, threads);
        ++runs[slice.index];
      });
      for (int n : runs) ASSERT_EQ(n, round);
    }
  }
}

// Each phase reads what every thread wrote in the one before: a barrier that lets one through
// early, or does not publish its writes, gives a wrong sum.
TEST(ThreadPoolTest, ABarrierSeparatesPhases) {
  constexpr size_t kThreads = 3;
  constexpr size_t kPhases = 500;
  ThreadPool pool(kThreads);
  std::vector<size_t> values(kThreads, 1);
  std::vector<size_t> sums(kThreads, 0);
  pool.Run([&](ThreadSlice slice) {
    for (size_t phase = 0; phase < kPhases; ++phase) {
      sums[slice.index] = std::accumulate(values.begin(), values.end(), size_t{0});
      pool.Barrier();
      values[slice.index] = sums[slice.index] % 1009 + slice.index;
      pool.Barrier();
    }
  });
  std::vector<size_t> want(kThreads, 1);
  for (size_t phase = 0; phase < kPhases; ++phase) {
    const size_t sum = std::accumulate(want.begin(), want.end(), size_t{0});
    for (size_t i = 0; i < kThreads; ++i) want[i] = sum % 1009 + i;
  }
  EXPECT_EQ(values, want);
}

TEST(ThreadPoolTest, WorkersThatSleptWakeUp) {
  ThreadPool pool(2);
  for (int i = 0; i < 3; ++i) {
    std::atomic<int> runs = 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    pool.Run([&](ThreadSlice) { ++runs; });
    EXPECT_EQ(runs, 2);
  }
}

TEST(ThreadPoolTest, WhereNoThreadStartsTheCallerWorksAlone) {
  const NoMoreThreads none;
  ThreadPool pool(3);
  EXPECT_EQ(pool.thread_count(), 1u);
  EXPECT_THAT(pool.shortage(), ::testing::StartsWith("started 1 of 3 threads: "));
  int runs = 0;
  pool.Run([&](ThreadSlice slice) {
    EXPECT_EQ(slice.count, 1u);
    pool.Barrier();
    ++runs;
  });
  EXPECT_EQ(runs, 1);
}

TEST(ThreadPoolTest, APoolThatIsWholeLacksNothing) { EXPECT_EQ(ThreadPool(2).shortage(), ""); }

}  // namespace
}  // namespace tare
