#ifndef TARE_BENCH_REPORT_REPORT_DOCUMENT_H_
#define TARE_BENCH_REPORT_REPORT_DOCUMENT_H_

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/stats/stats.h"

namespace tare {

// A report is made once, as a document of these blocks; render.h draws it.

// A figure. Its unit is its column's, unless it has one of its own.
struct ReportFigure {
  double value = 0;
  int digits = 0;                         // behind the point; kShortest: six significant ones
  std::string unit = {};                  // of its own, as it follows the digits: "×", " %"
  bool with_sign = false;                 // "+" before what is not below 0, in the interval too
  bool grouped = false;                   // "1,353"
  std::optional<Interval> interval = {};  // of 95 %: "2.5 [2.4, 2.6]"
  std::optional<Interval> range = {};     // of the measurements: "2.5 (2.4–2.6)"
  std::optional<double> share = {};       // of a whole, 0.5: a half: "2.5 (50.0%)"
  std::string note = {};                  // "2.5, spans zero"

  static constexpr int kShortest = -1;
};
// Two ends alone: "2.4 to 2.6".
struct ReportInterval {
  Interval ends;
  int digits = 0;
};
// A figure that is not known: "–".
struct ReportUnknown {};
using ReportCell = std::variant<std::string, ReportFigure, ReportInterval, ReportUnknown>;

// As a reader sees it.
std::string CellText(const ReportCell& cell);
// The same without interval and range: "2.5".
std::string BriefCellText(const ReportCell& cell);

// Made of its name where it has no unit, as most are written.
struct ReportColumn {
  ReportColumn(const char* heading) : name(heading) {}    // NOLINT
  ReportColumn(std::string heading, std::string of = {})  // NOLINT
      : name(std::move(heading)), unit(std::move(of)) {}

  std::string name;
  std::string unit;        // of its numbers: "MiB"; empty: none, or their own
  bool wide_only = false;  // text shows it only where all columns are asked for
  bool brief = false;      // text shows intervals and ranges of its figures only then

  std::string Heading() const { return unit.empty() ? name : name + " " + unit; }
};

// What a terminal of 100 columns has no room for; other forms show all of it.
ReportColumn WideOnly(ReportColumn column);
ReportColumn Brief(ReportColumn column);

struct ReportHeading {
  std::string text;
  int level = 1;
};
struct ReportParagraph {
  std::string text;
};
// What a reader must not miss: "warning: the machine was busy".
struct ReportNote {
  std::string label;
  std::string text;
};
struct ReportList {
  std::vector<std::string> items;
};
struct ReportTable {
  std::vector<ReportColumn> columns;
  std::vector<std::vector<ReportCell>> rows;  // the first column is a name
};
// Data of a chart. Text and Markdown have no charts: what one shows, tables beside it say too.
struct ReportChart {
  struct Series {
    std::string name;
    std::vector<std::pair<double, double>> points;  // x, y
  };
  std::string title;
  ReportColumn x;
  ReportColumn y;
  std::vector<Series> series;
};

using ReportBlock =
    std::variant<ReportHeading, ReportParagraph, ReportNote, ReportList, ReportTable, ReportChart>;
using ReportBlocks = std::vector<ReportBlock>;

struct ReportDocument {
  ReportBlocks blocks;
};

// Moves the blocks of `section` to the end of `blocks`.
void Append(ReportBlocks section, ReportBlocks& blocks);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_DOCUMENT_H_
