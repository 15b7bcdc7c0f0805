#include <algorithm>
#include <numeric>
#include <string_view>

#include "bench/report/render.h"

namespace tare {
namespace {

constexpr size_t kGap = 2;        // before each column
constexpr size_t kNarrowest = 6;  // the least width to which words are cut
constexpr std::string_view kTie = "\u00A0";

// A printed table: its headings, then its rows. Ties mark where a cell must not break.
using Cells = std::vector<std::string>;
using Lines = std::vector<Cells>;
using Widths = std::vector<size_t>;

std::string Replace(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

// Lets "2.5 [2.4, 2.6]" break only before its interval.
std::string Tied(const std::string& text) {
  std::string tied;
  int depth = 0;
  for (const char c : text) {
    depth += c == '[' || c == '(' ? 1 : (c == ']' || c == ')') && depth > 0 ? -1 : 0;
    if (c == ' ' && depth > 0) {
      tied += kTie;
    } else {
      tied += c;
    }
  }
  return tied;
}

std::string Pad(const std::string& text, size_t width, bool right) {
  const std::string blanks(width - std::min(width, TextWidth(text)), ' ');
  return right ? blanks + text : text + blanks;
}

std::string CellOf(const ReportColumn& column, const ReportCell& cell, bool wide) {
  std::string text = column.brief && !wide ? BriefCellText(cell) : CellText(cell);
  return std::holds_alternative<ReportFigure>(cell) ? Tied(text) : text;
}

Lines LinesOf(const ReportTable& table, bool wide) {
  Lines lines(1 + table.rows.size());
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const ReportColumn& column = table.columns[i];
    if (column.wide_only && !wide) continue;
    lines[0].push_back(column.Heading());
    for (size_t row = 0; row < table.rows.size(); ++row) {
      const std::vector<ReportCell>& cells = table.rows[row];
      lines[row + 1].push_back(i < cells.size() ? CellOf(column, cells[i], wide) : "");
    }
  }
  return lines;
}

size_t Sum(const Widths& widths) {
  return std::accumulate(widths.begin(), widths.end(), size_t{0});
}

size_t LongestWord(const std::string& text) {
  size_t longest = 0;
  for (const std::string& word : WrapLines(text, 1, LongWord::kKeep)) {
    longest = std::max(longest, TextWidth(word));
  }
  return longest;
}

// The widest cell of each column, from line `from` to the last.
template <typename Measure>
Widths Widest(const Lines& lines, size_t from, Measure measure) {
  Widths widths(lines[0].size(), 0);
  for (size_t row = from; row < lines.size(); ++row) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], measure(lines[row][i]));
    }
  }
  return widths;
}

// Widens columns to their wanted widths while there is room. Columns that want least come first, so
// that figures stay whole and texts wrap.
void Grant(const Widths& wanted, size_t room, Widths& widths) {
  const auto missing = [&](size_t i) { return wanted[i] - std::min(wanted[i], widths[i]); };
  std::vector<size_t> order(widths.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, {}, missing);
  for (const size_t i : order) {
    const size_t left = room - std::min(room, Sum(widths));
    widths[i] += std::min(missing(i), left);
  }
}

Widths FittingWidths(const Lines& lines, const TextOptions& options) {
  Widths whole = Widest(lines, 0, TextWidth);
  const size_t gaps = kGap * whole.size();
  const size_t room = options.columns - std::min(options.columns, gaps);
  if (options.wide || Sum(whole) <= room) return whole;
  Widths widths = Widest(lines, 0, LongestWord);
  while (Sum(widths) > room) {
    const auto longest = std::ranges::max_element(widths);
    if (*longest <= kNarrowest) break;
    --*longest;
  }
  Grant(Widest(lines, 1, TextWidth), room, widths);
  Grant(whole, room, widths);
  return widths;
}

// Figures align right, words align left.
bool IsFigure(const std::string& cell) {
  return cell.empty() || cell == "–" || cell[0] == '+' || cell[0] == '-' ||
         (cell[0] >= '0' && cell[0] <= '9');
}

std::vector<bool> FigureColumns(const Lines& lines) {
  std::vector<bool> figures(lines[0].size(), true);
  for (size_t row = 1; row < lines.size(); ++row) {
    for (size_t i = 0; i < figures.size(); ++i) {
      figures[i] = figures[i] && i > 0 && IsFigure(lines[row][i]);
    }
  }
  return figures;
}

std::string OneLine(const Cells& cells, const Widths& widths, const std::vector<bool>& figures) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    line += std::string(kGap, ' ') + Pad(Replace(cells[i], kTie, " "), widths[i], figures[i]);
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// Prints a row with as many lines as its tallest cell. Headings are aligned to the bottom.
std::string TextRow(const Cells& cells, const Widths& widths, const std::vector<bool>& figures,
                    bool is_heading) {
  std::vector<Cells> wrapped;
  size_t height = 1;
  for (size_t i = 0; i < cells.size(); ++i) {
    wrapped.push_back(TextWidth(cells[i]) <= widths[i]
                          ? Cells{cells[i]}
                          : WrapLines(cells[i], widths[i], LongWord::kCut));
    height = std::max(height, wrapped.back().size());
  }
  std::string text;
  for (size_t line = 0; line < height; ++line) {
    Cells part;
    for (const Cells& cell : wrapped) {
      const size_t above = is_heading ? height - cell.size() : 0;
      const bool has_line = line >= above && line - above < cell.size();
      part.push_back(has_line ? cell[line - above] : "");
    }
    text += OneLine(part, widths, figures);
  }
  return text;
}

std::string Repeated(std::string_view text, size_t count) {
  std::string repeated;
  for (size_t i = 0; i < count; ++i) repeated += text;
  return repeated;
}

struct TextDrawer {
  TextOptions options;

  std::string Wrapped(const std::string& text, size_t indent) const {
    return WrapText(text, options.columns, indent) + "\n";
  }
  std::string operator()(const ReportHeading& heading) const {
    std::string text = "\n" + Wrapped(heading.text, 2);
    if (heading.level > 1) return text;
    return text + Repeated("═", std::min(TextWidth(heading.text), options.columns)) + "\n";
  }
  std::string operator()(const ReportParagraph& paragraph) const {
    return Wrapped(paragraph.text, 2);
  }
  std::string operator()(const ReportNote& note) const {
    return Wrapped(note.label + ": " + note.text, 2);
  }
  std::string operator()(const ReportList& list) const {
    std::string text;
    for (const std::string& item : list.items) text += Wrapped("  " + item, 4);
    return text;
  }
  std::string operator()(const ReportTable& table) const {
    const Lines lines = LinesOf(table, options.wide);
    if (lines[0].empty()) return "";
    const Widths widths = FittingWidths(lines, options);
    const std::vector<bool> figures = FigureColumns(lines);
    std::string text = TextRow(lines[0], widths, figures, true) + std::string(kGap, ' ') +
                       Repeated("─", Sum(widths) + kGap * (widths.size() - 1)) + "\n";
    for (size_t row = 1; row < lines.size(); ++row) {
      text += TextRow(lines[row], widths, figures, false);
    }
    return text;
  }
  std::string operator()(const ReportChart&) const { return ""; }
};

}  // namespace

std::string RenderText(const ReportDocument& report, const TextOptions& options) {
  std::string text;
  for (const ReportBlock& block : report.blocks) text += std::visit(TextDrawer{options}, block);
  return text;
}

}  // namespace tare
