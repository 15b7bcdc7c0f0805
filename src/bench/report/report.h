#ifndef TARE_BENCH_REPORT_REPORT_H_
#define TARE_BENCH_REPORT_REPORT_H_

#include <string>
#include <variant>
#include <vector>

#include "bench/report/ranking.h"
#include "bench/results/document.h"

namespace tare {

// A report is made once, as blocks, and drawn as text or as Markdown.
struct ReportHeading {
  std::string text;
  int level = 1;
};
struct ReportParagraph {
  std::string text;
};
struct ReportList {
  std::vector<std::string> items;
};
struct ReportTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // the first column is a name, the others are figures
};
using ReportBlock = std::variant<ReportHeading, ReportParagraph, ReportList, ReportTable>;

// A cell whose figure is not known.
inline constexpr char kUnknownCell[] = "–";

// "1353.2": MiB to one decimal place.
std::string MibText(double bytes);

// The study's tables for every scenario: stages, consumers, summary, health, speed, rankings,
// failures; and what they hold for. A pure function of its arguments.
std::vector<ReportBlock> BuildReport(const Document& document, const RankingOptions& ranking = {});

std::string RenderText(const std::vector<ReportBlock>& blocks);
std::string RenderMarkdown(const std::vector<ReportBlock>& blocks);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_H_
