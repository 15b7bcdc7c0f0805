#include "cli/graph_report.h"

#include "graph/dump.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/evaluator.h"

namespace tare {

Result<std::string> GraphReport(const std::string& model_path, const std::string& passes) {
  TARE_ASSIGN_OR_RETURN(const PassSelection selection, PassSelection::Parse(passes));
  TARE_ASSIGN_OR_RETURN(const CpuIsa isa, ChooseCpuIsa());
  TARE_ASSIGN_OR_RETURN(const Model model, Model::Open(model_path));
  TARE_ASSIGN_OR_RETURN(Graph graph, model.BuildGraph(LogitsFor::kLastToken));
  std::string report = "# graph as built (T tokens a step, S tokens in the cache)\n";
  report += DumpGraph(graph);
  KernelEvaluator evaluator(KernelsFor(isa));
  TARE_ASSIGN_OR_RETURN(const std::vector<PassRecord> log,
                        RunPasses(selection, &evaluator, &graph));
  report += "\n# passes\n" + FormatPassLog(log);
  report += "\n# graph that runs\n" + DumpGraph(graph);
  return report;
}

}  // namespace tare
