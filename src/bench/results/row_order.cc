#include "bench/results/row_order.h"

#include <algorithm>
#include <numeric>

namespace tare {

std::vector<size_t> RowOrder(size_t rows, uint64_t round) {
  std::vector<size_t> order(rows);
  std::iota(order.begin(), order.end(), size_t{0});
  if (round % 2 == 1) std::ranges::reverse(order);
  return order;
}

std::string RowOrderInWords(const Document& document) {
  const std::vector<std::string>& rows = document.session.rows;
  const auto is_backwards = [&](const RunRecord& before, const RunRecord& after) {
    return before.scenario == after.scenario && before.round == after.round &&
           std::ranges::find(rows, before.row) > std::ranges::find(rows, after.row);
  };
  const bool any = std::ranges::adjacent_find(document.runs, is_backwards) != document.runs.end();
  return any ? "interleaved, every second round reversed" : "interleaved";
}

}  // namespace tare
