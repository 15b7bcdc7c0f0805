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

// A row of the tables: its name, and how its worker is started, or why it cannot be.
struct Contender {
  // How an engine's own files are made of a model.
  struct Preparer {
    Command command;
    std::string id;  // of what it makes
  };

  std::string name;
  Result<Command> command;
  std::vector<std::string> forms = {};  // of models that it reads, the preferred first; empty: any
  // That it can be asked for; empty: what a GGUF file holds, if it reads those.
  std::vector<std::string> precisions = {};
  std::optional<Preparer> preparer = {};
  GpuKind gpu = GpuKind::kNone;
  std::string no_device = {};  // why its device cannot be used; empty: none is known (FindDevices)
  bool trimmed = false;        // its command is `tare run --exec`
  // Run once before anything is weighed; where it fails, the row does.
  std::optional<Command> beforehand = {};

  bool Reads(std::string_view form) const;
  bool TakesPrecision(std::string_view precision) const;
};

Contender ContenderOf(const Backend& backend);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_CONTENDER_H_
