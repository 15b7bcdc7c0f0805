#include <nlohmann/json.hpp>

#include "bench/report/render.h"

namespace tare {
namespace {

using OrderedJson = nlohmann::ordered_json;

struct BlockToJson {
  OrderedJson operator()(const ReportHeading& heading) const {
    return {{"kind", "heading"}, {"level", heading.level}, {"text", heading.text}};
  }
  OrderedJson operator()(const ReportParagraph& paragraph) const {
    return {{"kind", "paragraph"}, {"text", paragraph.text}};
  }
  OrderedJson operator()(const ReportNote& note) const {
    return {{"kind", "note"}, {"label", note.label}, {"text", note.text}};
  }
  OrderedJson operator()(const ReportList& list) const {
    return {{"kind", "list"}, {"items", list.items}};
  }
  OrderedJson operator()(const ReportTable& table) const {
    OrderedJson header = OrderedJson::array();
    for (const ReportColumn& column : table.columns) header.push_back(column.Heading());
    OrderedJson rows = OrderedJson::array();
    for (const std::vector<ReportCell>& row : table.rows) {
      OrderedJson cells = OrderedJson::array();
      for (const ReportCell& cell : row) cells.push_back(CellText(cell));
      rows.push_back(std::move(cells));
    }
    return {{"kind", "table"}, {"header", std::move(header)}, {"rows", std::move(rows)}};
  }
  OrderedJson operator()(const ReportChart& chart) const {
    OrderedJson series = OrderedJson::array();
    for (const ReportChart::Series& one : chart.series) {
      series.push_back({{"name", one.name}, {"points", one.points}});
    }
    return {{"kind", "chart"},
            {"title", chart.title},
            {"x", chart.x.Heading()},
            {"y", chart.y.Heading()},
            {"series", std::move(series)}};
  }
};

}  // namespace

std::string RenderReportJson(const ReportDocument& report) {
  OrderedJson out = {{"schema_version", 1}, {"blocks", OrderedJson::array()}};
  for (const ReportBlock& block : report.blocks) {
    out["blocks"].push_back(std::visit(BlockToJson{}, block));
  }
  return out.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n";
}

}  // namespace tare
