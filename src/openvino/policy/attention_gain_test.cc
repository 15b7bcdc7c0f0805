#include "openvino/policy/attention_gain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tare {
namespace {

using ::testing::HasSubstr;

// An attention made of einsums that saves `bytes`, only through its keys.
AttentionSize Saving(uint64_t bytes) { return {true, 0, bytes / sizeof(float)}; }

TEST(AttentionGainTest, AllAreFusedWhereTheLargestSavesMoreThanAllAdd) {
  constexpr uint64_t kMib = 1 << 20;
  AttentionGain gain;
  gain.Add(Saving(2 * kMib));
  gain.Add(Saving(0));
  EXPECT_EQ(gain.LeftBecause(Saving(0)), "");
  gain.Add(Saving(0));
  EXPECT_THAT(gain.LeftBecause(Saving(2 * kMib)), HasSubstr("too short"));
}

TEST(AttentionGainTest, ScoresCountOnceAndAHalf) {
  AttentionGain gain;
  gain.Add({true, 174'763, 0});  // 1.5 · 4 bytes each: just above 1 MiB
  EXPECT_EQ(gain.LeftBecause({true, 174'763, 0}), "");
  AttentionGain less;
  less.Add({true, 174'760, 0});
  EXPECT_THAT(less.LeftBecause({true, 174'760, 0}), HasSubstr("too short"));
}

TEST(AttentionGainTest, WhatIsNotKnownAndWhatIsNotOfEinsumsIsLeft) {
  AttentionGain gain;
  gain.Add(Saving(1 << 30));
  EXPECT_THAT(gain.LeftBecause({true, std::nullopt, 5}), HasSubstr("dynamic lengths"));
  EXPECT_THAT(gain.LeftBecause({true, 5, std::nullopt}), HasSubstr("dynamic lengths"));
  EXPECT_THAT(gain.LeftBecause({false, 1 << 30, 1 << 30}), HasSubstr("OpenVINO fuses these"));
}

}  // namespace
}  // namespace tare
