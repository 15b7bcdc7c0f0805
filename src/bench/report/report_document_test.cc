#include "bench/report/report_document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "bench/report/render.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

TEST(ReportDocumentTest, ANumberIsShownWithWhatIsKnownOfIt) {
  EXPECT_EQ(CellText(ReportFigure{.value = 1353.25, .digits = 1}), "1353.2");
  EXPECT_EQ(CellText(ReportFigure{.value = 1234567.5, .digits = 1, .grouped = true}),
            "1,234,567.5");
  EXPECT_EQ(CellText(ReportFigure{.value = -999, .grouped = true}), "-999");
  EXPECT_EQ(CellText(ReportFigure{.value = -0.2, .grouped = true}), "0");
  EXPECT_EQ(CellText(ReportFigure{.value = 3.44, .digits = 1, .unit = "×"}), "3.4×");
  EXPECT_EQ(CellText(ReportFigure{.value = 2.5, .digits = 1, .interval = Interval{2.4, 2.6}}),
            "2.5 [2.4, 2.6]");
  EXPECT_EQ(CellText(ReportFigure{.value = -21,
                                  .digits = 1,
                                  .unit = " %",
                                  .with_sign = true,
                                  .interval = Interval{-22, 0.5},
                                  .note = "within noise"}),
            "-21.0 % [-22.0, +0.5], within noise");
  EXPECT_EQ(CellText(ReportFigure{.value = 2, .range = Interval{1, 3}}), "2 (1–3)");
  EXPECT_EQ(BriefCellText(ReportFigure{.value = 2, .interval = Interval{1, 3}}), "2");
  EXPECT_EQ(CellText(ReportFigure{.value = 2, .with_sign = true, .share = 0.125}), "+2 (12.5%)");
  EXPECT_EQ(CellText(ReportFigure{.value = 1234.56789, .digits = ReportFigure::kShortest}),
            "1234.57");
  EXPECT_EQ(CellText(ReportInterval{{1, 2}, 1}), "1.0 to 2.0");
  EXPECT_EQ(CellText(ReportUnknown{}), "–");
}

ReportDocument SmallReport() {
  ReportTable table{{"backend", {"peak", "MiB"}},
                    {{"a, b", ReportFigure{.value = 2, .digits = 1, .interval = Interval{1, 3}}},
                     {"c", ReportUnknown{}}}};
  ReportChart chart{"memory", {"time", "s"}, {"RSS", "MiB"}, {{"a", {{0, 1}, {0.5, 2}}}}};
  return {{ReportNote{"warning", "it was busy"}, std::move(table), std::move(chart)}};
}

TEST(ReportDocumentTest, EveryFormShowsTheSameCells) {
  EXPECT_EQ(RenderText(SmallReport()),
            "warning: it was busy\n"
            "  backend        peak MiB\n"
            "  ───────────────────────\n"
            "  a, b     2.0 [1.0, 3.0]\n"
            "  c                     –\n");
  EXPECT_EQ(RenderMarkdown(SmallReport()),
            "warning: it was busy\n\n"
            "| backend | peak MiB |\n| --- | ---: |\n| a, b | 2.0 [1.0, 3.0] |\n| c | – |\n\n");
}

ReportDocument WideReport() {
  const ReportFigure figure{.value = 2, .digits = 1, .interval = Interval{1, 3}};
  return {{ReportTable{{"backend", WideOnly("runs"), Brief({"peak", "MiB"}), "what it is"},
                       {{"a", "5", figure, "one two three four"}}}}};
}

TEST(ReportDocumentTest, TextHasTheColumnsAReaderNeedsFirstAndAllWhenWide) {
  EXPECT_EQ(RenderText(WideReport()),
            "  backend  peak MiB  what it is\n"
            "  ─────────────────────────────────────\n"
            "  a             2.0  one two three four\n");
  const std::string wide = RenderText(WideReport(), {.wide = true});
  EXPECT_THAT(wide, HasSubstr("backend  runs        peak MiB  what it is"));
  EXPECT_THAT(wide, HasSubstr("2.0 [1.0, 3.0]"));
  EXPECT_THAT(RenderMarkdown(WideReport()), HasSubstr("| a | 5 | 2.0 [1.0, 3.0] |"));
  EXPECT_EQ(RenderCsv(WideReport()),
            "backend,runs,peak MiB,what it is\r\na,5,2.0,one two three four\r\n");
}

TEST(ReportDocumentTest, CellsWrapWhereThereIsNoRoomAndFiguresStayWhole) {
  EXPECT_EQ(RenderText(WideReport(), {.columns = 28}),
            "           peak\n"
            "  backend   MiB  what it is\n"
            "  ──────────────────────────\n"
            "  a         2.0  one two\n"
            "                 three four\n");
  EXPECT_EQ(
      RenderText(
          {{ReportTable{
              {"backend", {"peak", "MiB"}},
              {{"long-name", ReportFigure{.value = 2, .digits = 1, .interval = Interval{1, 3}}}}}}},
          {.columns = 24}),
      "  backend       peak MiB\n"
      "  ──────────────────────\n"
      "  long-name          2.0\n"
      "              [1.0, 3.0]\n");
}

TEST(ReportDocumentTest, SentencesWrap) {
  const ReportDocument report{{ReportNote{"warning", "one two three"},
                               ReportList{{"one two three four"}}, ReportParagraph{"a  b"}}};
  EXPECT_EQ(RenderText(report, {.columns = 16}),
            "warning: one\n  two three\n"
            "  one two\n    three four\n"
            "a  b\n");
}

TEST(ReportDocumentTest, CsvHasTheValuesOfTheTables) {
  EXPECT_EQ(RenderCsv(SmallReport()), "backend,peak MiB\r\n\"a, b\",2.0\r\nc,\r\n");
  ReportDocument two = SmallReport();
  Append(SmallReport().blocks, two.blocks);
  EXPECT_THAT(RenderCsv(two), HasSubstr("c,\r\n\r\nbackend,"));
}

TEST(ReportDocumentTest, JsonHasTheDataOfChartsToo) {
  const auto json = nlohmann::json::parse(RenderReportJson(SmallReport()), nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["blocks"][0]["kind"], "note");
  EXPECT_EQ(json["blocks"][1]["header"][1], "peak MiB");
  EXPECT_EQ(json["blocks"][1]["rows"][1][1], "–");
  const auto& chart = json["blocks"][2];
  EXPECT_EQ(chart["x"], "time s");
  EXPECT_EQ(chart["series"][0]["points"][1][0], 0.5);
}

}  // namespace
}  // namespace tare
