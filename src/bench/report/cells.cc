#include "bench/report/cells.h"

#include "base/units.h"

namespace tare {
namespace {

constexpr std::string_view kUnderTareRun = "+tare";

}  // namespace

std::string BackendTitle(std::string_view row) {
  if (!row.ends_with(kUnderTareRun)) return std::string(row);
  row.remove_suffix(kUnderTareRun.size());
  return std::string(row) + " (tare run)";
}

std::string ReasonText(std::string_view reason) {
  return std::string(reason == "no-device" ? "not available here" : reason);
}

ReportFigure CountCell(uint64_t count) { return {.value = static_cast<double>(count)}; }

ReportFigure MibCell(double bytes) { return {.value = bytes / kMib, .digits = 1}; }

ReportFigure MibChangeCell(double bytes) {
  return {.value = bytes / kMib, .digits = 1, .with_sign = true};
}

ReportCell TimesCell(double first, double second) {
  if (second <= 0) return ReportUnknown{};
  return ReportFigure{.value = first / second, .digits = 1, .unit = "×"};
}

ReportFigure MedianCell(const Spread& spread, double scale, int digits) {
  ReportFigure number{.value = spread.median * scale, .digits = digits};
  if (spread.interval) {
    number.interval = Interval{spread.interval->low * scale, spread.interval->high * scale};
  }
  return number;
}

ReportCell MedianCell(const std::optional<Spread>& spread, double scale, int digits) {
  if (!spread) return ReportUnknown{};
  return MedianCell(*spread, scale, digits);
}

ReportCell SpreadCell(const std::optional<Spread>& spread, double scale, int digits) {
  if (!spread) return ReportUnknown{};
  ReportFigure number = MedianCell(*spread, scale, digits);
  if (!spread->interval && spread->count > 1) {
    number.range = Interval{spread->min * scale, spread->max * scale};
  }
  return number;
}

std::string MibText(double bytes) { return CellText(MibCell(bytes)); }

}  // namespace tare
