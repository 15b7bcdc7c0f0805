#ifndef TARE_BENCH_RESULTS_ROW_ORDER_H_
#define TARE_BENCH_RESULTS_ROW_ORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bench/results/document.h"

namespace tare {

// Indices of `rows` rows in the order in which a round runs them. Each second round goes backwards,
// so that no row always follows the same one, into the memory and page cache that it leaves.
std::vector<size_t> RowOrder(size_t rows, uint64_t round);

// How the rows of these runs took turns: a session may be older than rounds that go backwards.
std::string RowOrderInWords(const Document& document);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_ROW_ORDER_H_
