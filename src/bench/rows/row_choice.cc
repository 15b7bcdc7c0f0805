#include "bench/rows/row_choice.h"

#include <fmt/format.h>

#include <algorithm>

namespace tare {
namespace {

bool Has(std::span<const std::string> devices, std::string_view device) {
  return std::ranges::count(devices, device) > 0;
}

Status Add(const Backend& backend, RowChoice& choice) {
  if (std::ranges::count(choice.rows, &backend) > 0) {
    return InvalidInput("--backends names {} twice", backend.name);
  }
  choice.rows.push_back(&backend);
  return {};
}

bool ReadsAll(const Backend& backend, std::span<const std::string_view> forms) {
  return std::ranges::all_of(
      forms, [&](std::string_view form) { return std::ranges::count(backend.forms, form) > 0; });
}

}  // namespace

Result<RowChoice> NamedRows(std::span<const std::string> names,
                            std::span<const std::string> devices) {
  RowChoice choice;
  for (const std::string& name : names) {
    TARE_ASSIGN_OR_RETURN(const Backend* backend, FindBackend(name));
    const bool as_named = Has(devices, "cpu") || backend->gpu != GpuKind::kNone;
    if (as_named) TARE_RETURN_IF_ERROR(Add(*backend, choice));
  }
  for (const std::string& name : names) {
    TARE_ASSIGN_OR_RETURN(const Backend* backend, FindBackend(name));
    if (!Has(devices, "gpu") || backend->gpu != GpuKind::kNone) continue;
    const Backend* on_gpu = OnGpu(*backend);
    if (on_gpu == nullptr) {
      choice.only_cpu.push_back(name);
    } else {
      TARE_RETURN_IF_ERROR(Add(*on_gpu, choice));
    }
  }
  if (choice.rows.empty()) {
    return InvalidInput(
        "--device gpu leaves no backend; these run on a CPU only: {}. tare backends list shows "
        "backends for a GPU, named BACKEND:gpu",
        fmt::join(choice.only_cpu, ", "));
  }
  return choice;
}

Result<RowChoice> RowsThatRead(std::span<const std::string_view> forms,
                               std::span<const std::string> devices) {
  RowChoice choice;
  for (const Backend& backend : AllBackends()) {
    const bool is_unmodified = backend.gpu == GpuKind::kNone && backend.trim == TrimKind::kNone;
    if (is_unmodified && Has(devices, "cpu") && ReadsAll(backend, forms) &&
        CanRun(StateOf(backend))) {
      choice.rows.push_back(&backend);
    }
  }
  for (const Backend& backend : AllBackends()) {
    const Backend* on_gpu = OnGpu(backend);
    if (on_gpu == nullptr || !Has(devices, "gpu") || !ReadsAll(*on_gpu, forms)) continue;
    if (CanRun(StateOf(backend)) || CanRun(StateOf(*on_gpu))) choice.rows.push_back(on_gpu);
  }
  if (choice.rows.empty()) {
    return InvalidInput("no installed backend reads the models on {}; see tare backends list",
                        fmt::join(devices, ", "));
  }
  return choice;
}

}  // namespace tare
