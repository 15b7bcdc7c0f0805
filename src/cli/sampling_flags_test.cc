#include "cli/sampling_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SamplingFlagsTest, WithoutASamplerFiltersAreGreedyUnlessTold) {
  SamplingFlags flags;
  EXPECT_EQ(flags.Sampling()->kind, SamplerKind::kFilters);
  EXPECT_EQ(flags.Sampling()->temperature, 0.0f);
  flags.temperature = 0.8f;
  flags.top_k = 40;
  EXPECT_EQ(flags.Sampling()->temperature, 0.8f);
  EXPECT_EQ(flags.Sampling()->top_k, 40);
}

TEST(SamplingFlagsTest, SamplersHaveKerasHubsDefaults) {
  SamplingFlags flags;
  flags.sampler = "top_k";
  EXPECT_EQ(flags.Sampling()->top_k, 5);
  EXPECT_EQ(flags.Sampling()->temperature, 1.0f);
  flags.sampler = "top_p";
  EXPECT_EQ(flags.Sampling()->top_p, 0.1f);
  EXPECT_EQ(flags.Sampling()->top_k, 0);
}

TEST(SamplingFlagsTest, RefusesWhatASamplerDoesNotHave) {
  SamplingFlags flags;
  flags.sampler = "nucleus";
  EXPECT_THAT(flags.Sampling().error().message(), HasSubstr("expected one of: greedy, random"));
  flags.sampler = "random";
  flags.top_k = 3;
  EXPECT_THAT(flags.Sampling().error().message(), HasSubstr("--top-k: the sampler random"));
  flags.top_k.reset();
  flags.top_p = 0.5f;
  EXPECT_THAT(flags.Sampling().error().message(), HasSubstr("--top-p: the sampler random"));
}

TEST(SamplingFlagsTest, BeamsAndAlphaAreOfTheirSamplers) {
  SamplingFlags flags;
  flags.beams = 3;
  EXPECT_THAT(flags.Sampling().error().message(), HasSubstr("--beams: the sampler (none given)"));
  flags.sampler = "beam";
  EXPECT_EQ(flags.Sampling()->beams, 3);
  flags.sampler = "contrastive";
  EXPECT_THAT(flags.Sampling().error().message(), HasSubstr("--beams: the sampler contrastive"));
  flags.beams.reset();
  flags.alpha = 0.25f;
  flags.top_k = 8;
  EXPECT_EQ(flags.Sampling()->alpha, 0.25f);
  EXPECT_EQ(flags.Sampling()->top_k, 8);
  flags.sampler = "greedy";
  EXPECT_THAT(flags.Sampling().error().message(), HasSubstr("--top-k: the sampler greedy"));
}

TEST(SamplingFlagsTest, ReadsStopTokens) {
  SamplingFlags flags;
  EXPECT_FALSE(flags.StopTokenIds()->has_value());
  flags.stop_token_ids = "none";
  EXPECT_THAT(**flags.StopTokenIds(), ElementsAre());
  flags.stop_token_ids = "7,0,41";
  EXPECT_THAT(**flags.StopTokenIds(), ElementsAre(7, 0, 41));
  for (const char* bad : {"", "7,", ",", "seven", "7 8", "99999999999", "1.5"}) {
    flags.stop_token_ids = bad;
    EXPECT_THAT(flags.StopTokenIds(),
                FailsWith(ErrorCode::kInvalidInput, "--stop-token-ids: got \""))
        << bad;
  }
}

}  // namespace
}  // namespace tare
