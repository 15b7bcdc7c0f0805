#ifndef TARE_BENCH_REPORT_JSON_H_
#define TARE_BENCH_REPORT_JSON_H_

#include <string>

#include "bench/document.h"

namespace tare {

// JSON of results, schema version 1 (docs/measurement.md). Sizes end in _bytes, times in _ns.

// The whole document on one line: session, scenarios, raw runs, summaries.
std::string RenderJson(const Document& document);

// Lines of a results file, in the order they become known. Each ends in a newline.
std::string JsonSessionLine(const Document& document);
std::string JsonRunLine(const RunRecord& run);
std::string JsonEndLine(const Document& document);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_JSON_H_
