#include "bench/results/identity.h"

#include "base/count_text.h"
#include "base/units.h"

namespace tare {
namespace {

constexpr size_t kShownDigits = 12;  // of a digest; enough for people to tell files apart

void Note(std::string& differences, std::string_view what, const std::string& before,
          const std::string& now) {
  if (before == now) return;
  differences += fmt::format("{}{}: {} → {}", differences.empty() ? "" : "; ", what,
                             before.empty() ? "unknown" : before, now.empty() ? "unknown" : now);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// Rounded, because the kernel reserves a slightly different amount at each start.
std::string Gib(uint64_t bytes) {
  return fmt::format("{:.1f} GiB", static_cast<double>(bytes) / kGib);
}

}  // namespace

std::string MachineDifference(const MachineFacts& before, const MachineFacts& now) {
  std::string text;
  Note(text, "processor", before.cpu_model, now.cpu_model);
  Note(text, "cores", fmt::format("{} ({} logical)", before.physical_cores, before.logical_cpus),
       fmt::format("{} ({} logical)", now.physical_cores, now.logical_cpus));
  if (!before.caches.empty() && !now.caches.empty()) {
    Note(text, "caches", Joined(before.caches), Joined(now.caches));
  }
  Note(text, "memory", Gib(before.memory_bytes), Gib(now.memory_bytes));
  return text;
}

std::string ModelDifference(const ScenarioRecord& before, const ScenarioRecord& now) {
  std::string text;
  if (!before.model_sha256.empty() && !now.model_sha256.empty()) {
    if (before.model_sha256 == now.model_sha256) return text;
    Note(text, "model SHA-256", before.model_sha256.substr(0, kShownDigits),
         now.model_sha256.substr(0, kShownDigits));
  } else {
    Note(text, "model", before.model.content_id, now.model.content_id);
  }
  return text;
}

std::string WorkloadDifference(const Scenario& before, const Scenario& now) {
  std::string text;
  Note(text, "workload", WorkloadName(before.workload), WorkloadName(now.workload));
  Note(text, "threads", std::to_string(before.threads), std::to_string(now.threads));
  Note(text, "sampler", before.sampler, now.sampler);
  const auto precision = [](const Scenario& scenario) {
    return scenario.precision.empty() ? "the model's own" : scenario.precision;
  };
  Note(text, "precision", precision(before), precision(now));
  const auto limit = [](const Scenario& scenario) {
    return scenario.limit_bytes ? std::to_string(*scenario.limit_bytes) + " bytes" : "none";
  };
  Note(text, "memory limit", limit(before), limit(now));
  Note(text, "page cache", before.cold ? "cold" : "unmodified", now.cold ? "cold" : "unmodified");
  return text;
}

Status CheckSameSession(const Session& before, const Session& now) {
  std::string text = MachineDifference(before.machine, now.machine);
  Note(text, "kernel", before.machine.kernel, now.machine.kernel);
  Note(text, "tare", before.tare_version, now.tare_version);
  Note(text, "commit", before.commit, now.commit);
  if (text.empty()) return {};
  return InvalidInput("session {} cannot be resumed, since what it measures has changed: {}",
                      before.id, text);
}

Status CheckSameScenarios(const std::vector<ScenarioRecord>& before,
                          const std::vector<ScenarioRecord>& now) {
  if (before.size() != now.size()) {
    return InvalidInput("the session has {}, its plan {}", CountText(before.size(), "scenario"),
                        now.size());
  }
  for (size_t i = 0; i < before.size(); ++i) {
    std::string text = ModelDifference(before[i], now[i]);
    Note(text, "weights", std::to_string(before[i].model.weights_bytes),
         std::to_string(now[i].model.weights_bytes));
    if (text.empty()) continue;
    return InvalidInput("{} has changed since the session began: {}", now[i].scenario.model, text);
  }
  return {};
}

}  // namespace tare
