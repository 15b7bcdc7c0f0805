#ifndef TARE_BENCH_REPORT_REPORT_JSON_H_
#define TARE_BENCH_REPORT_REPORT_JSON_H_

#include <string>

#include "bench/results/document.h"

namespace tare {

// The whole document as JSON on one line: session, scenarios, summaries, raw runs (result_json.h).
std::string RenderJson(const Document& document);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_JSON_H_
