#ifndef TARE_BENCH_ROWS_CONTENDER_H_
#define TARE_BENCH_ROWS_CONTENDER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/rows/backends.h"
#include "os/child_process.h"

namespace tare {

// A row to measure: its name and how to start its worker, or why it cannot start.
struct Contender {
  // Makes an engine's own files from a model.
  struct Preparer {
    Command command;
    std::string id;  // identifies what it makes
  };

  std::string name;
  Result<Command> command;
  std::vector<std::string> forms = {};  // model forms it reads, preferred first; empty: any
  // Precisions that it offers; empty: every type in a GGUF file, if it reads those.
  std::vector<std::string> precisions = {};
  std::optional<Preparer> preparer = {};
  GpuKind gpu = GpuKind::kNone;
  std::string no_device = {};  // why its device is unusable; empty: no known reason (FindDevices)
  bool trimmed = false;        // its command is `tare run --exec`
  // Run once before any measurement; if it fails, the row fails.
  std::optional<Command> beforehand = {};

  bool Reads(std::string_view form) const;
  bool TakesPrecision(std::string_view precision) const;
};

Contender ContenderOf(const Backend& backend);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_CONTENDER_H_
