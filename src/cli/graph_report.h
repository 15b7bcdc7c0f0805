#ifndef TARE_CLI_GRAPH_REPORT_H_
#define TARE_CLI_GRAPH_REPORT_H_

#include <string>

#include "base/error.h"

namespace tare {

// The output of `tare inspect --graph`: the model's graph as its family builds it, what each pass
// changed in its nodes and in the bytes of its constants, and the graph that runs. `passes` is as
// in EngineOptions.
Result<std::string> GraphReport(const std::string& model_path, const std::string& passes);

}  // namespace tare

#endif  // TARE_CLI_GRAPH_REPORT_H_
