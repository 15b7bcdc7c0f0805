// No text report is wider than a terminal, whatever names and figures it contains.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/test_paths.h"
#include "base/wrap_text.h"
#include "bench/report/compare.h"
#include "bench/report/compare_report.h"
#include "bench/report/render.h"
#include "bench/report/report.h"
#include "bench/report/study/study_report.h"
#include "bench/results/store.h"
#include "bench/testing/sample_document.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

// 24 characters, the longest allowed row name; `tare run` adds a few more.
constexpr std::string_view kLongNames[] = {"keras-tensorflow-2025.12", "keras-openvino-2025.2+tare",
                                           "keras-openvino", "keras-openvino-2025.2"};

void Rename(std::string& row, const std::vector<std::string>& from) {
  const auto found = std::ranges::find(from, row);
  if (found != from.end()) row = kLongNames[static_cast<size_t>(found - from.begin())];
}

// Large models and long names: figures of hundreds of GiB, five runs, swap, a GPU, a search for
// limits.
Document Large() {
  Document document = testing::Sample();
  const std::vector<std::string> from = document.session.rows;
  for (std::string& row : document.session.rows) Rename(row, from);
  ScenarioRecord& scenario = document.scenarios[0];
  scenario.scenario.model = scenario.model.path = "/models/a-model-of-24-chars.gguf";
  scenario.scenario.limit_bytes = 131072 * kMebibyte;
  scenario.model.weights_bytes = 123456 * kMebibyte;
  scenario.model.einsums = {{"abc,cde->abde", "query, key and value", 96, true, true, "MatMul"}};
  document.session.machine.cpu_model = "A processor whose maker gives it a very long name (TM)";
  document.session.machine.gpus = {"NVIDIA H200 NVL, 143771 MiB", "NVIDIA H200 NVL, 143771 MiB"};
  document.session.machine.governor = "powersave";
  std::vector<RunRecord> runs;
  for (const RunRecord& run : document.runs) {
    for (uint64_t round = 0; round < 5; ++round) {
      RunRecord copy = run;
      Rename(copy.row, from);
      copy.round = round;
      copy.outcome.memory.peak_rss_low_bytes += (100'000 + round) * kMebibyte;
      copy.outcome.memory.peak_rss_high_bytes += (110'000 + round) * kMebibyte;
      copy.outcome.memory.device = DeviceMemory{false, 143'771 * kMebibyte, 9, 5'000'000, ""};
      for (StageReading& stage : copy.outcome.memory.stages) {
        stage.rss_bytes += 100'000 * kMebibyte;
        stage.swap_bytes = 12'345 * kMebibyte;
        stage.device_bytes = 123'456 * kMebibyte;
      }
      runs.push_back(std::move(copy));
    }
  }
  runs.push_back(runs.front());
  RequiredRecord& required = runs.back().required.emplace();
  required.row = runs.back().row;
  required.required_bytes = 123'456 * kMebibyte;
  required.file_bytes = 123'456 * kMebibyte;
  required.files = 12;
  required.probes = {{120'000 * kMebibyte, "oom-limit", 1, {}, 0},
                     {123'456 * kMebibyte, "done", 1, 123'456 * kMebibyte, 0}};
  document.runs = std::move(runs);
  return document;
}

// Sessions from a store that an earlier Tare wrote.
std::vector<Document> Stored() {
  const fs::path copy =
      fs::path(::testing::TempDir()) / ("width" + std::to_string(getpid()) + ".db");
  fs::copy_file(SourceFile("tests/behaviour/golden/store.db"), copy,
                fs::copy_options::overwrite_existing);
  std::vector<Document> documents;
  {
    Result<ResultStore> store = ResultStore::Open(copy.string(), ResultStore::Mode::kExisting);
    EXPECT_TRUE(store.ok()) << store.error().message();
    const auto entries = store->List(10);
    for (const SessionEntry& entry : *entries) documents.push_back(*store->Load(entry.id));
  }
  fs::remove(copy);
  return documents;
}

std::vector<Document> Fixtures() {
  std::vector<Document> documents = Stored();
  EXPECT_FALSE(documents.empty());
  documents.push_back(testing::Sample());
  documents.push_back(Large());
  return documents;
}

std::vector<ReportDocument> Reports(const Document& document) {
  std::vector<ReportDocument> reports = {BuildReport(document),
                                         BuildStudyReport(document, {.against_study = true})};
  CompareOptions options;
  options.allowed.insert(std::begin(kDifferences), std::end(kDifferences));
  const Result<Comparison> comparison = Compare(testing::Sample(), document, options);
  if (comparison.ok()) reports.push_back(BuildCompareReport(*comparison));
  const Result<Comparison> with_itself = Compare(document, document, options);
  if (with_itself.ok()) reports.push_back(BuildCompareReport(*with_itself));
  return reports;
}

void ExpectFits(const std::string& text, size_t columns) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(TextWidth(line), columns) << line;
  }
}

TEST(ReportWidthTest, EveryTextReportFitsATerminal) {
  for (const Document& document : Fixtures()) {
    for (const ReportDocument& report : Reports(document)) {
      ExpectFits(RenderText(report), 100);
      ExpectFits(RenderText(report, {.columns = 80}), 80);
    }
  }
}

TEST(ReportWidthTest, WideTablesHaveEveryColumnWhole) {
  const std::string narrow = RenderText(BuildReport(Large()));
  const std::string wide = RenderText(BuildReport(Large()), {.wide = true});
  EXPECT_EQ(narrow.find("lower quartile"), narrow.npos);
  EXPECT_NE(wide.find("lower quartile"), wide.npos);
  EXPECT_NE(wide.find("keras-openvino-2025.2 (tare run)"), wide.npos);
}

}  // namespace
}  // namespace tare
