#include "bench/report/report_answer.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "base/count_text.h"
#include "base/units.h"
#include "bench/report/cells.h"
#include "bench/report/report_quality.h"

namespace tare {
namespace {

using Names = std::vector<std::string>;

// "a", "a and b", "a, b and c".
std::string Listed(const Names& names) {
  if (names.size() < 2) return fmt::format("{}", fmt::join(names, ""));
  return fmt::format("{} and {}", fmt::join(names.begin(), names.end() - 1, ", "), names.back());
}

// A backend that cannot do what was asked has not failed.
bool IsUnsupported(const RowSummary& row) {
  return row.failed && row.failed->outcome.failure->reason == kUnsupportedReason;
}

// Precondition: a run failed.
std::string FailureText(const RowSummary& row) {
  const std::string reason = ReasonText(row.failed->outcome.failure->reason);
  return IsUnsupported(row) ? reason : "failed: " + reason;
}

// What became of a backend that has a result.
std::string ResultText(const RowSummary& row, std::string_view reference) {
  if (row.failed) return FailureText(row);
  if (row.cut_short)
    return fmt::format("{} of {} tokens", row.cut_short->made, row.cut_short->asked);
  if (row.tokens.sampled) return "sampled";
  if (row.reference && row.tokens.equal) return "reference";
  if (!row.tokens.known) return fmt::format("not compared, no {}", reference);
  return row.tokens.equal ? "same tokens" : "tokens differ";
}

std::vector<ReportCell> Cells(const RowSummary& row, bool has_gpu, std::string_view reference) {
  std::vector<ReportCell> cells = {BackendTitle(row.row),
                                   SpreadCell(row.peak_rss_bytes, 1 / kMib, 1),
                                   SpreadCell(row.tare_bytes, 1 / kMib, 1),
                                   SpreadCell(row.growth_bytes, 1 / kMib, 1),
                                   SpreadCell(row.ttft_seconds, 1e3, 1),
                                   SpreadCell(row.decode_tokens_per_second, 1, 1),
                                   ResultText(row, reference)};
  if (has_gpu) cells.insert(cells.begin() + 4, SpreadCell(row.device_peak_bytes, 1 / kMib, 1));
  return cells;
}

// Rows with a result, lowest peak first; unranked rows last.
std::vector<const RowSummary*> InOrder(std::span<const RankedRow> ranked) {
  std::vector<const RowSummary*> order;
  for (const RankedRow* row : ByPeak(ranked)) order.push_back(&row->summary);
  for (const RankedRow& row : ranked) {
    if (!row.unranked_by.empty()) order.push_back(&row.summary);
  }
  return order;
}

// A figure that decides which row is best.
struct Question {
  std::vector<const RankedRow*> ranking;
  std::function<const Spread&(const RowSummary&)> figure;
  std::function<std::string(const Spread&)> text;
};

Question OfPeak(std::span<const RankedRow> rows) {
  return {ByPeak(rows), [](const RowSummary& row) -> const Spread& { return row.peak_rss_bytes; },
          [](const Spread& spread) { return MibText(spread.median) + " MiB"; }};
}

// Uses decode speed if all rows have it, else the speed of whole generations.
Question OfSpeed(std::span<const RankedRow> rows) {
  const auto rate = [](std::string_view what) {
    return [what](const Spread& spread) {
      return fmt::format("{:.1f} tokens/s{}", spread.median, what);
    };
  };
  std::vector<const RankedRow*> by_decode = ByDecodeSpeed(rows);
  std::vector<const RankedRow*> by_whole = BySpeed(rows);
  if (by_decode.size() < by_whole.size()) {
    return {std::move(by_whole), RankedSpeed, rate(" with the prompt")};
  }
  return {std::move(by_decode),
          [](const RowSummary& row) -> const Spread& { return *row.decode_tokens_per_second; },
          rate("")};
}

// "104.0 MiB (b is within noise)".
std::string Best(const Question& question) {
  const Spread& best = question.figure(question.ranking.front()->summary);
  std::string text = question.text(best);
  Names near;
  for (const RankedRow* row : question.ranking) {
    const Spread& other = question.figure(row->summary);
    if (row == question.ranking.front() || !WithinNoise(best, other)) continue;
    near.push_back(BackendTitle(row->summary.row));
  }
  if (near.empty()) return text;
  return text + fmt::format(" ({} {} within noise)", Listed(near), near.size() == 1 ? "is" : "are");
}

std::string Winners(const Question& peak, const Question& speed) {
  const RankedRow* lowest = peak.ranking.front();
  const RankedRow* fastest = speed.ranking.front();
  const std::string name = BackendTitle(lowest->summary.row);
  if (lowest == fastest) {
    return fmt::format("{} has the lowest peak, {}, and is the fastest, {}", name, Best(peak),
                       Best(speed));
  }
  return fmt::format("{} has the lowest peak, {}; {} is the fastest, {}", name, Best(peak),
                     BackendTitle(fastest->summary.row), Best(speed));
}

std::string TokensText(std::span<const RowSummary> all, std::span<const RankedRow> rows,
                       std::string_view reference) {
  Names differ;
  bool known = false;
  for (const RankedRow& row : rows) {
    const RowSummary& summary = row.summary;
    if (summary.tokens.sampled) return "; tokens were sampled, so they are not compared";
    known = known || (summary.tokens.known && !summary.reference);
    if (summary.tokens.differ()) differ.push_back(BackendTitle(summary.row));
  }
  if (!differ.empty()) {
    return fmt::format("; the tokens of {} differ from {}'s", Listed(differ), reference);
  }
  if (known) return "; all make the same tokens";
  // A reference that was asked for and has no result is missed.
  const bool is_missed = std::ranges::any_of(
      all, [](const RowSummary& row) { return row.reference && row.good_runs == 0; });
  return is_missed ? fmt::format("; tokens are not compared, since {} has none", reference) : "";
}

std::string FailedText(std::span<const RowSummary> all) {
  Names failed;
  Names unsupported;
  for (const RowSummary& row : all) {
    if (row.good_runs > 0 || !row.failed) continue;
    (IsUnsupported(row) ? unsupported : failed).push_back(BackendTitle(row.row));
  }
  std::string text;
  if (!failed.empty()) text += fmt::format("; {} failed", Listed(failed));
  if (!unsupported.empty()) text += fmt::format("; {} cannot run it", Listed(unsupported));
  return text;
}

// Without intervals, a difference cannot be distinguished from noise.
std::string FewRuns(std::span<const RankedRow* const> ranking) {
  size_t fewest = kFewestForInterval;
  for (const RankedRow* row : ranking) fewest = std::min(fewest, row->summary.good_runs);
  if (fewest >= kFewestForInterval) return "";
  return fmt::format(" With {} each, a difference may be noise.", CountText(fewest, "run"));
}

}  // namespace

ReportTable AnswerTable(std::span<const RowSummary> all, std::span<const RankedRow> ranked,
                        std::string_view reference) {
  ReportTable table{{"backend", Brief({"peak", "MiB"}), Brief({"overhead", "MiB"}),
                     Brief({"added after start-up", "MiB"}), Brief({"TTFT", "ms"}),
                     Brief({"decode", "tokens/s"}), "result"},
                    {}};
  const bool has_gpu = std::ranges::any_of(
      all, [](const RowSummary& row) { return row.device_peak_bytes.has_value(); });
  if (has_gpu) table.columns.insert(table.columns.begin() + 4, Brief({"peak GPU", "MiB"}));
  const bool has_quality = HasQuality(all);
  if (has_quality) table.columns.insert(table.columns.end() - 1, ReportColumn("KL", "nats"));
  for (const RowSummary* row : InOrder(ranked)) {
    table.rows.push_back(Cells(*row, has_gpu, reference));
    std::vector<ReportCell>& cells = table.rows.back();
    if (has_quality) cells.insert(cells.end() - 1, QualityCell(*row));
  }
  for (const RowSummary& row : all) {
    if (row.good_runs > 0 || !row.failed) continue;
    std::vector<ReportCell> cells(table.columns.size(), ReportUnknown{});
    cells.front() = BackendTitle(row.row);
    cells.back() = ResultText(row, reference);
    table.rows.push_back(std::move(cells));
  }
  return table;
}

std::string AnswerSentence(std::span<const RowSummary> all, std::span<const RankedRow> ranked,
                           std::string_view reference) {
  const Question peak = OfPeak(ranked);
  if (peak.ranking.empty()) return "No backend has a result that can be ranked.";
  std::string text = NothingToCompare(peak.ranking);
  if (text.empty()) text = Winners(peak, OfSpeed(ranked));
  text += TokensText(all, ranked, reference) + FailedText(all) + ".";
  return peak.ranking.size() > 1 ? text + FewRuns(peak.ranking) : text;
}

}  // namespace tare
