#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "bench/backends.h"
#include "bench/bandwidth.h"
#include "bench/model_cache.h"
#include "bench/report.h"
#include "bench/report_json.h"
#include "bench/result_files.h"
#include "bench/runner.h"
#include "bench/worker_run.h"
#include "cli/commands.h"

namespace tare {
namespace {

constexpr uint64_t kDefaultPrompt = 512;
constexpr uint64_t kDefaultNew = 128;

struct BenchFlags {
  std::vector<std::string> models;
  std::vector<uint64_t> prompt_tokens;
  std::vector<uint64_t> new_tokens;
  std::vector<uint64_t> threads;
  std::vector<std::string> backends;
  std::string workload;
  uint64_t max_length = 10;
  std::string sampler = std::string(kSamplers[0]);
  uint64_t runs = 3;
  uint64_t warmups = 1;
  std::string format = "table";
  std::string export_json;
  std::string export_md;
  std::string results;
  double timeout_seconds = 600;
  double sample_ms = 5;
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

// A guess by the files there are, good enough to choose rows that were not named.
std::string_view FormOf(const std::string& model) {
  const std::filesystem::path path(model);
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return "gguf";
  for (const char* weights : {"model.weights.h5", "model.weights.json"}) {
    if (std::filesystem::exists(path / weights, error)) return "keras";
  }
  return "safetensors";
}

std::vector<std::string> FormsOf(const Backend& backend) {
  std::vector<std::string> forms;
  for (const std::string_view form : backend.forms) {
    if (!form.empty()) forms.emplace_back(form);
  }
  return forms;
}

bool ReadsAll(const Backend& backend, const std::vector<std::string>& models) {
  return std::ranges::all_of(models, [&](const std::string& model) {
    return std::ranges::count(backend.forms, FormOf(model)) > 0;
  });
}

// The rows asked for, or the native one and all that can run and read the models.
Result<std::vector<Contender>> ContendersOf(const BenchFlags& flags) {
  std::vector<Contender> contenders;
  for (const std::string& name : flags.backends) {
    TARE_ASSIGN_OR_RETURN(const Backend* backend, FindBackend(name));
    const bool twice = std::any_of(contenders.begin(), contenders.end(),
                                   [&](const Contender& c) { return c.name == name; });
    if (twice) return InvalidInput("--backends names {} twice", name);
    contenders.push_back({name, WorkerCommand(*backend), FormsOf(*backend)});
  }
  if (!contenders.empty()) return contenders;
  for (const Backend& backend : AllBackends()) {
    if (ReadsAll(backend, flags.models) && CanRun(StateOf(backend))) {
      contenders.push_back({std::string(backend.name), WorkerCommand(backend), FormsOf(backend)});
    }
  }
  return contenders;
}

Result<BenchPlan> PlanOf(const BenchFlags& flags) {
  BenchPlan plan;
  plan.sweep = {flags.models, WorkloadsOf(flags), flags.threads, flags.sampler};
  if (plan.sweep.threads.empty()) plan.sweep.threads = {PhysicalCoreCount()};
  TARE_ASSIGN_OR_RETURN(plan.contenders, ContendersOf(flags));
  TARE_ASSIGN_OR_RETURN(const Backend* native, FindBackend(kNativeRow));
  TARE_ASSIGN_OR_RETURN(plan.describe, WorkerCommand(*native));
  plan.convert = Command{"/proc/self/exe", {"tare", "convert"}, {}};
  TARE_ASSIGN_OR_RETURN(plan.model_cache, DefaultModelCache());
  plan.stage_timeout_ns = static_cast<uint64_t>(flags.timeout_seconds * 1e9);
  plan.sample_interval_ns = static_cast<uint64_t>(flags.sample_ms * 1e6);
  return plan;
}

std::string Render(const Document& document, const std::string& format) {
  if (format == "json") return RenderJson(document);
  const std::vector<ReportBlock> blocks = BuildReport(document);
  return format == "md" ? RenderMarkdown(blocks) : RenderText(blocks);
}

// One line on stderr that is written over, on a terminal only.
class Progress {
 public:
  void Show(const RunRecord& run, size_t done, size_t total) {
    if (!terminal_) return;
    fmt::print(stderr, "\r\033[K[{}/{}] {}{}", done, total, run.row,
               run.warmup ? " (warm-up)" : "");
    std::fflush(stderr);
  }
  void Clear() {
    if (terminal_) fmt::print(stderr, "\r\033[K");
  }

 private:
  const bool terminal_ = isatty(STDERR_FILENO) == 1;
};

// Files are opened before anything is measured, so that a bad path costs no time.
struct Exports {
  std::optional<AtomicFile> json;
  std::optional<AtomicFile> markdown;
  std::optional<ResultLog> log;
};

Result<Exports> OpenExports(const BenchFlags& flags, const std::string& started_at) {
  Exports exports;
  if (!flags.export_json.empty()) {
    TARE_ASSIGN_OR_RETURN(exports.json, AtomicFile::Create(flags.export_json));
  }
  if (!flags.export_md.empty()) {
    TARE_ASSIGN_OR_RETURN(exports.markdown, AtomicFile::Create(flags.export_md));
  }
  std::string path = flags.results;
  if (path.empty()) {
    TARE_ASSIGN_OR_RETURN(const std::string folder, DefaultResultFolder());
    path = fmt::format("{}/{}-{}.jsonl", folder, started_at, getpid());
  }
  TARE_ASSIGN_OR_RETURN(exports.log, ResultLog::Create(path));
  return exports;
}

Status WriteExports(const Document& document, Exports& exports) {
  TARE_RETURN_IF_ERROR(exports.log->Append(JsonEndLine(document)));
  if (exports.json) TARE_RETURN_IF_ERROR(exports.json->CommitText(RenderJson(document)));
  if (exports.markdown) {
    TARE_RETURN_IF_ERROR(exports.markdown->CommitText(RenderMarkdown(BuildReport(document))));
  }
  return {};
}

Result<int> Bench(const BenchFlags& flags, const CommandContext& context) {
  TARE_ASSIGN_OR_RETURN(const BenchPlan plan, PlanOf(flags));
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  Document document;
  Session& session = document.session;
  session.tare_version = TARE_VERSION;
  session.command = context.arguments;
  session.started_at = UtcNow();
  session.runs = flags.runs;
  session.warmups = flags.warmups;
  for (const Contender& contender : plan.contenders) session.rows.push_back(contender.name);
  TARE_ASSIGN_OR_RETURN(Exports exports, OpenExports(flags, session.started_at));

  session.machine = ReadMachineFacts();
  const Result<uint64_t> rate =
      MeasureReadBandwidth(session.machine.physical_cores, session.machine.available_bytes);
  if (rate.ok()) session.machine.read_bytes_per_second = *rate;
  if (!rate.ok()) fmt::print(stderr, "tare: warning: {}\n", rate.error().message());

  Progress progress;
  const BenchObserver observer = {
      [&](const std::string& row, const std::string& form) {
        fmt::print(stderr, "tare: {} reads {} only: converting, unless that was done before\n", row,
                   form);
      },
      [&](const Document& d) { return exports.log->Append(JsonSessionLine(d)); },
      [&](const RunRecord& run, size_t done, size_t total) { progress.Show(run, done, total); },
      [&](const RunRecord& run) { return exports.log->Append(JsonRunLine(run)); }};
  const Status ran = RunBench(plan, observer, interrupt, document);
  progress.Clear();
  if (!ran.ok() && document.runs.empty()) return ran.error();
  fmt::print("{}", Render(document, flags.format));
  std::fflush(stdout);
  fmt::print(stderr, "tare: results are in {}\n", exports.log->path());
  if (!ran.ok()) return ran.error();
  TARE_RETURN_IF_ERROR(WriteExports(document, exports));
  if (document.interrupted) return kExitInterrupted;
  const bool failed = std::any_of(document.runs.begin(), document.runs.end(),
                                  [](const RunRecord& run) { return run.outcome.failure; });
  return failed ? kExitScenariosFailed : kExitOk;
}

void AddFlags(CLI::App& command, BenchFlags& flags) {
  command.add_option("-m,--model", flags.models, "Model files, comma-separated")
      ->required()
      ->delimiter(',');
  command
      .add_option("--workload", flags.workload,
                  "study: \"Hello\", then \"Test\" (the default without -p and -n)")
      ->check(CLI::IsMember({"study"}));
  command
      .add_option("--max-length", flags.max_length,
                  "Study workload: prompt and new tokens together, as Keras counts")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  command
      .add_option("--sampler", flags.sampler,
                  "greedy, or top_k (5) as KerasHub does unasked: tokens then differ by chance")
      ->check(CLI::IsMember(std::set<std::string>(std::begin(kSamplers), std::end(kSamplers))))
      ->capture_default_str();
  command.add_option("-p,--prompt-tokens", flags.prompt_tokens, "Prompt tokens, comma-separated")
      ->delimiter(',')
      ->check(CLI::Range(1, 1 << 20));
  command.add_option("-n,--new-tokens", flags.new_tokens, "New tokens, comma-separated")
      ->delimiter(',')
      ->check(CLI::Range(1, 1 << 20));
  command.add_option("-t,--threads", flags.threads, "Threads, comma-separated [physical cores]")
      ->delimiter(',')
      ->check(CLI::Range(1, 4096));
  command.add_option("-r,--runs", flags.runs, "Measured runs of every row")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("-w,--warmups", flags.warmups, "Runs before them that do not count")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  command
      .add_option("--backends", flags.backends,
                  "Rows, comma-separated [native and every installed one that reads the models]")
      ->delimiter(',');
  command.add_option("-o,--output", flags.format, "What stdout gets: table, json or md")
      ->check(CLI::IsMember({"table", "json", "md"}))
      ->capture_default_str();
  command.add_option("--export-json", flags.export_json, "Write all results to this file");
  command.add_option("--export-md", flags.export_md, "Write the report to this file");
  command.add_option("--results", flags.results,
                     "Results file, one JSON a line, written as runs end "
                     "[${XDG_STATE_HOME:-~/.local/state}/tare/results/TIME-PID.jsonl]");
  command.add_option("--timeout", flags.timeout_seconds, "Seconds that a stage may take")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  command.add_option("--sample-ms", flags.sample_ms, "Milliseconds between memory samples")
      ->check(CLI::Range(1.0, 20.0))
      ->capture_default_str();
}

}  // namespace

void AddBenchCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand(
      "bench", "Weigh a model's memory and speed on every backend, each in a process of its own");
  auto flags = std::make_shared<BenchFlags>();
  AddFlags(*command, *flags);
  command->footer(
      "Examples:\n"
      "  tare bench -m model.gguf\n"
      "  tare bench -m model.gguf --backends native,llama.cpp -p 512 -n 128 -r 5\n"
      "  tare bench -m model.gguf -p 128,512 -n 64 -t 1,2 -o md --export-json results.json\n"
      "Exit status: 0 fine, 2 usage, 3 some rows failed, 130 interrupted (what was measured is\n"
      "kept). docs/measurement.md says what every figure means.");
  command->callback([flags, &context] {
    const Result<int> code = Bench(*flags, context);
    if (!code.ok()) return context.Fail(code.error());
    context.exit_code = *code;
  });
}

}  // namespace tare
