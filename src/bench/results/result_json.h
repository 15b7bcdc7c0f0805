#ifndef TARE_BENCH_RESULTS_RESULT_JSON_H_
#define TARE_BENCH_RESULTS_RESULT_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/error.h"
#include "bench/results/document.h"

namespace tare {

// Raw results as JSON, schema version 1 (docs/measurement.md). The store and exports use this
// format. Sizes end in _bytes, times in _ns. A version may gain fields; readers treat missing
// fields as unknown.

// Everything in the document except its runs.
nlohmann::json SessionToJson(const Document& document);
nlohmann::json RunToJson(const RunRecord& run);

// The reverse of SessionToJson. ModelFacts::weight_ranges and prompts are not stored and stay
// empty: only a measurement needs them. Session::id stays 0.
//   Errors  Unsupported for a newer schema; InvalidInput with the field's name for an invalid
//           result.
Result<Document> SessionFromJson(const nlohmann::json& object);
// `document` holds the session's rows and scenarios.
Result<RunRecord> RunFromJson(const nlohmann::json& object, const Document& document);

// Reads an export of `tare bench` or `tare report`, runs included. Errors: as above.
Result<Document> DocumentFromJson(std::string_view text);

// The deepest nesting allowed in a result.
inline constexpr size_t kResultJsonDepth = 12;

// Returns one line. Replaces bytes that are not UTF-8.
std::string DumpJson(const nlohmann::json& value);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_RESULT_JSON_H_
