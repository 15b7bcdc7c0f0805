#include "bench/runner.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bench/identity.h"
#include "bench/model_cache.h"
#include "bench/page_cache.h"
#include "bench/utc_time.h"
#include "bench/worker_run.h"

namespace tare {
namespace {

Result<ModelFacts> Describe(const BenchPlan& plan, const std::string& model,
                            const Workload& workload, uint64_t timeout_ns,
                            InterruptWatch& interrupt) {
  WorkerRunOptions options;
  options.command = plan.describe;
  for (std::string& argument : DescribeArguments(model, workload)) {
    options.command.argv.push_back(std::move(argument));
  }
  options.stage_timeout_ns = timeout_ns;
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
    const std::vector<ScenarioRecord> before = std::exchange(document_.scenarios, {});
    TARE_RETURN_IF_ERROR(DescribeAll());
    if (!before.empty()) TARE_RETURN_IF_ERROR(CheckSameScenarios(before, document_.scenarios));
    for (ScenarioRecord& scenario : document_.scenarios) ConvertFor(scenario);
    if (observer_.described) TARE_RETURN_IF_ERROR(observer_.described(document_));
    const uint64_t rounds = document_.session.warmups + document_.session.runs;
    total_ = document_.scenarios.size() * rounds * plan_.contenders.size();
    for (size_t i = 0; i < document_.scenarios.size() && !document_.interrupted; ++i) {
      std::set<std::string> failed = FailedIn(i);
      for (uint64_t round = 0; round < rounds && !document_.interrupted; ++round) {
        TARE_RETURN_IF_ERROR(RunRound(i, round, failed));
      }
    }
    return {};
  }

 private:
  Status DescribeAll() {
    std::map<std::pair<std::string, std::string>, ModelFacts> described;
    std::map<std::string, std::string> hashes;
    for (const Scenario& scenario : plan_.scenarios) {
      const auto [entry, is_new] =
          described.try_emplace({scenario.model, WorkloadName(scenario.workload)});
      if (is_new) {
        TARE_ASSIGN_OR_RETURN(entry->second, DescribeModel(scenario.model, scenario.workload));
      }
      const auto [hash, is_unread] = hashes.try_emplace(scenario.model);
      if (is_unread && plan_.hash) {
        TARE_ASSIGN_OR_RETURN(hash->second, plan_.hash(scenario.model));
      }
      ScenarioRecord record{scenario, entry->second, hash->second, {}, {}};
      TARE_ASSIGN_OR_RETURN(record.asked, RunFor(scenario, record.model));
      document_.scenarios.push_back(std::move(record));
    }
    return {};
  }

  Result<ModelFacts> DescribeModel(const std::string& model, const Workload& workload) {
    return Describe(plan_, model, workload, document_.session.stage_timeout_ns, interrupt_);
  }

  std::set<std::string> FailedIn(size_t scenario) const {
    std::set<std::string> failed;
    for (const RunRecord& run : document_.runs) {
      if (run.scenario == scenario && run.outcome.failure) failed.insert(run.row);
    }
    return failed;
  }

  bool IsDone(size_t scenario, uint64_t round, const std::string& row) const {
    return std::ranges::any_of(document_.runs, [&](const RunRecord& run) {
      return run.scenario == scenario && run.round == round && run.row == row;
    });
  }

  void ConvertFor(ScenarioRecord& scenario) {
    for (const Contender& contender : plan_.contenders) {
      const std::vector<std::string>& forms = contender.forms;
      const bool reads = forms.empty() || std::ranges::count(forms, scenario.model.form) > 0;
      if (reads || !contender.command.ok() || interrupt_.requested()) continue;
      ConvertedModel& converted = scenario.converted[contender.name];
      if (observer_.converting) observer_.converting(contender.name, forms.front());
      const Status status = Convert(scenario, forms.front(), converted);
      if (!status.ok()) converted.error = status.error().message();
    }
  }

  Status Convert(const ScenarioRecord& scenario, const std::string& form, ConvertedModel& out) {
    TARE_ASSIGN_OR_RETURN(out.path,
                          ConvertOnce(plan_.convert, plan_.model_cache, scenario.scenario.model,
                                      scenario.model, form, interrupt_));
    TARE_ASSIGN_OR_RETURN(out.facts, DescribeModel(out.path, scenario.scenario.workload));
    TARE_ASSIGN_OR_RETURN(const RunMessage asked, RunFor(scenario.scenario, out.facts));
    for (size_t i = 0; i < asked.generations.size(); ++i) {
      if (asked.generations[i].prompt.ids == scenario.asked.generations[i].prompt.ids) continue;
      return InvalidInput("{} reads the prompts as other ids than {}", out.path,
                          scenario.scenario.model);
    }
    return {};
  }

  Status RunRound(size_t scenario, uint64_t round, std::set<std::string>& failed) {
    for (const Contender& contender : plan_.contenders) {
      ++done_;
      if (failed.contains(contender.name) || IsDone(scenario, round, contender.name)) continue;
      RunRecord record;
      record.scenario = scenario;
      record.row = contender.name;
      record.round = round;
      record.warmup = round < document_.session.warmups;
      if (observer_.starting) observer_.starting(record, done_, total_);
      Measure(contender, record);
      if (record.outcome.failure) failed.insert(contender.name);
      document_.interrupted = interrupt_.requested();
      document_.runs.push_back(std::move(record));
      if (observer_.finished) TARE_RETURN_IF_ERROR(observer_.finished(document_.runs.back()));
      if (document_.interrupted) break;
    }
    return {};
  }

  void Measure(const Contender& contender, RunRecord& record) {
    const std::string started_at = UtcNow();
    const ConditionCounters before = ReadConditionCounters();
    RunOne(contender, record);
    record.conditions =
        ConditionsBetween(before, ReadConditionCounters(), TicksPerSecond(), OnlineCpus());
    record.conditions.started_at = started_at;
  }

  void RunOne(const Contender& contender, RunRecord& record) {
    if (!contender.command.ok()) {
      record.outcome.failure = Failure{"not-installed", contender.command.error().message()};
      return;
    }
    const ScenarioRecord& scenario = document_.scenarios[record.scenario];
    const auto converted = scenario.converted.find(contender.name);
    const bool is_converted = converted != scenario.converted.end();
    if (is_converted && !converted->second.error.empty()) {
      record.outcome.failure =
          Failure{"load-error", "the model could not be converted: " + converted->second.error};
      return;
    }
    const ModelFacts& model = is_converted ? converted->second.facts : scenario.model;
    record.page_cache_bytes = PageCacheBytes(model.path);
    WorkerRunOptions options;
    options.command = *contender.command;
    options.command.environment["OMP_NUM_THREADS"] = std::to_string(scenario.scenario.threads);
    options.run = scenario.asked;
    if (is_converted) options.run->model = converted->second.path;
    options.stage_timeout_ns = document_.session.stage_timeout_ns;
    options.sample_interval_ns = document_.session.sample_interval_ns;
    options.weighing = observer_.weighing;
    options.weight_file = model.path;
    // Untouched bytes of other weights than those asked for cannot be taken from them.
    if (model.weights_bytes == scenario.model.weights_bytes) {
      options.weight_ranges = model.weight_ranges;
    }
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
