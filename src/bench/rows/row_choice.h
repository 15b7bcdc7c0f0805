#ifndef TARE_BENCH_ROWS_ROW_CHOICE_H_
#define TARE_BENCH_ROWS_ROW_CHOICE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/rows/backends.h"

namespace tare {

// The rows of a bench, in order: those of the CPU first.
struct RowChoice {
  std::vector<const Backend*> rows;
  std::vector<std::string> only_cpu;  // named, but without a form for the GPU that was asked for
};

// Rows by their names, each on each of the devices (kDevices). One that is named ROW:gpu is taken
// whatever the devices are.
//   Errors   InvalidInput for an unknown row, for one that is named twice, and where no row is
//   left.
Result<RowChoice> NamedRows(std::span<const std::string> names,
                            std::span<const std::string> devices);

// All rows that can run and read models of all these forms. On a GPU they need only be installed
// for the CPU: what they lack is said in their place. Errors: InvalidInput where there is none.
Result<RowChoice> RowsThatRead(std::span<const std::string_view> forms,
                               std::span<const std::string> devices);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_ROW_CHOICE_H_
