#include "bench/rows/contender.h"

#include <algorithm>

namespace tare {
namespace {

std::vector<std::string> Listed(std::span<const std::string_view> names) {
  std::vector<std::string> listed;
  for (const std::string_view name : names) {
    if (!name.empty()) listed.emplace_back(name);
  }
  return listed;
}

}  // namespace

bool Contender::Reads(std::string_view form) const {
  return forms.empty() || std::ranges::count(forms, form) > 0;
}

bool Contender::TakesPrecision(std::string_view precision) const {
  if (precision.empty()) return true;
  return precisions.empty() ? Reads("gguf") : std::ranges::count(precisions, precision) > 0;
}

Contender ContenderOf(const Backend& backend) {
  Contender contender{std::string(backend.name), WorkerCommand(backend), Listed(backend.forms),
                      Listed(backend.precisions)};
  contender.gpu = backend.gpu;
  contender.trimmed = backend.trim != TrimKind::kNone;
  // If this command fails to start, so does the worker, whose error explains it.
  Result<std::optional<Command>> beforehand = BeforehandCommand(backend);
  if (beforehand.ok()) contender.beforehand = std::move(beforehand).value();
  if (backend.prepare.empty()) return contender;
  Result<Command> prepare = PrepareCommand(backend);
  if (prepare.ok()) {
    contender.preparer = Contender::Preparer{std::move(prepare).value(), PrepareId(backend)};
  }
  return contender;
}

}  // namespace tare
