#include "bench/report/cells.h"

#include "base/units.h"

namespace tare {

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

std::string MibText(double bytes) { return CellText(MibCell(bytes)); }

}  // namespace tare
