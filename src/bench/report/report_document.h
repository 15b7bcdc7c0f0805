#ifndef TARE_BENCH_REPORT_REPORT_DOCUMENT_H_
#define TARE_BENCH_REPORT_REPORT_DOCUMENT_H_

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "bench/stats/stats.h"

namespace tare {

// A report is built once as a document of these blocks; render.h renders it.

// A figure. Its unit is its column's, unless it has its own.
struct ReportFigure {
  double value = 0;
  int digits = 0;          // after the decimal point; kShortest: six significant digits
  std::string unit = {};   // its own unit, as printed after the digits: "×", " %"
  bool with_sign = false;  // "+" before values that are not negative
  bool grouped = false;    // "1,353"
  std::optional<Interval> interval = {};  // 95 %: "2.5 [2.4, 2.6]"
  std::optional<Interval> range = {};     // smallest and largest value: "2.5 (2.4–2.6)"
  std::optional<double> share = {};       // part of a whole; 0.5: "2.5 (50.0%)"
  std::string note = {};                  // "2.5, spans zero"

  static constexpr int kShortest = -1;
};
// An interval alone: "2.4 to 2.6".
struct ReportInterval {
  Interval ends;
  int digits = 0;
};
// An unknown figure: "–".
struct ReportUnknown {};
using ReportCell = std::variant<std::string, ReportFigure, ReportInterval, ReportUnknown>;

// The text of a cell.
std::string CellText(const ReportCell& cell);
// The text without interval and range: "2.5".
std::string BriefCellText(const ReportCell& cell);

// Converts from a name, because most columns have no unit.
struct ReportColumn {
  ReportColumn(const char* heading) : name(heading) {}    // NOLINT
  ReportColumn(std::string heading, std::string of = {})  // NOLINT
      : name(std::move(heading)), unit(std::move(of)) {}

  std::string name;
  std::string unit;        // its numbers' unit: "MiB"; empty: none, or their own
  bool wide_only = false;  // text shows it only if all columns are requested
  bool brief = false;      // text shows its intervals and ranges only then

  std::string Heading() const { return unit.empty() ? name : name + " " + unit; }
};

// Limits what text shows, because a terminal has only 100 columns. Other formats show everything.
ReportColumn WideOnly(ReportColumn column);
ReportColumn Brief(ReportColumn column);

struct ReportHeading {
  std::string text;
  int level = 1;
};
struct ReportParagraph {
  std::string text;
};
// Something that a reader must not miss: "warning: the machine was busy".
struct ReportNote {
  std::string label;
  std::string text;
};
struct ReportList {
  std::vector<std::string> items;
};
struct ReportTable {
  std::vector<ReportColumn> columns;
  std::vector<std::vector<ReportCell>> rows;  // the first column holds names
};
// A chart's data. Text and Markdown have no charts; the tables hold the same data.
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
