#ifndef TARE_BENCH_REPORT_MEASURED_NEEDS_H_
#define TARE_BENCH_REPORT_MEASURED_NEEDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "bench/results/document.h"

namespace tare {

// What measurements tell about the memory that a row needs.
struct MeasuredNeed {
  std::optional<uint64_t> required_bytes;  // the smallest limit, if a search found it
  uint64_t too_small_bytes = 0;            // the largest limit that stopped it; 0: none known
  // The session that measured it, if not the reported one; 0: the reported one.
  uint64_t session = 0;
};

using NeedsByRow = std::map<std::string, MeasuredNeed, std::less<>>;

// Returns one scenario's needs by row, from the document and from other sessions with the same
// machine, model and workload. The document's own searches take precedence, then the latest
// session's.
//   others   oldest first; from ResultStore::LimitedRuns
NeedsByRow MeasuredNeeds(const Document& document, size_t scenario,
                         std::span<const Document> others);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_MEASURED_NEEDS_H_
