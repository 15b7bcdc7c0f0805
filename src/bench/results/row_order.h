#ifndef TARE_BENCH_RESULTS_ROW_ORDER_H_
#define TARE_BENCH_RESULTS_ROW_ORDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "bench/results/document.h"

namespace tare {

// Returns the order in which a round runs the rows, as indices. Every second round goes backwards,
// so that no row always runs after the same one and in the memory and page cache that it leaves.
std::vector<size_t> RowOrder(size_t rows, uint64_t round);

// Describes the order in which rows took turns. In older sessions, rounds do not go backwards.
std::string RowOrderInWords(const Document& document);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_ROW_ORDER_H_
