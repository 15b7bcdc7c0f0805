#include "bench/report/render.h"

namespace tare {
namespace {

std::string EscapeMarkdown(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

struct MarkdownDrawer {
  std::string operator()(const ReportHeading& heading) const {
    return "\n" + std::string(static_cast<size_t>(heading.level), '#') + " " + heading.text +
           "\n\n";
  }
  std::string operator()(const ReportParagraph& paragraph) const { return paragraph.text + "\n\n"; }
  std::string operator()(const ReportNote& note) const {
    return note.label + ": " + note.text + "\n\n";
  }
  std::string operator()(const ReportList& list) const {
    std::string text;
    for (const std::string& item : list.items) text += "- " + item + "\n";
    return text + "\n";
  }
  std::string operator()(const ReportTable& table) const {
    std::string text = "|";
    std::string rule = "|";
    for (const ReportColumn& column : table.columns) {
      rule += text == "|" ? " --- |" : " ---: |";  // the first column holds names
      text += " " + EscapeMarkdown(column.Heading()) + " |";
    }
    text += "\n" + rule + "\n";
    for (const std::vector<ReportCell>& row : table.rows) {
      text += "|";
      for (const ReportCell& cell : row) text += " " + EscapeMarkdown(CellText(cell)) + " |";
      text += "\n";
    }
    return text + "\n";
  }
  std::string operator()(const ReportChart&) const { return ""; }
};

}  // namespace

std::string RenderMarkdown(const ReportDocument& report) {
  std::string text;
  for (const ReportBlock& block : report.blocks) text += std::visit(MarkdownDrawer{}, block);
  return text;
}

}  // namespace tare
