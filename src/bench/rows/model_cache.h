#ifndef TARE_BENCH_ROWS_MODEL_CACHE_H_
#define TARE_BENCH_ROWS_MODEL_CACHE_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "os/child_process.h"
#include "os/interrupt.h"

namespace tare {

// Models converted for rows that cannot read the original form. `tare convert` or a row's own
// script makes each once. They are named after the model's content and kept.

// What a command ends with if the form that it writes has no word for the model: nothing failed.
inline constexpr int kRefusedStatus = 4;

// `${XDG_CACHE_HOME:-~/.cache}/tare/models`. Errors: InvalidInput without HOME.
Result<std::string> DefaultModelCache();

// The path of the model converted to `form` ("gguf", "keras", "safetensors"). `type` is the type of
// its matrices, as in `tare convert --type`; empty: unchanged.
std::string ConvertedPath(const std::string& cache, const ModelFacts& model, std::string_view form,
                          std::string_view type = {});

// Converts the model at `path` unless the result exists. Arguments are added to `convert`, which is
// `tare convert`. It must write its output completely or not at all.
//   Returns  ConvertedPath.
//   Errors   Unsupported, with the command's last line, if it ends with kRefusedStatus; Io: it
//            cannot run or fails (the message has its last lines); Interrupted.
Result<std::string> ConvertOnce(const Command& convert, const std::string& cache,
                                const std::string& path, const ModelFacts& model,
                                std::string_view form, InterruptWatch& interrupt,
                                std::string_view type = {});

// A row's own files, made from a model that it could not read.
struct Preparation {
  Command command;             // the row's PrepareCommand
  std::string row;             // "ctranslate2"
  std::string id;              // the row's PrepareId: other scripts or packages make other files
  std::string path;            // the model, in a form that the command accepts
  std::string content_id;      // ModelFacts::content_id
  std::string precision = {};  // requested from the row; empty: the model's own
};

// Makes the files unless they exist. Returns and errors as ConvertOnce.
Result<std::string> PrepareOnce(const Preparation& preparation, const std::string& cache,
                                InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_ROWS_MODEL_CACHE_H_
