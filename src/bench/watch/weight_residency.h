#ifndef TARE_BENCH_WATCH_WEIGHT_RESIDENCY_H_
#define TARE_BENCH_WATCH_WEIGHT_RESIDENCY_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/protocol/protocol.h"

namespace tare {

// Bytes of `ranges` (weights of the file at `path`) that process `pid`, which maps the file, has in
// none of its page tables: never touched, dropped again, or outside of what it maps. nullopt where
// it maps none of the file or /proc does not tell.
std::optional<uint64_t> UntouchedWeightBytes(pid_t pid, const std::string& path,
                                             const std::vector<FileRange>& ranges);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_WEIGHT_RESIDENCY_H_
