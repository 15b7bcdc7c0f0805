#include "bench/report/render.h"

namespace tare {
namespace {

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) line += (i == 0 ? "" : ",") + CsvField(fields[i]);
  return line + "\r\n";
}

struct CsvCell {
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const ReportFigure& number) const {
    return CellText(ReportFigure{.value = number.value, .digits = number.digits});
  }
  std::string operator()(const ReportInterval& interval) const { return CellText(interval); }
  std::string operator()(const ReportUnknown&) const { return ""; }
};

std::string CsvTable(const ReportTable& table) {
  std::vector<std::string> fields;
  for (const ReportColumn& column : table.columns) fields.push_back(column.Heading());
  std::string text = CsvLine(fields);
  for (const std::vector<ReportCell>& row : table.rows) {
    fields.clear();
    for (const ReportCell& cell : row) fields.push_back(std::visit(CsvCell{}, cell));
    text += CsvLine(fields);
  }
  return text;
}

}  // namespace

std::string RenderCsv(const ReportDocument& report) {
  std::string text;
  for (const ReportBlock& block : report.blocks) {
    const auto* table = std::get_if<ReportTable>(&block);
    if (table != nullptr) text += (text.empty() ? "" : "\r\n") + CsvTable(*table);
  }
  return text;
}

}  // namespace tare
