#ifndef TARE_CLI_GRAPH_REPORT_H_
#define TARE_CLI_GRAPH_REPORT_H_

#include <string>

#include "base/error.h"

namespace tare {

// `tare inspect --graph`: the model's graph as its family writes it, what each pass did to its
// nodes and to the bytes of its constants, and the graph that runs. `passes` as in EngineOptions.
Result<std::string> GraphReport(const std::string& model_path, const std::string& passes);

}  // namespace tare

#endif  // TARE_CLI_GRAPH_REPORT_H_
