#include "bench/plan/size_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tare {
namespace {

TEST(ParseSizeTest, BinaryAndDecimalUnitsAreToldApart) {
  EXPECT_EQ(*ParseSize("2GiB"), uint64_t{2} << 30);
  EXPECT_EQ(*ParseSize("2GB"), 2'000'000'000u);
  EXPECT_EQ(*ParseSize("512MiB"), uint64_t{512} << 20);
  EXPECT_EQ(*ParseSize("1.5 mib"), uint64_t{3} << 19);
  EXPECT_EQ(*ParseSize("100kB"), 100'000u);
  EXPECT_EQ(*ParseSize("4096B"), 4096u);
  EXPECT_EQ(*ParseSize("1TiB"), uint64_t{1} << 40);
}

TEST(ParseSizeTest, WhatIsNoSizeIsRefusedWithAnExample) {
  for (const char* text : {"", "GiB", "512", "2Gi", "2G", "-1MiB", "0MiB", "1e9MiB", "2XiB",
                           "nanMiB", "infMiB", "9999999999TiB", "2GiB ", "2  GiB"}) {
    const Result<uint64_t> size = ParseSize(text);
    ASSERT_FALSE(size.ok()) << text;
    EXPECT_THAT(size.error().message(), ::testing::HasSubstr("try 512MiB")) << text;
  }
}

}  // namespace
}  // namespace tare
