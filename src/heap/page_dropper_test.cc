#include "heap/page_dropper.h"

#include <gtest/gtest.h>

#include "base/testing/no_more_threads.h"

namespace tare {
namespace {

TEST(PageDropperTest, WhereNoThreadStartsAllIsDroppedAtTheEnd) {
  const NoMoreThreads none;
  int drops = 0;
  {
    const PageDropper dropper([&] { ++drops; }, std::chrono::milliseconds(1));
    EXPECT_EQ(drops, 0);
  }
  EXPECT_EQ(drops, 1);
}

}  // namespace
}  // namespace tare
