#include "bench/report/report_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <string_view>

namespace tare {
namespace {

// "1,353"
std::string Grouped(double value, int digits) {
  const std::string plain = fmt::format("{:.{}f}", std::abs(value), digits);
  const size_t whole = std::min(plain.find('.'), plain.size());
  std::string grouped;
  for (size_t i = 0; i < plain.size(); ++i) {
    if (i > 0 && i < whole && (whole - i) % 3 == 0) grouped += ',';
    grouped += plain[i];
  }
  const bool is_zero = plain.find_first_not_of("0.") == std::string::npos;
  return (value < 0 && !is_zero ? "-" : "") + grouped;
}

std::string DigitsOf(const ReportFigure& number, double value) {
  if (number.digits == ReportFigure::kShortest) return fmt::format("{:.6g}", value);
  if (number.grouped) return Grouped(value, number.digits);
  return number.with_sign ? fmt::format("{:+.{}f}", value, number.digits)
                          : fmt::format("{:.{}f}", value, number.digits);
}

struct CellDrawer {
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const ReportUnknown&) const { return "–"; }
  std::string operator()(const ReportInterval& interval) const {
    return fmt::format("{:.{}f} to {:.{}f}", interval.ends.low, interval.digits, interval.ends.high,
                       interval.digits);
  }
  std::string operator()(const ReportFigure& number) const {
    const auto digits = [&](double value) { return DigitsOf(number, value); };
    std::string text = digits(number.value) + number.unit;
    if (number.interval) {
      text += fmt::format(" [{}, {}]", digits(number.interval->low), digits(number.interval->high));
    }
    if (number.range) {
      text += fmt::format(" ({}–{})", digits(number.range->low), digits(number.range->high));
    }
    if (number.share) text += fmt::format(" ({:.1f}%)", *number.share * 100);
    if (!number.note.empty()) text += ", " + number.note;
    return text;
  }
};

}  // namespace

std::string CellText(const ReportCell& cell) { return std::visit(CellDrawer{}, cell); }

std::string BriefCellText(const ReportCell& cell) {
  const auto* figure = std::get_if<ReportFigure>(&cell);
  if (figure == nullptr) return CellText(cell);
  ReportFigure brief = *figure;
  brief.interval.reset();
  brief.range.reset();
  return CellText(brief);
}

ReportColumn WideOnly(ReportColumn column) {
  column.wide_only = true;
  return column;
}

ReportColumn Brief(ReportColumn column) {
  column.brief = true;
  return column;
}

void Append(ReportBlocks section, ReportBlocks& blocks) {
  blocks.insert(blocks.end(), std::make_move_iterator(section.begin()),
                std::make_move_iterator(section.end()));
}

}  // namespace tare
