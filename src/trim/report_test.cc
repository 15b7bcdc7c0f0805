#include "trim/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <set>
#include <tuple>

#include "trim/contract.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string SampleOf(EventText) { return "text"; }
std::string SampleOf(EventNumber) { return "5"; }

// A line of an event with as many fields as it has.
template <typename... Fields>
std::string LineOf(const TrimEvent<Fields...>& event) {
  return fmt::format("{}\t7", event.name) + (("\t" + SampleOf(Fields{})) + ...) + "\n";
}

template <typename Visit>
void ForEachEvent(const Visit& visit) {
  std::apply([&](const auto&... event) { (visit(event), ...); }, kTrimEvents);
}

TEST(TrimReportTest, EveryEventOfTheContractIsRead) {
  ForEachEvent([](const auto& event) {
    EXPECT_THAT(ParseTrimReport(LineOf(event)).unread, IsEmpty()) << event.name;
  });
}

TEST(TrimReportTest, EventsAndTheirFieldsHaveNamesOfTheirOwn) {
  std::set<std::string> names;
  ForEachEvent([&](const auto& event) {
    EXPECT_TRUE(names.insert(event.name).second) << event.name;
    std::set<std::string> fields;
    for (const char* field : event.fields) {
      ASSERT_NE(field, nullptr) << event.name;
      EXPECT_TRUE(fields.insert(field).second) << event.name << " " << field;
    }
  });
}

TEST(TrimReportTest, SkipsWhatItCannotReadAndSaysWhatIsWrong) {
  const TrimReport report = ParseTrimReport(
      "aside\t7\tbuilt for another\n"
      "einsum\t7\tab,bc->ac\n"
      "park\t7\tmany\t0\t\n"
      "slack\t7\t5\t6\n"
      "slack\t7\t-5\n"
      "washed\t7\t1\n"
      "model\n"
      "\n"
      "lean-read\t7\t4\n"
      "rows\t7\t1");
  EXPECT_THAT(report.unread,
              ElementsAre("line 2: einsum: got 1 field, expected 4 (equation, operands, count, "
                          "left_because)",
                          "line 3: park: parked_bytes: got \"many\", expected a number",
                          "line 4: slack: got 2 fields, expected 1 (bytes)",
                          "line 5: slack: bytes: got \"-5\", expected a number",
                          "line 6: unknown event \"washed\"", "line 7: model: has no process id",
                          "line 8: unknown event \"\"", "line 10: the line is incomplete"));
  EXPECT_THAT(report.hook.aside, ElementsAre("built for another"));
  EXPECT_EQ(report.lean.read_values, 4u);
  EXPECT_TRUE(report.hook.einsums.empty());
  EXPECT_EQ(report.hook.parked_bytes + report.hook.slack_bytes + report.hook.written_rows, 0u);
}

TEST(TrimReportTest, WhatCannotBeReadIsAnErrorWhereThatIsAskedFor) {
  const TrimReport report = ParseTrimReport("washed\t7\t1\n");
  unsetenv(kStrictVariable);
  EXPECT_TRUE(CheckTrimReport(report).ok());
  setenv(kStrictVariable, "1", 1);
  EXPECT_TRUE(CheckTrimReport(ParseTrimReport("slack\t7\t5\n")).ok());
  const Status strict = CheckTrimReport(report);
  unsetenv(kStrictVariable);
  ASSERT_FALSE(strict.ok());
  EXPECT_THAT(strict.error().message(), HasSubstr("unknown event \"washed\""));
}

}  // namespace
}  // namespace tare
