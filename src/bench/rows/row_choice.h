#ifndef TARE_BENCH_ROWS_ROW_CHOICE_H_
#define TARE_BENCH_ROWS_ROW_CHOICE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/rows/backends.h"

namespace tare {

// The rows of a bench in order, CPU rows first.
struct RowChoice {
  std::vector<const Backend*> rows;
  std::vector<std::string> only_cpu;  // named, but without the requested GPU form
};

// Returns the named rows, each on each of the devices (kDevices). A name ROW:gpu selects that row
// whatever the devices are.
//   Errors   InvalidInput for an unknown row, for a row named twice, and if no row is left.
Result<RowChoice> NamedRows(std::span<const std::string> names,
                            std::span<const std::string> devices);

// Returns all rows that can run and can read models of all these forms. A GPU row qualifies even if
// only its CPU row is installed; its missing parts are then reported as its failure. Errors:
// InvalidInput if there is none.
Result<RowChoice> RowsThatRead(std::span<const std::string_view> forms,
                               std::span<const std::string> devices);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_ROW_CHOICE_H_
