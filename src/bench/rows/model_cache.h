#ifndef TARE_BENCH_ROWS_MODEL_CACHE_H_
#define TARE_BENCH_ROWS_MODEL_CACHE_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "os/child_process.h"
#include "os/interrupt.h"

namespace tare {

// Models as rows read them that do not read the model's own form: made once by `tare convert`, or
// by a row's own script, named after the model's content, and kept.

// `${XDG_CACHE_HOME:-~/.cache}/tare/models`. Errors: InvalidInput without HOME.
Result<std::string> DefaultModelCache();

// Where the model lies in `form` ("gguf", "keras", "safetensors") once converted. `type` is that of
// its matrices, as `tare convert --type` names it; empty: their own.
std::string ConvertedPath(const std::string& cache, const ModelFacts& model, std::string_view form,
                          std::string_view type = {});

// Converts the model at `path` unless it is there already. `convert` is `tare convert`, to which
// arguments are added; it must make its output whole or not at all.
//   Returns  ConvertedPath.
//   Errors   Io: it cannot be run, fails (its last lines are in the message), or is interrupted.
Result<std::string> ConvertOnce(const Command& convert, const std::string& cache,
                                const std::string& path, const ModelFacts& model,
                                std::string_view form, InterruptWatch& interrupt,
                                std::string_view type = {});

// A row's own files, made of a model that it could not read.
struct Preparation {
  Command command;             // PrepareCommand of the row
  std::string row;             // "ctranslate2"
  std::string id;              // PrepareId of the row: other scripts or packages make other files
  std::string path;            // of the model, in a form that the command takes
  std::string content_id;      // ModelFacts::content_id
  std::string precision = {};  // asked of the row; empty: the model's own
};

// Makes them unless they are there already: as ConvertOnce.
Result<std::string> PrepareOnce(const Preparation& preparation, const std::string& cache,
                                InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_MODEL_CACHE_H_
