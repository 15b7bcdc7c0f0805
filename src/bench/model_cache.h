#ifndef TARE_BENCH_MODEL_CACHE_H_
#define TARE_BENCH_MODEL_CACHE_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/child_process.h"
#include "bench/interrupt.h"
#include "bench/protocol.h"

namespace tare {

// Models as rows read them that do not read the model's own form: made once by `tare convert`,
// named after the model's content, and kept.

// `${XDG_CACHE_HOME:-~/.cache}/tare/models`. Errors: InvalidInput without HOME.
Result<std::string> DefaultModelCache();

// Where the model lies in `form` ("gguf", "keras", "safetensors") once converted.
std::string ConvertedPath(const std::string& cache, const ModelFacts& model, std::string_view form);

// Converts the model at `path` unless it is there already. `convert` is `tare convert`, to which
// arguments are added; it must make its output whole or not at all.
//   Returns  ConvertedPath.
//   Errors   Io: it cannot be run, fails (its last lines are in the message), or is interrupted.
Result<std::string> ConvertOnce(const Command& convert, const std::string& cache,
                                const std::string& path, const ModelFacts& model,
                                std::string_view form, InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_MODEL_CACHE_H_
