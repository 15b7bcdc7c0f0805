#include "bench/report/measured_needs.h"

#include <algorithm>

#include "bench/results/identity.h"

namespace tare {
namespace {

// A limit and a cold page cache belong to the measurement, not to the need.
Scenario WithoutLimits(Scenario scenario) {
  scenario.limit_bytes.reset();
  scenario.cold = false;
  return scenario;
}

bool SameWork(const ScenarioRecord& a, const ScenarioRecord& b) {
  return ModelDifference(a, b).empty() &&
         WorkloadDifference(WithoutLimits(a.scenario), WithoutLimits(b.scenario)).empty();
}

// The largest limit that stopped the search's row.
uint64_t TooSmall(const RequiredRecord& required) {
  uint64_t bytes = 0;
  for (const RequiredProbe& probe : required.probes) {
    const bool stopped = probe.outcome == "oom-limit" || probe.outcome == "too-slow";
    if (stopped) bytes = std::max(bytes, probe.limit_bytes.value_or(0));
  }
  return bytes;
}

void Take(const RunRecord& run, const ScenarioRecord& scenario, uint64_t session,
          NeedsByRow& needs) {
  uint64_t too_small = 0;
  std::optional<uint64_t> required;
  if (run.required) {
    required = run.required->required_bytes;
    too_small = TooSmall(*run.required);
  } else if (run.outcome.failure && run.outcome.failure->reason == "oom-limit") {
    too_small = scenario.scenario.limit_bytes.value_or(0);
  }
  if (!required && too_small == 0) return;
  MeasuredNeed& need = needs[run.row];
  // A later limit that stopped the row disproves an earlier smaller limit that did not.
  if (required || too_small >= need.required_bytes.value_or(need.too_small_bytes)) {
    need = {required, too_small, session};
  }
}

void TakeAll(const Document& from, size_t scenario, uint64_t session, NeedsByRow& needs) {
  for (const RunRecord& run : from.runs) {
    if (run.scenario == scenario) Take(run, from.scenarios[scenario], session, needs);
  }
}

}  // namespace

NeedsByRow MeasuredNeeds(const Document& document, size_t scenario,
                         std::span<const Document> others) {
  NeedsByRow needs;
  for (const Document& other : others) {
    const bool is_itself = other.session.id != 0 && other.session.id == document.session.id;
    const bool same_machine =
        MachineDifference(other.session.machine, document.session.machine).empty();
    if (is_itself || !same_machine) continue;
    for (size_t i = 0; i < other.scenarios.size(); ++i) {
      if (!SameWork(other.scenarios[i], document.scenarios[scenario])) continue;
      TakeAll(other, i, other.session.id, needs);
    }
  }
  TakeAll(document, scenario, 0, needs);
  return needs;
}

}  // namespace tare
