#ifndef TARE_TRIM_RUN_TRIMMED_H_
#define TARE_TRIM_RUN_TRIMMED_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "trim/report.h"
#include "trim/run_program.h"

namespace tare {

// A program, and how to trim it.
struct TrimOptions {
  std::vector<std::string> command;  // program and arguments
  std::string openvino;              // folder of its OpenVINO; empty: the one the program finds
  std::string park_folder = "/var/tmp";
  bool no_einsum = false;  // do not change the models' graphs
  bool sdpa = false;       // fuse every attention block; if neither is set, those that gain
  bool no_sdpa = false;    // fuse no attention block
  bool no_park = false;    // leave constants in the heap
  bool huge = false;       // use huge pages even if the kernel is slow to give them
  bool no_huge = false;    // use no huge pages
  bool no_lean = false;    // let Keras load weights its own way
  bool log = false;        // print each step on stderr
  bool exec = false;       // replace this process with the program
  std::string report;      // file for the events; empty: a temporary one

  bool hooked() const { return !no_einsum || !no_park; }
};

struct TrimmedEnd {
  ProgramEnd program;
  TrimReport report;
};

// Runs a program with the hook preloaded and lean loading in its Python, as `options` say, and
// reads their report. With `exec` it returns only if the program cannot be started.
//   Errors   those of FindOpenVino, HookFor, RunProgram and CheckTrimReport; Unsupported if the
//            sources of lean loading are missing; Io for the report.
Result<TrimmedEnd> RunTrimmed(const TrimOptions& options);

}  // namespace tare

#endif  // TARE_TRIM_RUN_TRIMMED_H_
