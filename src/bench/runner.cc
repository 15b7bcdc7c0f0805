#include "bench/runner.h"

#include <map>
#include <set>
#include <utility>

#include "bench/weight_residency.h"
#include "bench/worker_run.h"

namespace tare {
namespace {

Result<ModelFacts> Describe(const BenchPlan& plan, const std::string& model,
                            const Workload& workload, InterruptWatch& interrupt) {
  WorkerRunOptions options;
  options.command = plan.describe;
  for (std::string& argument : DescribeArguments(model, workload)) {
    options.command.argv.push_back(std::move(argument));
  }
  options.stage_timeout_ns = plan.stage_timeout_ns;
  const WorkerOutcome outcome = RunWorker(options, interrupt);
  if (outcome.failure) {
    return InvalidInput("cannot describe {}: {}: {}{}{}", model, outcome.failure->reason,
                        outcome.failure->message, outcome.output_tail.empty() ? "" : "\n",
                        outcome.output_tail);
  }
  return *outcome.hello->model;
}

class BenchRun {
 public:
  BenchRun(const BenchPlan& plan, const BenchObserver& observer, InterruptWatch& interrupt,
           Document& document)
      : plan_(plan), observer_(observer), interrupt_(interrupt), document_(document) {}

  Status Go() {
    TARE_RETURN_IF_ERROR(DescribeAll());
    if (observer_.described) TARE_RETURN_IF_ERROR(observer_.described(document_));
    const uint64_t rounds = document_.session.warmups + document_.session.runs;
    total_ = document_.scenarios.size() * rounds * plan_.contenders.size();
    for (size_t i = 0; i < document_.scenarios.size() && !document_.interrupted; ++i) {
      std::set<std::string> failed;
      for (uint64_t round = 0; round < rounds && !document_.interrupted; ++round) {
        TARE_RETURN_IF_ERROR(RunRound(i, round, failed));
      }
    }
    return {};
  }

 private:
  Status DescribeAll() {
    std::map<std::pair<std::string, std::string>, ModelFacts> described;
    for (const Scenario& scenario : Scenarios(plan_.sweep)) {
      const auto [entry, is_new] =
          described.try_emplace({scenario.model, WorkloadName(scenario.workload)});
      if (is_new) {
        TARE_ASSIGN_OR_RETURN(entry->second,
                              Describe(plan_, scenario.model, scenario.workload, interrupt_));
      }
      ScenarioRecord record{scenario, entry->second, {}};
      TARE_ASSIGN_OR_RETURN(record.asked, RunFor(scenario, record.model));
      document_.scenarios.push_back(std::move(record));
    }
    return {};
  }

  Status RunRound(size_t scenario, uint64_t round, std::set<std::string>& failed) {
    for (const Contender& contender : plan_.contenders) {
      ++done_;
      if (failed.contains(contender.name)) continue;
      RunRecord record;
      record.scenario = scenario;
      record.row = contender.name;
      record.round = round;
      record.warmup = round < document_.session.warmups;
      if (observer_.starting) observer_.starting(record, done_, total_);
      RunOne(contender, record);
      if (record.outcome.failure) failed.insert(contender.name);
      document_.interrupted = interrupt_.requested();
      document_.runs.push_back(std::move(record));
      if (observer_.finished) TARE_RETURN_IF_ERROR(observer_.finished(document_.runs.back()));
      if (document_.interrupted) break;
    }
    return {};
  }

  void RunOne(const Contender& contender, RunRecord& record) {
    if (!contender.command.ok()) {
      record.outcome.failure = Failure{"not-installed", contender.command.error().message()};
      return;
    }
    const ScenarioRecord& scenario = document_.scenarios[record.scenario];
    record.page_cache_bytes = PageCacheBytes(scenario.scenario.model);
    WorkerRunOptions options;
    options.command = *contender.command;
    options.command.environment["OMP_NUM_THREADS"] = std::to_string(scenario.scenario.threads);
    options.run = scenario.asked;
    options.stage_timeout_ns = plan_.stage_timeout_ns;
    options.sample_interval_ns = plan_.sample_interval_ns;
    options.weight_ranges = scenario.model.weight_ranges;
    record.outcome = RunWorker(options, interrupt_);
  }

  const BenchPlan& plan_;
  const BenchObserver& observer_;
  InterruptWatch& interrupt_;
  Document& document_;
  size_t done_ = 0;
  size_t total_ = 0;
};

}  // namespace

Status RunBench(const BenchPlan& plan, const BenchObserver& observer, InterruptWatch& interrupt,
                Document& document) {
  return BenchRun(plan, observer, interrupt, document).Go();
}

}  // namespace tare
