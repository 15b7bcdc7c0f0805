#include <algorithm>
#include <string_view>

#include "bench/report/render.h"

namespace tare {
namespace {

// A table as it is printed: its headings, then its rows.
using Lines = std::vector<std::vector<std::string>>;

// Columns on a terminal: every code point of our tables is one wide.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string Pad(const std::string& text, size_t width, bool right) {
  const std::string blanks(width - std::min(width, Width(text)), ' ');
  return right ? blanks + text : text + blanks;
}

Lines LinesOf(const ReportTable& table) {
  Lines lines(1);
  for (const ReportColumn& column : table.columns) lines[0].push_back(column.Heading());
  for (const std::vector<ReportCell>& row : table.rows) {
    std::vector<std::string>& line = lines.emplace_back();
    for (const ReportCell& cell : row) line.push_back(CellText(cell));
  }
  return lines;
}

std::vector<size_t> ColumnWidths(const Lines& lines) {
  std::vector<size_t> widths(lines[0].size());
  for (const std::vector<std::string>& line : lines) {
    for (size_t i = 0; i < line.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], Width(line[i]));
    }
  }
  return widths;
}

// Figures are aligned to the right, words to the left.
bool IsFigure(const std::string& cell) {
  return cell.empty() || cell == "–" || cell[0] == '+' || cell[0] == '-' ||
         (cell[0] >= '0' && cell[0] <= '9');
}

std::vector<bool> FigureColumns(const Lines& lines) {
  std::vector<bool> figures(lines[0].size(), true);
  for (size_t row = 1; row < lines.size(); ++row) {
    for (size_t i = 0; i < lines[row].size() && i < figures.size(); ++i) {
      figures[i] = figures[i] && i > 0 && IsFigure(lines[row][i]);
    }
  }
  return figures;
}

std::string TextRow(const std::vector<std::string>& cells, const std::vector<size_t>& widths,
                    const std::vector<bool>& figures) {
  std::string line;
  for (size_t i = 0; i < cells.size() && i < widths.size(); ++i) {
    line += "  " + Pad(cells[i], widths[i], figures[i]);
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

struct TextDrawer {
  std::string operator()(const ReportHeading& heading) const {
    if (heading.level > 1) return "\n" + heading.text + "\n";
    const size_t width = std::min<size_t>(Width(heading.text), 100);
    std::string line;
    for (size_t i = 0; i < width; ++i) line += "═";
    return "\n" + heading.text + "\n" + line + "\n";
  }
  std::string operator()(const ReportParagraph& paragraph) const { return paragraph.text + "\n"; }
  std::string operator()(const ReportNote& note) const {
    return note.label + ": " + note.text + "\n";
  }
  std::string operator()(const ReportList& list) const {
    std::string text;
    for (const std::string& item : list.items) text += "  " + item + "\n";
    return text;
  }
  std::string operator()(const ReportTable& table) const {
    const Lines lines = LinesOf(table);
    const std::vector<size_t> widths = ColumnWidths(lines);
    const std::vector<bool> figures = FigureColumns(lines);
    std::string rule = "  ";
    for (size_t i = 0; i < widths.size(); ++i) {
      for (size_t k = 0; k < widths[i] + (i > 0 ? 2 : 0); ++k) rule += "─";
    }
    std::string text = TextRow(lines[0], widths, figures) + rule + "\n";
    for (size_t row = 1; row < lines.size(); ++row) text += TextRow(lines[row], widths, figures);
    return text;
  }
  std::string operator()(const ReportChart&) const { return ""; }
};

}  // namespace

std::string RenderText(const ReportDocument& report) {
  std::string text;
  for (const ReportBlock& block : report.blocks) text += std::visit(TextDrawer{}, block);
  return text;
}

}  // namespace tare
