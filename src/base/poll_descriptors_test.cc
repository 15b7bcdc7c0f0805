#include "base/poll_descriptors.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

namespace tare {
namespace {

TEST(PollDescriptorsTest, SaysWhichAreReadyAndWaitsNoLongerThanAsked) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  std::array<pollfd, 3> watched = {Readable(ends[0]), Writable(ends[1]), Readable(-1)};
  EXPECT_EQ(PollDescriptors(watched, std::nullopt), 1);
  EXPECT_EQ(watched[0].revents, 0);
  EXPECT_EQ(watched[1].revents, POLLOUT);
  EXPECT_EQ(PollDescriptors({watched.data(), 1}, 1'000'000), 0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_EQ(PollDescriptors(watched, 0), 2);
  EXPECT_EQ(watched[0].revents, POLLIN);
  EXPECT_EQ(watched[2].revents, 0);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tare
