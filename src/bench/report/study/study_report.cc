#include "bench/report/study/study_report.h"

#include <cmath>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>

#include "base/count_text.h"
#include "bench/report/study/study_sections.h"

namespace tare {
namespace {

void Append(ReportBlocks section, ReportBlocks& to) {
  to.insert(to.end(), std::make_move_iterator(section.begin()),
            std::make_move_iterator(section.end()));
}

ReportBlocks ScenarioReport(const StudyContext& context, const StudyReportOptions& options) {
  ReportBlocks blocks;
  blocks.emplace_back(ReportHeading{fmt::format(
      "{} · {} · {}", std::filesystem::path(context.scenario.scenario.model).filename().string(),
      WorkloadName(context.scenario.scenario.workload),
      CountText(context.scenario.scenario.threads, "thread"))});
  Append(ExecutiveSummary(context), blocks);
  Append(TestConfiguration(context), blocks);
  Append(DeviceTable(context, false), blocks);
  Append(DeviceTable(context, true), blocks);
  Append(RankingSections(context), blocks);
  Append(RequiredMemory(context), blocks);
  Append(FixImpact(context), blocks);
  Append(TrimSection(context), blocks);
  Append(EinsumKinds(context), blocks);
  Append(DevicePatterns(context), blocks);
  Append(MemoryPatterns(context), blocks);
  Append(Recommendations(context), blocks);
  Append(Opportunities(context), blocks);
  Append(DeploymentGuidelines(context), blocks);
  Append(StudyWarnings(context), blocks);
  if (options.against_study) Append(AgainstStudy(context), blocks);
  Append(StudyAppendix(context), blocks);
  return blocks;
}

std::vector<size_t> ScenariosToReport(const Document& document) {
  std::vector<size_t> study;
  std::vector<size_t> all;
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    all.push_back(i);
    if (document.scenarios[i].scenario.workload.kind == Workload::Kind::kStudy) study.push_back(i);
  }
  return study.empty() ? all : study;
}

struct BlockToJson {
  nlohmann::ordered_json operator()(const ReportHeading& heading) const {
    return {{"kind", "heading"}, {"level", heading.level}, {"text", heading.text}};
  }
  nlohmann::ordered_json operator()(const ReportParagraph& paragraph) const {
    return {{"kind", "paragraph"}, {"text", paragraph.text}};
  }
  nlohmann::ordered_json operator()(const ReportList& list) const {
    return {{"kind", "list"}, {"items", list.items}};
  }
  nlohmann::ordered_json operator()(const ReportTable& table) const {
    return {{"kind", "table"}, {"header", table.header}, {"rows", table.rows}};
  }
};

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + CsvField(fields[i]);
  return line + "\r\n";
}

// Three fields a figure: median and the ends of its interval, empty where they are not known.
void AddSpread(const std::optional<Spread>& spread, double scale, bool whole,
               std::vector<std::string>& fields) {
  const auto number = [&](double value) {
    return whole ? fmt::format("{}", std::llround(value * scale))
                 : fmt::format("{:.6g}", value * scale);
  };
  fields.push_back(spread ? number(spread->median) : "");
  const bool known = spread && spread->interval;
  fields.push_back(known ? number(spread->interval->low) : "");
  fields.push_back(known ? number(spread->interval->high) : "");
}

std::vector<std::string> CsvHeader() {
  std::vector<std::string> header = {"model",   "precision", "workload", "threads",      "row",
                                     "failure", "n",         "tokens",   "weights_bytes"};
  for (const char* figure :
       {"peak_rss_bytes", "growth_bytes", "tare_bytes", "load_ns", "cold_start_ns",
        "first_generation_ns", "second_generation_ns", "ttft_ns", "prefill_tokens_per_s",
        "decode_tokens_per_s", "whole_tokens_per_s", "study_words_per_s", "device_peak_bytes"}) {
    for (const char* part : {"", "_low", "_high"}) header.push_back(std::string(figure) + part);
  }
  return header;
}

std::string TokensWord(const TokenAgreement& tokens) {
  if (!tokens.known) return "unknown";
  if (tokens.sampled) return "sampled";
  return tokens.equal ? "equal" : "differ";
}

std::vector<std::string> CsvRow(const ScenarioRecord& scenario, const RowSummary& row) {
  std::vector<std::string> fields = {scenario.scenario.model,
                                     scenario.model.precision,
                                     WorkloadName(scenario.scenario.workload),
                                     std::to_string(scenario.scenario.threads),
                                     row.row,
                                     row.failed ? row.failed->outcome.failure->reason : "",
                                     std::to_string(row.good_runs),
                                     row.good_runs > 0 ? TokensWord(row.tokens) : "",
                                     std::to_string(scenario.model.weights_bytes)};
  if (row.good_runs == 0) {
    fields.resize(CsvHeader().size());
    return fields;
  }
  AddSpread(row.peak_rss_bytes, 1, true, fields);
  AddSpread(row.growth_bytes, 1, true, fields);
  AddSpread(row.tare_bytes, 1, true, fields);
  for (const Spread* seconds :
       {&row.load_seconds, &row.cold_start_seconds, &row.first_seconds, &row.second_seconds}) {
    AddSpread(*seconds, 1e9, true, fields);
  }
  AddSpread(row.ttft_seconds, 1e9, true, fields);
  AddSpread(row.prefill_tokens_per_second, 1, false, fields);
  AddSpread(row.decode_tokens_per_second, 1, false, fields);
  AddSpread(row.whole_tokens_per_second, 1, false, fields);
  AddSpread(row.study_words_per_second, 1, false, fields);
  AddSpread(row.device_peak_bytes, 1, true, fields);
  return fields;
}

}  // namespace

std::vector<ReportBlock> BuildStudyReport(const Document& document,
                                          const StudyReportOptions& options) {
  ReportBlocks blocks;
  for (const size_t i : ScenariosToReport(document)) {
    const std::vector<RowSummary> all = SummarizeScenario(document, i);
    const std::vector<RankedRow> rows = RowsToRank(document, i, all, options.ranking);
    Append(
        ScenarioReport({document, document.scenarios[i], rows, all, RunsOfScenario(document, i), i},
                       options),
        blocks);
  }
  return blocks;
}

std::string RenderCsv(const Document& document) {
  std::string text = CsvLine(CsvHeader());
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    for (const RowSummary& row : SummarizeScenario(document, i)) {
      text += CsvLine(CsvRow(document.scenarios[i], row));
    }
  }
  return text;
}

std::string RenderBlocksJson(const std::vector<ReportBlock>& blocks) {
  nlohmann::ordered_json out = {{"schema_version", 1}, {"blocks", nlohmann::ordered_json::array()}};
  for (const ReportBlock& block : blocks) {
    out["blocks"].push_back(std::visit(BlockToJson{}, block));
  }
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace tare
