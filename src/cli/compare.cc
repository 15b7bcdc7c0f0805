#include "bench/report/compare.h"

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/say.h"
#include "bench/report/compare_report.h"
#include "cli/commands.h"
#include "cli/number_range.h"
#include "cli/output.h"
#include "cli/report_output.h"
#include "cli/session_source.h"
#include "cli/usage.h"

namespace tare {
namespace {

struct CompareFlags {
  std::string base;
  std::string now;
  std::string store;
  std::vector<std::string> metrics;
  std::vector<std::string> allowed;
  bool force = false;
  double threshold_percent = 5;
  bool fail_on_regression = false;
  std::string format = "table";
  bool wide = false;
};

Result<CompareOptions> OptionsOf(const CompareFlags& flags) {
  CompareOptions options;
  for (const std::string& name : flags.metrics) {
    TARE_ASSIGN_OR_RETURN(const Metric* metric, FindMetric(name));
    options.metrics.push_back(metric);
  }
  options.allowed.insert(flags.allowed.begin(), flags.allowed.end());
  if (flags.force) options.allowed.insert(std::begin(kDifferences), std::end(kDifferences));
  return options;
}

std::string Render(const Comparison& comparison, const std::string& format, bool wide) {
  if (format == "json") return RenderCompareJson(comparison);
  return RenderForStdout(BuildCompareReport(comparison), format, wide);
}

Result<int> Run(const CompareFlags& flags) {
  if (flags.fail_on_regression && flags.metrics.empty()) {
    return InvalidInput("--fail-on-regression needs at least one --metric to judge by");
  }
  TARE_ASSIGN_OR_RETURN(const CompareOptions options, OptionsOf(flags));
  TARE_ASSIGN_OR_RETURN(const Document base, LoadSession(flags.base, flags.store));
  TARE_ASSIGN_OR_RETURN(const Document now, LoadSession(flags.now, flags.store));
  TARE_ASSIGN_OR_RETURN(const Comparison comparison, Compare(base, now, options));
  TARE_RETURN_IF_ERROR(WriteStdout(Render(comparison, flags.format, flags.wide)));
  if (!flags.fail_on_regression) return kExitOk;
  TARE_ASSIGN_OR_RETURN(const std::vector<std::string> regressions,
                        Regressions(comparison, flags.threshold_percent / 100));
  for (const std::string& line : regressions) Say("tare: regression: {}\n", line);
  return regressions.empty() ? kExitOk : kExitFailure;
}

}  // namespace

void AddCompareCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("compare", "Show what changed between two sessions");
  auto flags = std::make_shared<CompareFlags>();
  command->add_option("base", flags->base, "Session: number, last, last~N, or an exported file")
      ->required();
  command->add_option("new", flags->now, "Session to compare with base")->required();
  command->add_option("--store", flags->store,
                      "Database of results [${XDG_STATE_HOME:-~/.local/state}/tare/results.db]");
  command->add_option("--metric", flags->metrics, "Figures, comma-separated, by their JSON names")
      ->delimiter(',');
  command
      ->add_option("--threshold", flags->threshold_percent,
                   "Percent by which a figure may get worse")
      ->check(RealNumber(0, 1000))
      ->capture_default_str();
  command->add_flag("--fail-on-regression", flags->fail_on_regression,
                    "Exit with 1 if a figure got worse by more than that, with p < 0.05");
  command
      ->add_option("--allow-different", flags->allowed,
                   "Compare even if these differ, comma-separated: machine, model, workload")
      ->delimiter(',')
      ->check(OneOf({std::begin(kDifferences), std::end(kDifferences)}));
  command->add_flag("--force", flags->force, "Compare even if all of these differ");
  command->add_flag("--wide", flags->wide, kWideHelp);
  command->add_option("-o,--output", flags->format, "Format on stdout: table, json or md")
      ->check(OneOf({"table", "json", "md"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  tare compare last~1 last\n"
      "  tare compare base.json last --metric decode_tokens_per_second --threshold 3 \\\n"
      "    --fail-on-regression\n"
      "Exit status: 0 fine, 1 a figure got worse, 2 usage, sessions that cannot be compared, or\n"
      "too few runs for a verdict. docs/history.md explains the verdict.");
  command->callback([flags, &context] {
    const Result<int> code = Run(*flags);
    if (!code.ok()) return context.Fail(code.error());
    context.exit_code = *code;
  });
}

}  // namespace tare
