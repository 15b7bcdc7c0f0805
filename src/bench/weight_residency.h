#ifndef TARE_BENCH_WEIGHT_RESIDENCY_H_
#define TARE_BENCH_WEIGHT_RESIDENCY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/protocol.h"

namespace tare {

// Bytes of `ranges` (weights of the file at `path`) that process `pid` maps but has in none of its
// page tables: mapped, never touched (or dropped again). Bytes it does not map count as touched,
// for it may have read them. nullopt where it maps none of the file or /proc does not tell.
std::optional<uint64_t> UntouchedWeightBytes(pid_t pid, const std::string& path,
                                             const std::vector<FileRange>& ranges);

}  // namespace tare

#endif  // TARE_BENCH_WEIGHT_RESIDENCY_H_
