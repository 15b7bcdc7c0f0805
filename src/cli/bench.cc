#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/say.h"
#include "bench/plan/runner.h"
#include "bench/plan/size_text.h"
#include "bench/report/render.h"
#include "bench/report/report.h"
#include "bench/report/report_json.h"
#include "bench/results/identity.h"
#include "bench/results/model_hash.h"
#include "bench/results/store.h"
#include "bench/rows/backends.h"
#include "bench/rows/devices.h"
#include "bench/rows/model_cache.h"
#include "bench/rows/row_choice.h"
#include "bench/watch/bandwidth.h"
#include "bench/watch/worker_run.h"
#include "cli/bench_progress.h"
#include "cli/bench_suite.h"
#include "cli/build_commit.h"
#include "cli/commands.h"
#include "cli/model_argument.h"
#include "cli/number_range.h"
#include "cli/output.h"
#include "cli/report_output.h"
#include "cli/usage.h"
#include "os/cgroup_place.h"
#include "os/cpu_topology.h"
#include "os/utc_time.h"

namespace tare {
namespace {

constexpr uint64_t kDefaultPrompt = 512;
constexpr uint64_t kDefaultNew = 128;

struct BenchFlags {
  std::vector<std::string> models;
  std::vector<uint64_t> prompt_tokens;
  std::vector<uint64_t> new_tokens;
  std::vector<int64_t> threads;  // -1: default
  std::vector<std::string> backends;
  std::vector<std::string> devices = {std::string(kDevices[0])};
  std::string workload;
  uint64_t max_length = 10;
  std::string sampler = std::string(kSamplers[0]);
  std::vector<std::string> precisions;
  uint64_t runs = 3;
  uint64_t warmups = 1;
  std::string reference;  // a backend; empty: ReferenceBackend()
  std::string format = "table";
  std::string export_json;
  std::string export_md;
  std::string store;
  std::string suite;   // for LoadBenchSuite; empty: none
  std::string resume;  // a session, if has_resume
  bool has_resume = false;
  double timeout_seconds = 600;
  double sample_ms = 5;
  std::string limit;
  bool cold = false;
  bool quality = false;
  bool required = false;
  bool same_tokens = false;
  bool wide = false;
  size_t watch_cost_pairs = 0;
};

std::vector<Workload> WorkloadsOf(const BenchFlags& flags) {
  std::vector<Workload> workloads;
  const bool counted = !flags.prompt_tokens.empty() || !flags.new_tokens.empty();
  if (!counted || flags.workload == "study") {
    workloads.push_back({Workload::Kind::kStudy, flags.max_length, 0, 0});
  }
  if (!counted) return workloads;
  const auto or_default = [](const std::vector<uint64_t>& values, uint64_t fallback) {
    return values.empty() ? std::vector<uint64_t>{fallback} : values;
  };
  for (const uint64_t prompt : or_default(flags.prompt_tokens, kDefaultPrompt)) {
    for (const uint64_t count : or_default(flags.new_tokens, kDefaultNew)) {
      workloads.push_back({Workload::Kind::kTokens, 0, prompt, count});
    }
  }
  return workloads;
}

std::vector<uint64_t> ThreadsOf(const BenchFlags& flags) {
  std::vector<uint64_t> threads;
  for (const int64_t count : flags.threads) {
    threads.push_back(count < 0 ? DefaultThreads() : static_cast<uint64_t>(count));
  }
  if (threads.empty()) threads.push_back(DefaultThreads());
  return threads;
}

// Guesses the form from the files. This is good enough to choose rows when none are named.
std::string_view FormOf(const std::string& model) {
  const std::filesystem::path path(model);
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return "gguf";
  for (const char* weights : {"model.weights.h5", "model.weights.json"}) {
    if (std::filesystem::exists(path / weights, error)) return "keras";
  }
  return "safetensors";
}

Result<RowChoice> ChooseRowsFor(const BenchFlags& flags) {
  std::vector<std::string_view> forms;
  for (const std::string& model : flags.models) forms.push_back(FormOf(model));
  return RowsThatRead(forms, flags.devices);
}

// The requested rows, or native and all rows that can run and can read the models; on each device.
Result<std::vector<Contender>> ContendersOf(const BenchFlags& flags) {
  TARE_ASSIGN_OR_RETURN(const RowChoice choice, flags.backends.empty()
                                                    ? ChooseRowsFor(flags)
                                                    : NamedRows(flags.backends, flags.devices));
  if (!choice.only_cpu.empty()) {
    Say("tare: these backends run on a CPU only and are left out of --device gpu: {}\n",
        fmt::join(choice.only_cpu, ", "));
  }
  std::vector<Contender> contenders;
  for (const Backend* backend : choice.rows) contenders.push_back(ContenderOf(*backend));
  return contenders;
}

Result<BenchPlan> PlanOf(std::vector<Scenario> scenarios, std::vector<Contender> contenders,
                         const HashCache& hashes) {
  BenchPlan plan;
  plan.scenarios = std::move(scenarios);
  plan.contenders = std::move(contenders);
  TARE_ASSIGN_OR_RETURN(plan.describe, WorkerCommand(ReferenceBackend()));
  plan.convert = Command{"/proc/self/exe", {"tare", "convert"}, {}};
  TARE_ASSIGN_OR_RETURN(plan.model_cache, DefaultModelCache());
  plan.hash = [&hashes](const std::string& model) { return ModelHash(model, hashes); };
  return plan;
}

std::string ForStdout(const Document& document, const BenchFlags& flags) {
  if (flags.format == "json") return RenderJson(document);
  return RenderForStdout(BuildReport(document, {flags.same_tokens}), flags.format, flags.wide);
}

// Opens the files before anything is measured, so that a bad path fails at once.
struct Exports {
  std::optional<AtomicFile> json;
  std::optional<AtomicFile> markdown;
};

Result<Exports> OpenExports(const BenchFlags& flags) {
  Exports exports;
  if (!flags.export_json.empty()) {
    TARE_ASSIGN_OR_RETURN(exports.json, AtomicFile::Create(flags.export_json));
  }
  if (!flags.export_md.empty()) {
    TARE_ASSIGN_OR_RETURN(exports.markdown, AtomicFile::Create(flags.export_md));
  }
  return exports;
}

Status WriteExports(const Document& document, bool same_tokens, Exports& exports) {
  if (exports.json) {
    TARE_RETURN_IF_ERROR(exports.json->CommitText(RenderJson(document)));
  }
  if (exports.markdown) {
    const std::string text = RenderMarkdown(BuildReport(document, {same_tokens}));
    TARE_RETURN_IF_ERROR(exports.markdown->CommitText(text));
  }
  return {};
}

Session NewSession(const BenchFlags& flags, const CommandContext& context) {
  Session session;
  session.tare_version = TARE_VERSION;
  session.commit = BuildCommit();
  session.command = context.arguments;
  session.started_at = UtcNow();
  session.machine = ReadMachineFacts();
  session.runs = flags.runs;
  session.warmups = flags.warmups;
  session.stage_timeout_ns = static_cast<uint64_t>(flags.timeout_seconds * 1e9);
  session.sample_interval_ns = static_cast<uint64_t>(flags.sample_ms * 1e6);
  session.quality = flags.quality;
  session.required = flags.required;
  session.reference_row =
      flags.reference.empty() ? std::string(ReferenceBackend().name) : flags.reference;
  return session;
}

// The start of a new session, or the state of an earlier one.
struct Work {
  Document document;
  std::vector<Scenario> scenarios;
  std::vector<Contender> contenders;
};

Status CheckReference(const BenchFlags& flags, const std::vector<std::string>& rows) {
  if (flags.reference.empty() || std::ranges::count(rows, flags.reference) > 0) return {};
  return InvalidInput("--reference {}: is not among the backends, which are {}", flags.reference,
                      fmt::join(rows, ", "));
}

Result<Work> NewWork(const BenchFlags& flags, const CommandContext& context) {
  if (flags.models.empty()) return InvalidInput("no model given; try: tare bench -m FILE");
  for (const std::string& model : flags.models) TARE_RETURN_IF_ERROR(CheckModelName(model));
  Work work;
  work.document.session = NewSession(flags, context);
  Sweep sweep = {flags.models, WorkloadsOf(flags), ThreadsOf(flags), flags.sampler};
  if (!flags.precisions.empty()) sweep.precisions = flags.precisions;
  // Pages cached by other processes are not charged to a worker, so its limit would have no effect.
  sweep.cold = flags.cold || !flags.limit.empty();
  if (!flags.limit.empty()) {
    TARE_ASSIGN_OR_RETURN(sweep.limit_bytes, ParseSize(flags.limit));
  }
  work.scenarios = Scenarios(sweep);
  TARE_ASSIGN_OR_RETURN(work.contenders, ContendersOf(flags));
  MachineFacts& machine = work.document.session.machine;
  for (const Contender& contender : work.contenders) {
    work.document.session.rows.push_back(contender.name);
  }
  TARE_RETURN_IF_ERROR(CheckReference(flags, work.document.session.rows));
  const Result<uint64_t> rate =
      MeasureReadBandwidth(DefaultThreads(), machine.available_bytes, kSessionReadBytes);
  if (rate.ok()) machine.read_bytes_per_second = *rate;
  if (!rate.ok()) Say("tare: warning: {}\n", rate.error().message());
  return work;
}

Result<Work> EarlierWork(const BenchFlags& flags, const CommandContext& context,
                         ResultStore& store) {
  uint64_t id = 0;
  if (flags.resume.empty()) {
    TARE_ASSIGN_OR_RETURN(id, store.FindUnfinished());
  } else {
    TARE_ASSIGN_OR_RETURN(id, store.Find(flags.resume));
  }
  TARE_RETURN_IF_ERROR(store.Claim(id));
  Work work;
  TARE_ASSIGN_OR_RETURN(work.document, store.Load(id));
  TARE_RETURN_IF_ERROR(CheckSameSession(work.document.session, NewSession(flags, context)));
  work.document.interrupted = false;
  for (const ScenarioRecord& record : work.document.scenarios) {
    work.scenarios.push_back(record.scenario);
  }
  BenchFlags named;
  named.backends = work.document.session.rows;
  TARE_ASSIGN_OR_RETURN(work.contenders, ContendersOf(named));
  return work;
}

// Uses memory cgroups where possible; a limit requires them.
Result<std::optional<CgroupPlace>> FindPlace(const Work& work) {
  std::optional<CgroupPlace> place;
  Result<CgroupPlace> found = CgroupPlace::Find();
  if (found.ok()) {
    place.emplace(std::move(found).value());
    return place;
  }
  const bool limited = std::ranges::any_of(
      work.scenarios, [](const Scenario& scenario) { return scenario.limit_bytes.has_value(); });
  if (limited) return found.error().In("--limit");
  if (work.document.session.required) return found.error().In("--required");
  return place;
}

BenchObserver Observe(ResultStore& store, Session& session, BenchProgress& progress) {
  BenchObserver observer;
  observer.converting = [&](const std::string& row, const std::string& form) {
    progress.Clear();
    Say("tare: {} reads {} only; converting the model, unless that was done before\n", row, form);
  };
  observer.preparing = [&](std::string_view text) {
    progress.Clear();
    Say("{}", text);
  };
  observer.noted = [&](const std::string& note) {
    progress.Clear();
    Say("tare: note: {}\n", note);
  };
  observer.described = [&](const Document& document) -> Status {
    progress.Plan(document);
    if (session.id != 0) return {};
    TARE_ASSIGN_OR_RETURN(session.id, store.Begin(document));
    return {};
  };
  observer.starting = [&](const RunRecord& run, size_t done, size_t total) {
    progress.Start(run, done, total);
  };
  if (progress.terminal()) {
    observer.weighing = [&](uint64_t rss_bytes) { progress.Weigh(rss_bytes); };
  }
  observer.finished = [&](const RunRecord& run) {
    progress.Finish(run);
    return store.Add(session.id, run);
  };
  return observer;
}

// The machine's current read bandwidth, measured in a fraction of a second.
std::optional<uint64_t> ReadBandwidthNow() {
  const MachineFacts machine = ReadMachineFacts();
  const Result<uint64_t> rate =
      MeasureReadBandwidth(DefaultThreads(), machine.available_bytes, RunReadBytes());
  return rate.ok() ? std::optional<uint64_t>(*rate) : std::nullopt;
}

// A backend that does not support the model is no failure, if another has a result.
bool HasFailed(const Document& document) {
  const auto is_failure = [](const RunRecord& run) {
    if (run.quality && !run.quality->error.empty()) return !run.quality->is_unsupported;
    return run.outcome.failure && run.outcome.failure->reason != kUnsupportedReason;
  };
  const auto has_result = [](const RunRecord& run) { return run.outcome.result.has_value(); };
  return std::ranges::any_of(document.runs, is_failure) ||
         std::ranges::none_of(document.runs, has_result);
}

Result<int> Bench(const BenchFlags& flags, const CommandContext& context) {
  std::string path = flags.store;
  if (path.empty()) {
    TARE_ASSIGN_OR_RETURN(path, DefaultStorePath());
  }
  const auto mode = flags.has_resume ? ResultStore::Mode::kExisting : ResultStore::Mode::kCreate;
  TARE_ASSIGN_OR_RETURN(ResultStore store, ResultStore::Open(path, mode));
  TARE_ASSIGN_OR_RETURN(Exports exports, OpenExports(flags));
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  BenchProgress progress(isatty(STDERR_FILENO) == 1);
  progress.Say("measuring memory bandwidth and reading the model");
  TARE_ASSIGN_OR_RETURN(
      Work work, flags.has_resume ? EarlierWork(flags, context, store) : NewWork(flags, context));
  Document& document = work.document;
  TARE_ASSIGN_OR_RETURN(const std::optional<CgroupPlace> place, FindPlace(work));
  const std::optional<Nvml> nvml = FindDevices(work.contenders);
  if (nvml) document.session.machine.gpus = DescribeGpus(*nvml);
  const HashCache hashes = store.Hashes();
  TARE_ASSIGN_OR_RETURN(BenchPlan plan,
                        PlanOf(std::move(work.scenarios), std::move(work.contenders), hashes));
  if (place) plan.cgroups = &place->parent();
  if (nvml) plan.nvml = &*nvml;
  plan.watch_cost_pairs = flags.watch_cost_pairs;
  plan.read_bandwidth = [] { return ReadBandwidthNow(); };
  const BenchObserver observer = Observe(store, document.session, progress);
  const Status ran = RunBench(plan, observer, interrupt, document);
  progress.Clear();
  if (!ran.ok() && document.runs.empty()) return ran.error();
  if (ran.ok()) TARE_RETURN_IF_ERROR(store.End(document.session.id, document.interrupted));
  // Export before writing to standard output, whose reader may be gone.
  const Status exported = ran.ok() ? WriteExports(document, flags.same_tokens, exports) : Status();
  TARE_RETURN_IF_ERROR(WriteStdout(ForStdout(document, flags)));
  Say("tare: saved as session {} in {}\n", document.session.id, store.path());
  if (!ran.ok()) return ran.error();
  TARE_RETURN_IF_ERROR(exported);
  if (document.interrupted) {
    Say("tare: interrupted; to continue: tare bench --resume {}\n", document.session.id);
    return kExitInterrupted;
  }
  return HasFailed(document) ? kExitScenariosFailed : kExitOk;
}

// Applies the suite's plan to all flags that are not given.
Status ApplySuite(const CLI::App& command, BenchFlags& flags) {
  TARE_ASSIGN_OR_RETURN(const BenchSuite suite, LoadBenchSuite(flags.suite));
  const auto given = [&](const char* option) { return command.count(option) > 0; };
  if (!given("--model")) {
    TARE_ASSIGN_OR_RETURN(std::string model, SuiteModel(suite));
    if (!model.empty()) flags.models = {std::move(model)};
  }
  if (!given("--workload") && suite.study) flags.workload = "study";
  if (!given("--max-length")) flags.max_length = suite.max_length.value_or(flags.max_length);
  if (!given("--prompt-tokens")) flags.prompt_tokens = suite.prompt_tokens;
  if (!given("--new-tokens")) flags.new_tokens = suite.new_tokens;
  if (!given("--backends")) flags.backends = suite.backends;
  if (!given("--device") && !suite.devices.empty()) flags.devices = suite.devices;
  if (!given("--runs")) flags.runs = suite.runs.value_or(flags.runs);
  if (!given("--warmups")) flags.warmups = suite.warmups.value_or(flags.warmups);
  return {};
}

void AddFlags(CLI::App& command, BenchFlags& flags) {
  command.add_option("--suite", flags.suite,
                     "Use a stored plan: study, trim, or a file; other flags override it");
  command.add_option("-m,--model,model", flags.models, "Models: files or folders, comma-separated")
      ->delimiter(',');
  command
      .add_option("--workload", flags.workload,
                  "study: generate after \"Hello\", then after \"Test\", as the Keras study of "
                  "GSoC 2025 does (default without -p and -n)")
      ->check(OneOf({"study"}));
  command
      .add_option("--max-length", flags.max_length,
                  "Study workload: prompt and new tokens together, as Keras counts them")
      ->check(WholeNumber(1, kMaxPromptTokens))
      ->capture_default_str();
  command
      .add_option("--sampler", flags.sampler,
                  "greedy, or top_k (5), KerasHub's default, whose tokens differ by chance")
      ->check(OneOf({std::begin(kSamplers), std::end(kSamplers)}))
      ->capture_default_str();
  command.add_option("-p,--prompt-tokens", flags.prompt_tokens, "Prompt tokens, comma-separated")
      ->delimiter(',')
      ->check(WholeNumber(1, kMaxPromptTokens));
  command.add_option("-n,--new-tokens", flags.new_tokens, "New tokens, comma-separated")
      ->delimiter(',')
      ->check(WholeNumber(1, kMaxPromptTokens));
  command
      .add_option("-t,--threads", flags.threads,
                  "Threads, comma-separated [one per physical core, within the CPU quota]")
      ->delimiter(',')
      ->check(WholeNumber(1, kMaxThreads, "the default"));
  command
      .add_option("--precision", flags.precisions,
                  "Weight precisions to run at: f32, bf16, int8, int4, comma-separated [the "
                  "model's own]")
      ->delimiter(',')
      ->check(OneOf({std::begin(kPrecisions), std::end(kPrecisions)}));
  command
      .add_option("--device", flags.devices,
                  "Devices: cpu, gpu, comma-separated; a backend on a GPU is named BACKEND:gpu")
      ->delimiter(',')
      ->check(OneOf({std::begin(kDevices), std::end(kDevices)}))
      ->default_str("cpu");
  command.add_option("-r,--runs", flags.runs, "Measured runs of every backend")
      ->check(WholeNumber(1, 1000))
      ->capture_default_str();
  command.add_option("-w,--warmups", flags.warmups, "Runs before them, not counted")
      ->check(WholeNumber(0, 1000))
      ->capture_default_str();
  command
      .add_option("--backends", flags.backends,
                  "Backends, comma-separated [native, and every installed one that reads the "
                  "models]")
      ->delimiter(',');
  command.add_option("--reference", flags.reference,
                     "Backend that the others' tokens are compared with [native]");
  command.add_option("-o,--output", flags.format, "Format on stdout: table, json or md")
      ->check(OneOf({"table", "json", "md"}))
      ->capture_default_str();
  command.add_option("--export-json", flags.export_json, "Write all results to this file");
  command.add_option("--export-md", flags.export_md, "Write the report to this file");
  command.add_option("--store", flags.store,
                     "Database that keeps every run as soon as it ends "
                     "[${XDG_STATE_HOME:-~/.local/state}/tare/results.db]");
  command.add_option("--timeout", flags.timeout_seconds, "Most seconds that a stage may take")
      ->check(RealNumber(0.001, 86400))
      ->capture_default_str();
  command.add_option("--sample-ms", flags.sample_ms, "Milliseconds between memory samples")
      ->check(RealNumber(1, 20))
      ->capture_default_str();
  command.add_option(
      "--limit", flags.limit,
      "Memory limit for each worker, such as 512MiB or 2GiB: a memory cgroup without "
      "swap; implies --cold (docs/limits.md)");
  command.add_flag("--cold", flags.cold,
                   "Drop the model's files from the page cache before each run");
  command.add_flag("--quality", flags.quality,
                   "Also compare each backend's predictions of a fixed text with the reference's: "
                   "KL divergence, top-1 agreement, perplexity");
  command.add_flag("--required", flags.required,
                   "Also find the smallest limit with which each backend takes at most 1.10 x its "
                   "time");
  command.add_flag("--same-tokens", flags.same_tokens,
                   "Do not rank backends whose tokens differ from the reference's");
  command.add_flag("--wide", flags.wide, kWideHelp);
  command
      .add_option(
          "--watch-cost", flags.watch_cost_pairs,
          "First measure how much sampling slows native's decoding, from this many pairs of "
          "windows")
      ->check(WholeNumber(3, 1000));
  // Commas separate a flag's values, because the next argument may be the model.
  for (CLI::Option* option : command.get_options()) {
    if (!option->get_positional()) option->allow_extra_args(false);
  }
  // A resumed session has its own plan, so flags that define a plan are rejected.
  CLI::Option* resume =
      command
          .add_option("--resume", flags.resume, "Continue an interrupted session [the last one]")
          ->expected(0, 1)
          ->type_name("[ID]");
  for (CLI::Option* option : command.get_options()) {
    static constexpr std::string_view kAllowed[] = {"--help",        "--resume", "--output",
                                                    "--export-json", "--store",  "--export-md",
                                                    "--same-tokens", "--wide"};
    const std::string name = option->get_name(false, true);
    const bool allowed = std::ranges::any_of(
        kAllowed, [&](std::string_view one) { return name.find(one) != std::string::npos; });
    if (!allowed) resume->excludes(option);
  }
}

}  // namespace

void AddBenchCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand(
      "bench", "Measure a model's memory and speed on every backend, each in its own process");
  auto flags = std::make_shared<BenchFlags>();
  AddFlags(*command, *flags);
  command->footer(
      "Examples:\n"
      "  tare bench model.gguf\n"
      "  tare bench -m model.gguf --backends native,llama.cpp -p 512 -n 128 -r 5\n"
      "  tare bench -m model.gguf -p 128,512 -n 64 -t 1,2 -o md --export-json results.json\n"
      "  tare bench -m model.gguf --limit 512MiB\n"
      "  tare bench -m preset/ --backends native,keras-torch --device cpu,gpu\n"
      "  tare bench -m model.gguf --cold --required -o md\n"
      "  tare bench --suite study\n"
      "  tare bench --resume\n"
      "  tare bench -m model.gguf --backends native,llama.cpp --quality\n"
      "Exit status: 0 fine, 2 usage, 3 some backends failed (unsupported ones do not count, if\n"
      "another has a result), 130 interrupted (results so far are kept).\n"
      "docs/measurement.md defines every figure.");
  command->callback([flags, command, &context] {
    flags->has_resume = command->count("--resume") > 0;
    if (!flags->suite.empty()) {
      const Status applied = ApplySuite(*command, *flags);
      if (!applied.ok()) return context.Fail(applied.error());
    }
    const Result<int> code = Bench(*flags, context);
    if (!code.ok()) return context.Fail(code.error());
    context.exit_code = *code;
  });
}

}  // namespace tare
