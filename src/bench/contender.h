#ifndef TARE_BENCH_CONTENDER_H_
#define TARE_BENCH_CONTENDER_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/backends.h"
#include "bench/child_process.h"

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
  std::vector<std::string> precisions = {};  // that its worker can be asked for
  std::optional<Preparer> preparer = {};

  bool Reads(std::string_view form) const;
  // A GGUF file holds its precision; other rows are told theirs.
  bool TakesPrecision(std::string_view precision) const;
};

Contender ContenderOf(const Backend& backend);

}  // namespace tare

#endif  // TARE_BENCH_CONTENDER_H_
