#ifndef TARE_BENCH_PLAN_QUALITY_JUDGE_H_
#define TARE_BENCH_PLAN_QUALITY_JUDGE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/plan/quality.h"
#include "bench/protocol/protocol.h"
#include "bench/results/quality_record.h"
#include "bench/rows/prompt_ids.h"
#include "bench/watch/worker_run.h"
#include "os/interrupt.h"

namespace tare {

// Compares rows' predictions of the fixed text with the reference's, whose logits it keeps on the
// disk for as long as it lives.
class QualityJudge {
 public:
  // What a scenario is judged by.
  struct Basis {
    std::string reference;                          // the row's name
    std::function<Result<WorkerRunOptions>()> run;  // how it is run
    std::string model;                              // whose tokenizer reads the text
    std::string form;                               // of that
    size_t context = 0;                             // tokens; 0: not known, as is the next
    size_t vocabulary = 0;
  };
  using Tokenize = std::function<Result<TokenizedTexts>(const TokenizeMessage&, std::string_view)>;

  //   folder     for files of logits.
  //   interrupt  outlives this.
  QualityJudge(std::string folder, Tokenize tokenize, InterruptWatch& interrupt)
      : folder_(std::move(folder)), tokenize_(std::move(tokenize)), interrupt_(interrupt) {}

  // `run` is how the row is run in the scenario; only its first process is started, to score. The
  // basis is asked for its reference once a scenario.
  QualityRecord Judge(size_t scenario, const Basis& basis, const WorkerRunOptions& run);

 private:
  // A scenario's sequences and the reference's logits of them.
  struct Reference {
    std::vector<std::vector<uint32_t>> sequences;
    LogitsFile file;
    ScoredLogits logits;
  };

  Result<Reference> MakeReference(size_t scenario, const Basis& basis);
  Result<ScoredLogits> Score(const WorkerRunOptions& run,
                             const std::vector<std::vector<uint32_t>>& sequences,
                             const LogitsFile& file);
  Result<DivergenceSummary> Compare(const Reference& reference, size_t scenario,
                                    const WorkerRunOptions& run);

  std::string folder_;
  Tokenize tokenize_;
  InterruptWatch& interrupt_;
  std::map<size_t, Result<Reference>> references_;  // by scenario
};

}  // namespace tare

#endif  // TARE_BENCH_PLAN_QUALITY_JUDGE_H_
