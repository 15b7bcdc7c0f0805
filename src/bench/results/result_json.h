#ifndef TARE_BENCH_RESULTS_RESULT_JSON_H_
#define TARE_BENCH_RESULTS_RESULT_JSON_H_

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/error.h"
#include "bench/results/document.h"

namespace tare {

// Raw results as JSON, schema version 1 (docs/measurement.md): what the store keeps and what
// exports hold. Sizes end in _bytes, times in _ns. Fields may be added to a version; a reader takes
// what is missing as not known.

// All of the document but its runs.
nlohmann::json SessionToJson(const Document& document);
nlohmann::json RunToJson(const RunRecord& run);

// The same back. ModelFacts::weight_ranges and prompts, which only a measurement needs, are not
// kept and stay empty. Session::id stays 0.
//   Errors  Unsupported for a newer schema; InvalidInput, naming the field, for what cannot be a
//           result.
Result<Document> SessionFromJson(const nlohmann::json& object);
// `document` has the session's rows and scenarios.
Result<RunRecord> RunFromJson(const nlohmann::json& object, const Document& document);

// An export of `tare bench` or `tare report`, runs included. Errors: as above.
Result<Document> DocumentFromJson(std::string_view text);

// Depth of the deepest value that a result may hold.
inline constexpr size_t kResultJsonDepth = 12;

// One line; bytes that are not UTF-8 are replaced.
std::string DumpJson(const nlohmann::json& value);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_RESULT_JSON_H_
