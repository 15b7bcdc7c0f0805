#include "bench/plan/runner.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "bench/plan/quality_judge.h"
#include "bench/plan/required.h"
#include "bench/results/identity.h"
#include "bench/results/row_order.h"
#include "bench/rows/prompt_ids.h"
#include "bench/rows/row_models.h"
#include "bench/watch/worker_run.h"
#include "os/page_cache.h"
#include "os/run_command.h"
#include "os/utc_time.h"

namespace tare {
namespace {

constexpr uint64_t kBeforehandTimeoutNs = uint64_t{1800} * 1'000'000'000;

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

// Returns one of kDevices.
std::string DeviceOf(const Contender& contender) {
  return std::string(kDevices[contender.gpu == GpuKind::kNone ? 0 : 1]);
}

class BenchRun {
 public:
  BenchRun(const BenchPlan& plan, const BenchObserver& observer, InterruptWatch& interrupt,
           Document& document)
      : plan_(plan),
        observer_(observer),
        interrupt_(interrupt),
        document_(document),
        models_(
            plan.convert, plan.model_cache,
            [this](const std::string& model, const Workload& workload) {
              return DescribeModel(model, workload);
            },
            interrupt),
        judge_(
            plan.model_cache,
            [this](const TokenizeMessage& texts, std::string_view form) {
              return TokenizeQualityText(texts, form);
            },
            interrupt) {}

  Status Go() {
    const std::vector<ScenarioRecord> before = std::exchange(document_.scenarios, {});
    TARE_RETURN_IF_ERROR(DescribeAll());
    if (!before.empty()) TARE_RETURN_IF_ERROR(CheckSameScenarios(before, document_.scenarios));
    DoBeforehand();
    for (size_t i = 0; i < document_.scenarios.size(); ++i) MakeModelsFor(i);
    TARE_RETURN_IF_ERROR(MeasureWatching());
    if (observer_.described) TARE_RETURN_IF_ERROR(observer_.described(document_));
    const uint64_t rounds =
        RunRounds() + (document_.session.quality ? 1 : 0) + (document_.session.required ? 1 : 0);
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
        TARE_RETURN_IF_ERROR(AddIds(scenario, entry->second));
      }
      const auto [hash, is_unread] = hashes.try_emplace(scenario.model);
      if (is_unread && plan_.hash) {
        TARE_ASSIGN_OR_RETURN(hash->second, plan_.hash(scenario.model));
      }
      ScenarioRecord record{scenario, {}, hash->second, {}, {}};
      TARE_ASSIGN_OR_RETURN(record.model, models_.AtPrecision(scenario, entry->second));
      NoteRequantizing(scenario, entry->second, record.model);
      own_.push_back(entry->second);
      TARE_ASSIGN_OR_RETURN(record.asked, RunFor(scenario, record.model));
      // Any part of a split file names the model; the first is what every engine takes.
      if (entry->second.form == "gguf") record.asked.model = entry->second.path;
      document_.scenarios.push_back(std::move(record));
    }
    return {};
  }

  // Quantizing a block twice loses more than quantizing the original numbers.
  void NoteRequantizing(const Scenario& scenario, const ModelFacts& own, const ModelFacts& asked) {
    const bool to_blocks = scenario.precision.starts_with("int");
    const bool is_converted = asked.path != own.path;
    if (!observer_.noted || !own.precision.starts_with('q') || !to_blocks || !is_converted) return;
    observer_.noted(fmt::format(
        "{}: its weights are {} and are quantised again, to {}; start from an f32 or f16 file to "
        "lose less",
        scenario.model, own.precision, scenario.precision));
  }

  Result<ModelFacts> DescribeModel(const std::string& model, const Workload& workload) {
    return Describe(plan_, model, workload, document_.session.stage_timeout_ns, interrupt_);
  }

  AskToTokenize Asking() {
    return [this](const Contender& contender, const TokenizeMessage& texts) {
      WorkerRunOptions options;
      options.command = *contender.command;
      options.other_task = texts;
      options.stage_timeout_ns = document_.session.stage_timeout_ns;
      options.sample_interval_ns = 0;
      return RunWorker(options, interrupt_);
    };
  }

  // Tare's own tokenizer comes first, whether or not its engine is among the backends.
  Result<TokenizedTexts> TokenizeQualityText(const TokenizeMessage& texts, std::string_view form) {
    std::vector<Contender> all = {Contender{kNativeRow, plan_.describe}};
    all.insert(all.end(), plan_.contenders.begin(), plan_.contenders.end());
    return TokenizeTexts(texts, form, all, Asking());
  }

  // Native in f32 on the model as it lies on the disk; or another row as it is measured.
  QualityJudge::Basis BasisOf(size_t scenario) {
    const ModelFacts& own = own_[scenario];
    QualityJudge::Basis basis;
    basis.reference = document_.session.reference_row;
    basis.model = own.form == "gguf" ? own.path : document_.scenarios[scenario].scenario.model;
    basis.form = own.form;
    basis.context = own.max_context;
    basis.vocabulary = own.vocabulary;
    basis.run = [this, scenario, model = basis.model]() -> Result<WorkerRunOptions> {
      if (document_.session.reference_row != kNativeRow) return PrepareReference(scenario);
      WorkerRunOptions options;
      options.command = plan_.describe;
      options.run = document_.scenarios[scenario].asked;
      options.run->model = model;
      options.stage_timeout_ns = document_.session.stage_timeout_ns;
      return options;
    };
    return basis;
  }

  Result<WorkerRunOptions> PrepareReference(size_t scenario) {
    const auto reference =
        std::ranges::find(plan_.contenders, document_.session.reference_row, &Contender::name);
    if (reference == plan_.contenders.end()) return InvalidInput("is not among the backends");
    RunRecord record;
    record.scenario = scenario;
    std::optional<WorkerRunOptions> options = Prepare(*reference, record);
    if (!options) return Unsupported("{}", record.outcome.failure->message);
    return *std::move(options);
  }

  // Of prompts for which Tare has no tokenizer: those of the first backend that has one.
  Status AddIds(const Scenario& scenario, ModelFacts& model) {
    TARE_ASSIGN_OR_RETURN(const std::string tokenized_by,
                          AddPromptIds(scenario, plan_.contenders, Asking(), model));
    if (!tokenized_by.empty() && observer_.noted) {
      observer_.noted(fmt::format("{}: prompts are tokenized by {}, because {}", scenario.model,
                                  tokenized_by, model.tokenizer_error));
    }
    return {};
  }

  void DoBeforehand() {
    for (const Contender& contender : plan_.contenders) {
      if (!contender.beforehand || interrupt_.requested()) continue;
      const Status done =
          RunCommand(*contender.beforehand, kBeforehandTimeoutNs, interrupt_, observer_.preparing);
      if (!done.ok()) unprepared_[contender.name] = done.error().message();
    }
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

  void MakeModelsFor(size_t index) {
    ScenarioRecord& record = document_.scenarios[index];
    for (const Contender& contender : plan_.contenders) {
      if (!contender.no_device.empty() || !contender.command.ok()) continue;
      if (interrupt_.requested()) continue;
      if (!contender.TakesPrecision(record.scenario.precision)) continue;
      std::optional<ConvertedModel> made =
          models_.For(contender, record.scenario, own_[index], record.model, observer_.converting);
      if (made) record.converted.emplace(contender.name, std::move(*made));
    }
  }

  Status RunRound(size_t scenario, uint64_t round, std::set<std::string>& failed) {
    for (const size_t index : RowOrder(plan_.contenders.size(), round)) {
      const Contender& contender = plan_.contenders[index];
      ++done_;
      if (failed.contains(contender.name) || IsDone(scenario, round, contender.name)) continue;
      RunRecord record;
      record.scenario = scenario;
      record.row = contender.name;
      record.device = DeviceOf(contender);
      record.round = round;
      record.warmup = round < document_.session.warmups || round >= RunRounds();
      // What follows the runs.
      const bool is_quality = document_.session.quality && round == RunRounds();
      if (is_quality) record.quality.emplace();
      if (round >= RunRounds() && !is_quality) record.required.emplace();
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
    const std::optional<uint64_t> read_before = ReadBandwidth(record);
    const ConditionCounters before = ReadConditionCounters();
    if (const std::optional<WorkerRunOptions> options = Prepare(contender, record)) {
      if (record.quality) {
        record.quality = judge_.Judge(record.scenario, BasisOf(record.scenario), *options);
        if (interrupt_.requested()) record.outcome.failure = Failure{"interrupted", "interrupted"};
      } else if (record.required) {
        Require(*options, record);
      } else {
        record.outcome = RunWorker(*options, interrupt_);
      }
    }
    record.conditions =
        ConditionsBetween(before, ReadConditionCounters(), TicksPerSecond(), OnlineCpus());
    record.conditions.started_at = started_at;
    record.conditions.read_before_bytes_per_second = read_before;
    if (record.outcome.result) {
      record.conditions.read_after_bytes_per_second = ReadBandwidth(record);
    }
  }

  // Measured only for runs that count: no figure uses it in warm-ups and searches.
  std::optional<uint64_t> ReadBandwidth(const RunRecord& record) const {
    const bool is_run = !record.warmup && !record.required && !record.quality;
    if (!is_run || !plan_.read_bandwidth) return std::nullopt;
    return plan_.read_bandwidth();
  }

  uint64_t RunRounds() const { return document_.session.warmups + document_.session.runs; }

  // Uses the reference row, or the first row if the reference is not among them.
  Status MeasureWatching() {
    if (plan_.watch_cost_pairs == 0 || document_.session.watch_cost) return {};
    const auto reference =
        std::ranges::find(plan_.contenders, document_.session.reference_row, &Contender::name);
    RunRecord record;
    const std::optional<WorkerRunOptions> options = Prepare(
        reference == plan_.contenders.end() ? plan_.contenders.front() : *reference, record);
    if (!options) return Unsupported("{}", record.outcome.failure->message);
    TARE_ASSIGN_OR_RETURN(document_.session.watch_cost,
                          MeasureWatchCost(*options, plan_.watch_cost_pairs, interrupt_));
    return {};
  }

  void Require(const WorkerRunOptions& run, RunRecord& record) {
    RequiredOptions options;
    options.run = run;
    options.run.limit_bytes.reset();
    options.run.nvml = nullptr;
    options.run.sample_interval_ns = 0;
    options.model_files = ModelFiles(run.run->model);
    RequiredRecord found = FindRequired(options, interrupt_);
    found.scenario = record.scenario;
    found.row = record.row;
    record.required = std::move(found);
    if (interrupt_.requested()) record.outcome.failure = Failure{"interrupted", "interrupted"};
  }

  void NotePageCache(const Scenario& scenario, const std::string& model, RunRecord& record) {
    for (const std::string& file : ModelFiles(model)) {
      record.page_cache_files.push_back(scenario.cold ? EvictFile(file) : ReadCachedFile(file));
    }
  }

  // Returns nullopt if the row cannot run; the record's failure says why.
  std::optional<WorkerRunOptions> Prepare(const Contender& contender, RunRecord& record) {
    if (!contender.no_device.empty()) {
      record.outcome.failure = Failure{"no-device", contender.no_device};
      return std::nullopt;
    }
    if (!contender.command.ok()) {
      record.outcome.failure = Failure{"not-installed", contender.command.error().message()};
      return std::nullopt;
    }
    const ScenarioRecord& scenario = document_.scenarios[record.scenario];
    const std::string& precision = scenario.scenario.precision;
    if (!contender.TakesPrecision(precision)) {
      record.outcome.failure =
          Failure{"no-precision", fmt::format("{} does not offer {}", contender.name, precision)};
      return std::nullopt;
    }
    if (const auto why = unprepared_.find(contender.name); why != unprepared_.end()) {
      record.outcome.failure = Failure{"load-error", why->second};
      return std::nullopt;
    }
    const auto converted = scenario.converted.find(contender.name);
    const bool is_converted = converted != scenario.converted.end();
    if (is_converted && !converted->second.error.empty()) {
      const bool is_refused = converted->second.is_unsupported;
      record.outcome.failure =
          Failure{std::string(is_refused ? kUnsupportedReason : "load-error"),
                  "the model could not be converted: " + converted->second.error};
      return std::nullopt;
    }
    const ModelFacts& model = is_converted ? converted->second.facts : scenario.model;
    NotePageCache(scenario.scenario,
                  is_converted ? converted->second.path : scenario.scenario.model, record);
    record.page_cache_bytes = PageCacheBytes(model.path);
    WorkerRunOptions options;
    options.command = *contender.command;
    options.command.environment["OMP_NUM_THREADS"] = std::to_string(scenario.scenario.threads);
    if (!precision.empty() && !contender.precisions.empty()) {
      options.command.argv.insert(options.command.argv.end(), {"--precision", precision});
    }
    options.run = scenario.asked;
    options.run->device = DeviceOf(contender);
    if (contender.gpu == GpuKind::kNvidia) options.nvml = plan_.nvml;
    if (is_converted) {
      options.run->model = converted->second.path;
      for (GenerationRequest& request : options.run->generations) {
        if (converted->second.prompts_as_ids) request.prompt.text.clear();
      }
    }
    options.trimmed = contender.trimmed;
    options.stage_timeout_ns = document_.session.stage_timeout_ns;
    options.sample_interval_ns = document_.session.sample_interval_ns;
    options.weighing = observer_.weighing;
    options.cgroups = plan_.cgroups;
    options.limit_bytes = scenario.scenario.limit_bytes;
    options.weight_file = model.path;
    // Untouched bytes of other weights cannot be subtracted from the weights asked for.
    if (model.weights_bytes == scenario.model.weights_bytes) {
      options.weight_ranges = model.weight_ranges;
    }
    return options;
  }

  const BenchPlan& plan_;
  const BenchObserver& observer_;
  InterruptWatch& interrupt_;
  Document& document_;
  RowModels models_;
  QualityJudge judge_;
  std::vector<ModelFacts> own_;  // of each scenario's model as it lies on the disk
  std::map<std::string, std::string> unprepared_;  // why what a row wants beforehand failed
  size_t done_ = 0;
  size_t total_ = 0;
};

}  // namespace

Status RunBench(const BenchPlan& plan, const BenchObserver& observer, InterruptWatch& interrupt,
                Document& document) {
  return BenchRun(plan, observer, interrupt, document).Go();
}

}  // namespace tare
