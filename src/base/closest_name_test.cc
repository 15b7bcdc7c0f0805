#include "base/closest_name.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

constexpr std::string_view kNames[] = {"native",           "openvino",    "llama.cpp",
                                       "llama-cpp-python", "keras-torch", "keras-torch:gpu"};

TEST(ClosestNameTest, FindsWhatWasMistyped) {
  EXPECT_EQ(ClosestName("llamacpp", kNames), "llama.cpp");
  EXPECT_EQ(ClosestName("llama-cpp", kNames), "llama.cpp");
  EXPECT_EQ(ClosestName("Native", kNames), "native");
  EXPECT_EQ(ClosestName("naitve", kNames), "native");
  EXPECT_EQ(ClosestName("opnevnio", kNames), "openvino");
  EXPECT_EQ(ClosestName("keras-troch:gpu", kNames), "keras-torch:gpu");
}

TEST(ClosestNameTest, ABeginningMeansTheShortestNameThatHasIt) {
  EXPECT_EQ(ClosestName("llama", kNames), "llama.cpp");
  EXPECT_EQ(ClosestName("keras", kNames), "keras-torch");
}

TEST(ClosestNameTest, GuessesNothingForWhatIsFarFromAll) {
  EXPECT_EQ(ClosestName("tensorrt", kNames), "");
  EXPECT_EQ(ClosestName("", kNames), "");
  EXPECT_EQ(ClosestName(std::string(1 << 20, 'n'), kNames), "");
}

TEST(ClosestNameTest, AdviceListsTheNamesWhereNoneIsNear) {
  constexpr std::string_view kDevices[] = {"cpu", "gpu"};
  EXPECT_EQ(NameAdvice("cuda", kDevices), "expected one of: cpu, gpu");
  EXPECT_EQ(NameAdvice("gpus", kDevices), "did you mean gpu?");
  constexpr std::string_view kOne[] = {"study"};
  EXPECT_EQ(NameAdvice("mine", kOne), "expected study");
}

}  // namespace
}  // namespace tare
