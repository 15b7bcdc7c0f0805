#ifndef TARE_TRIM_RUN_TRIMMED_H_
#define TARE_TRIM_RUN_TRIMMED_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "trim/report.h"
#include "trim/run_program.h"

namespace tare {

// A program and how it is to be trimmed.
struct TrimOptions {
  std::vector<std::string> command;  // program and arguments
  std::string openvino;              // folder of its OpenVINO; empty: found from the program
  std::string park_folder = "/var/tmp";
  bool no_einsum = false;  // leave einsums and all else of models as they are
  bool sdpa = false;       // fuse all attention that can be; neither: what gains by it
  bool no_sdpa = false;    // fuse none
  bool no_park = false;    // leave constants in the heap
  bool huge = false;       // ask for huge pages even where these come slowly
  bool no_huge = false;    // ask for none
  bool no_lean = false;    // let Keras load weights as it does
  bool log = false;        // say on stderr what is done when it is done
  bool exec = false;       // become the program
  std::string report;      // file to keep the events in; empty: one that is removed at the end

  bool hooked() const { return !no_einsum || !no_park; }
};

struct TrimmedEnd {
  ProgramEnd program;
  TrimReport report;
};

// Runs a program with the hook preloaded and lean loading in its Python, as far as they are asked
// for, and reads what they report. With `exec` it returns only what kept it from that.
//   Errors   those of FindOpenVino, HookFor, RunProgram and CheckTrimReport; Unsupported where the
//            sources of lean loading are not there; Io for the report.
Result<TrimmedEnd> RunTrimmed(const TrimOptions& options);

}  // namespace tare

#endif  // TARE_TRIM_RUN_TRIMMED_H_
