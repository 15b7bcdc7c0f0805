#ifndef TARE_PASSES_PASS_MANAGER_H_
#define TARE_PASSES_PASS_MANAGER_H_

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"

namespace tare {

// Not a pass, but a name that a PassSelection may hold too: whether the executor's memory plan lets
// activations share memory.
inline constexpr std::string_view kReuseMemory = "plan_memory";

// Every name that a selection may hold. First the passes in the order in which they run:
// fold_constants, fuse_attention, lower_einsum, fuse_tails, eliminate_dead; then kReuseMemory.
std::vector<std::string_view> SelectableNames();

// Which passes run, and whether activations share memory.
class PassSelection {
 public:
  // All passes.
  PassSelection();

  // Names separated by commas: "fuse_attention,…" selects only these, "no-fuse_tails,…" all but
  // these; also "all" and "none". Empty: all. Errors: InvalidInput for an unknown name; the message
  // lists the names.
  static Result<PassSelection> Parse(std::string_view text);

  bool Enabled(std::string_view name) const { return enabled_.contains(std::string(name)); }

 private:
  Status Apply(std::string_view entry, std::string_view text);

  std::set<std::string> enabled_;
};

// What one pass did. Nodes are those that the output depends on.
struct PassRecord {
  std::string name;
  bool ran = false;
  int64_t elapsed_ns = 0;
  size_t nodes_before = 0;
  size_t nodes_after = 0;
  ConstantBytes constants_before;
  ConstantBytes constants_after;
  size_t copied_bytes = 0;  // bytes of constants that the pass created
  std::vector<std::string> notes;
};

// Runs the selected passes in order, each followed by Verify().
//   evaluator  folds constants; null: fold only views. Not kept.
//   Errors     Internal or OutOfMemory, naming the pass; do not use the graph after that.
Result<std::vector<PassRecord>> RunPasses(const PassSelection& selection, Evaluator* evaluator,
                                          Graph* graph);

// One line per pass and one per note, for people:
//   fold_constants   0.12 ms   nodes 812 -> 692   constants 96.3 MiB borrowed, 128 B owned -> …
std::string FormatPassLog(const std::vector<PassRecord>& records);

}  // namespace tare

#endif  // TARE_PASSES_PASS_MANAGER_H_
