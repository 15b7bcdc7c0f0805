#include "base/exceptions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "base/allocation_failure.h"

namespace tare {
namespace {

template <typename Exception>
Error Caught(const Exception& exception) {
  const Status status =
      CatchExceptions("loading x", [&]() -> Status { throw Exception(exception); });
  EXPECT_FALSE(status.ok());
  return status.error();
}

TEST(ExceptionsTest, WantOfMemoryIsAnErrorThatSaysForWhatAndHowMuch) {
  const Error known = Caught(AllocationFailure(4096));
  EXPECT_EQ(known.code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(known.message(), "loading x: cannot allocate 4096 bytes");
  const Error unknown = Caught(std::bad_alloc());
  EXPECT_EQ(unknown.code(), ErrorCode::kOutOfMemory);
  EXPECT_EQ(unknown.message(), "loading x: cannot allocate memory");
}

TEST(ExceptionsTest, ASizeThatNoContainerTakesIsAnError) {
  std::vector<int> ints;
  const Status status = CatchExceptions("loading x", [&]() -> Status {
    ints.reserve(SIZE_MAX);
    return {};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(status.error().message(), ::testing::HasSubstr("loading x: more elements than"));
}

TEST(ExceptionsTest, AnyOtherIsAnInternalError) {
  EXPECT_EQ(Caught(std::runtime_error("why")).message(), "loading x: why");
  EXPECT_EQ(Caught(std::runtime_error("why")).code(), ErrorCode::kInternal);
  EXPECT_EQ(Caught(7).code(), ErrorCode::kInternal);
}

TEST(ExceptionsTest, WithoutAnExceptionTheResultIsTheBodys) {
  const Result<int> result = CatchExceptions("loading x", []() -> Result<int> { return 5; });
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(*result, 5);
}

}  // namespace
}  // namespace tare
