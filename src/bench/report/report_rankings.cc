#include "bench/report/report_rankings.h"

#include <fmt/format.h>

#include <functional>

#include "bench/report/cells.h"

namespace tare {
namespace {

// Adds the rows that are in no ranking, with the reason.
void AddUnranked(std::span<const RankedRow> rows, ReportList& list) {
  for (const RankedRow& row : rows) {
    if (row.unranked_by.empty()) continue;
    list.items.push_back(
        fmt::format("not ranked: {}: {}", BackendTitle(row.summary.row), row.unranked_by));
  }
}

// "1. native: 95.5 tokens/s", with the row's note after it.
ReportList RankedList(const std::vector<const RankedRow*>& ranked,
                      const std::function<std::string(const RowSummary&)>& figure) {
  ReportList list;
  if (std::string alone = NothingToCompare(ranked); !alone.empty()) {
    list.items.push_back(fmt::format("{} ({})", alone, figure(ranked.front()->summary)));
    return list;
  }
  for (const RankedRow* row : ranked) {
    list.items.push_back(fmt::format("{}. {}: {}{}", list.items.size() + 1,
                                     BackendTitle(row->summary.row), figure(row->summary),
                                     row->note.empty() ? "" : fmt::format(" ({})", row->note)));
  }
  return list;
}

ReportList MemoryRanking(std::span<const RankedRow> rows) {
  ReportList list = RankedList(ByMemory(rows), [](const RowSummary& row) {
    return fmt::format(
        "peak {} MiB, {} added after start-up{}", MibText(row.peak_rss_bytes.median),
        MibText(row.growth_bytes.median),
        row.tare_bytes ? fmt::format(", overhead {}", MibText(row.tare_bytes->median)) : "");
  });
  AddUnranked(rows, list);
  return list;
}

ReportList DecodeRanking(std::span<const RankedRow> rows) {
  ReportList list = RankedList(ByDecodeSpeed(rows), [](const RowSummary& row) {
    return fmt::format("{:.1f} tokens/s", row.decode_tokens_per_second->median);
  });
  for (const RankedRow& row : rows) {
    if (!row.unranked_by.empty() || row.summary.decode_tokens_per_second) continue;
    list.items.push_back(
        fmt::format("not ranked: {}: decode speed unknown; {:.1f} tokens/s with the prompt",
                    BackendTitle(row.summary.row), RankedSpeed(row.summary).median));
  }
  AddUnranked(rows, list);
  return list;
}

}  // namespace

void AddRankings(std::span<const RankedRow> rows, ReportBlocks& blocks) {
  const MemoryMeasure measure = RankedMemory(rows);
  blocks.push_back(ReportHeading{fmt::format("Ranking by {}", measure.name), 2});
  if (std::string why = WhyGrowth(measure); !why.empty()) {
    blocks.push_back(ReportParagraph{std::move(why)});
  }
  blocks.push_back(MemoryRanking(rows));
  blocks.push_back(ReportHeading{"Ranking by decode speed", 2});
  blocks.push_back(DecodeRanking(rows));
}

}  // namespace tare
