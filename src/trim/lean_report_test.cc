#include "trim/lean_report.h"

#include <gtest/gtest.h>

#include "trim/report.h"

namespace tare {
namespace {

TEST(LeanReport, AddsUpProcesses) {
  const std::string text = LeanReportText(ParseTrimReport("lean\t1\ttorch\t2097152\t0\t1048576\n"
                                                          "lean\t2\ttorch\t1048576\t4194304\t0\n"
                                                          "lean-read\t1\t4\n"
                                                          "lean-read\t2\t5\n")
                                              .lean);
  EXPECT_EQ(text,
            "tare: Keras weights: 3 MiB used from the mapped file, 4 MiB copied from it; random "
            "initialisation skipped for 1 MiB\n"
            "tare: 9 constants read without compiling a model\n");
}

TEST(LeanReport, SaysWhyItSteppedAside) {
  EXPECT_EQ(LeanReportText(ParseTrimReport("lean-aside\t7\tanother Keras\n").lean),
            "tare: lean loading fell back to Keras: another Keras\n");
}

TEST(LeanReport, SaysNothingOfAProgramWithoutKeras) {
  EXPECT_EQ(LeanReportText(ParseTrimReport("").lean), "");
}

}  // namespace
}  // namespace tare
