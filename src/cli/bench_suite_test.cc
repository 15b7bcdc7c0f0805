#include "cli/bench_suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/testing/temp_folder.h"
#include "bench/rows/backends.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const TempFolder folder;
  const std::string path = folder.File("s.json");
  std::ofstream(path) << text;
  const Result<BenchSuite> suite = LoadBenchSuite(path);
  return suite.ok() ? "accepted" : suite.error().message();
}

TEST(BenchSuiteTest, EverySuitesRowsAreThere) {
  for (const char* name : {"study", "trim"}) {
    const Result<BenchSuite> suite = LoadBenchSuite(name);
    ASSERT_TRUE(suite.ok()) << suite.error().message();
    EXPECT_FALSE(suite->backends.empty());
    for (const std::string& row : suite->backends) EXPECT_TRUE(FindBackend(row).ok()) << row;
  }
}

TEST(BenchSuiteTest, TheStudysSuiteIsTheStudys) {
  const Result<BenchSuite> suite = LoadBenchSuite("study");
  ASSERT_TRUE(suite.ok()) << suite.error().message();
  EXPECT_EQ(suite->synth_shape, "gpt2-medium");
  EXPECT_TRUE(suite->study);
  EXPECT_GE(suite->runs, 5u);
  EXPECT_GE(suite->backends.size(), 8u);
}

TEST(BenchSuiteTest, ErrorsNameFileAndMember) {
  EXPECT_EQ(ErrorOf("{}"), "accepted");
  EXPECT_THAT(ErrorOf(R"({"run": 3})"), HasSubstr("no member \"run\""));
  EXPECT_THAT(ErrorOf(R"({"runs": "3"})"), HasSubstr("runs"));
  EXPECT_THAT(ErrorOf(R"({"workload": "mine"})"), HasSubstr("no workload \"mine\""));
  EXPECT_THAT(ErrorOf(R"({"model": {"seed": 1}})"), HasSubstr("synth"));
  EXPECT_THAT(ErrorOf(R"({"backends": "native"})"), HasSubstr("backends"));
  EXPECT_EQ(ErrorOf(R"({"devices": ["cpu", "gpu"]})"), "accepted");
  EXPECT_THAT(ErrorOf(R"({"devices": ["tpu"]})"), HasSubstr("no device \"tpu\""));
  EXPECT_NE(ErrorOf("[1]"), "accepted");
}

TEST(BenchSuiteTest, ASuiteThatIsNotThereIsAnError) {
  EXPECT_THAT(LoadBenchSuite("no-such-suite").error().message(), HasSubstr("no-such-suite.json"));
}

}  // namespace
}  // namespace tare
