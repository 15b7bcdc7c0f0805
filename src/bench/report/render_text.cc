#include <algorithm>
#include <string_view>

#include "bench/report/report.h"

namespace tare {
namespace {

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

std::vector<size_t> ColumnWidths(const ReportTable& table) {
  std::vector<size_t> widths;
  for (const std::string& cell : table.header) widths.push_back(Width(cell));
  for (const std::vector<std::string>& row : table.rows) {
    for (size_t i = 0; i < row.size() && i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], Width(row[i]));
    }
  }
  return widths;
}

// Figures are aligned to the right, words to the left.
bool IsFigure(const std::string& cell) {
  return cell.empty() || cell == "–" || cell[0] == '+' || cell[0] == '-' ||
         (cell[0] >= '0' && cell[0] <= '9');
}

std::vector<bool> FigureColumns(const ReportTable& table) {
  std::vector<bool> figures(table.header.size(), true);
  for (const std::vector<std::string>& row : table.rows) {
    for (size_t i = 0; i < row.size() && i < figures.size(); ++i) {
      figures[i] = figures[i] && i > 0 && IsFigure(row[i]);
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
  std::string operator()(const ReportList& list) const {
    std::string text;
    for (const std::string& item : list.items) text += "  " + item + "\n";
    return text;
  }
  std::string operator()(const ReportTable& table) const {
    const std::vector<size_t> widths = ColumnWidths(table);
    std::string rule = "  ";
    for (size_t i = 0; i < widths.size(); ++i) {
      for (size_t k = 0; k < widths[i] + (i > 0 ? 2 : 0); ++k) rule += "─";
    }
    const std::vector<bool> figures = FigureColumns(table);
    std::string text = TextRow(table.header, widths, figures) + rule + "\n";
    for (const std::vector<std::string>& row : table.rows) text += TextRow(row, widths, figures);
    return text;
  }
};

std::string EscapeMarkdown(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + EscapeMarkdown(cell) + " |";
  return line + "\n";
}

struct MarkdownDrawer {
  std::string operator()(const ReportHeading& heading) const {
    return "\n" + std::string(static_cast<size_t>(heading.level), '#') + " " + heading.text +
           "\n\n";
  }
  std::string operator()(const ReportParagraph& paragraph) const { return paragraph.text + "\n\n"; }
  std::string operator()(const ReportList& list) const {
    std::string text;
    for (const std::string& item : list.items) text += "- " + item + "\n";
    return text + "\n";
  }
  std::string operator()(const ReportTable& table) const {
    std::vector<std::string> rule(table.header.size(), "---:");
    if (!rule.empty()) rule[0] = "---";
    std::string text = MarkdownRow(table.header) + MarkdownRow(rule);
    for (const std::vector<std::string>& row : table.rows) text += MarkdownRow(row);
    return text + "\n";
  }
};

template <typename Drawer>
std::string Render(const std::vector<ReportBlock>& blocks) {
  std::string text;
  for (const ReportBlock& block : blocks) text += std::visit(Drawer{}, block);
  return text;
}

}  // namespace

std::string RenderText(const std::vector<ReportBlock>& blocks) {
  return Render<TextDrawer>(blocks);
}
std::string RenderMarkdown(const std::vector<ReportBlock>& blocks) {
  return Render<MarkdownDrawer>(blocks);
}

}  // namespace tare
