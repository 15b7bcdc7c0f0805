#include "bench/plan/quality_judge.h"

#include <algorithm>
#include <utility>

namespace tare {

Result<ScoredLogits> QualityJudge::Score(const WorkerRunOptions& run,
                                         const std::vector<std::vector<uint32_t>>& sequences,
                                         const LogitsFile& file) {
  ScoreMessage score;
  score.model = run.run->model;
  score.threads = run.run->threads;
  score.device = run.run->device;
  score.sequences = sequences;
  score.file = file.path();
  WorkerRunOptions options;
  options.command = run.command;
  options.other_task = std::move(score);
  options.stage_timeout_ns = run.stage_timeout_ns;
  options.sample_interval_ns = 0;
  options.trimmed = run.trimmed;
  const WorkerOutcome outcome = RunWorker(options, interrupt_);
  if (outcome.scores) return ScoredLogits{file.path(), *outcome.scores};
  if (!outcome.failure) return InternalError("the worker gave no scores");
  const std::string why = fmt::format("{}: {}", outcome.failure->reason, outcome.failure->message);
  return outcome.failure->reason == kUnsupportedReason ? Unsupported("{}", why)
                                                       : InvalidInput("{}", why);
}

Result<QualityJudge::Reference> QualityJudge::MakeReference(size_t scenario, const Basis& basis) {
  TARE_ASSIGN_OR_RETURN(const std::string text, ReadQualityText());
  TokenizeMessage texts;
  texts.model = basis.model;
  texts.texts = {"", text};
  TARE_ASSIGN_OR_RETURN(TokenizedTexts tokens, tokenize_(texts, basis.form));
  const std::vector<uint32_t>& start = tokens.ids[0];
  std::vector<uint32_t>& ids = tokens.ids[1];
  const bool begins =
      ids.size() > start.size() && std::equal(start.begin(), start.end(), ids.begin());
  if (begins) ids.erase(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(start.size()));
  TARE_ASSIGN_OR_RETURN(auto sequences,
                        QualitySequences(start, ids, basis.context, basis.vocabulary));
  TARE_ASSIGN_OR_RETURN(const WorkerRunOptions run, basis.run());
  TARE_ASSIGN_OR_RETURN(LogitsFile file,
                        LogitsFile::Create(folder_, fmt::format("reference-{}", scenario)));
  TARE_ASSIGN_OR_RETURN(ScoredLogits logits, Score(run, sequences, file));
  return Reference{std::move(sequences), std::move(file), std::move(logits)};
}

Result<DivergenceSummary> QualityJudge::Compare(const Reference& reference, size_t scenario,
                                                const WorkerRunOptions& run) {
  TARE_ASSIGN_OR_RETURN(const LogitsFile file,
                        LogitsFile::Create(folder_, fmt::format("row-{}", scenario)));
  TARE_ASSIGN_OR_RETURN(const ScoredLogits logits, Score(run, reference.sequences, file));
  return CompareLogits(reference.logits, logits, reference.sequences);
}

QualityRecord QualityJudge::Judge(size_t scenario, const Basis& basis,
                                  const WorkerRunOptions& run) {
  QualityRecord record;
  record.reference = basis.reference;
  auto entry = references_.find(scenario);
  if (entry == references_.end()) {
    references_.clear();  // of a scenario that is over
    entry = references_.emplace(scenario, MakeReference(scenario, basis)).first;
  }
  const Result<Reference>& reference = entry->second;
  if (!reference.ok()) {
    record.error =
        fmt::format("the reference, {}: {}", basis.reference, reference.error().message());
    record.is_unsupported = reference.error().code() == ErrorCode::kUnsupported;
    return record;
  }
  const Result<DivergenceSummary> divergence = Compare(*reference, scenario, run);
  if (divergence.ok()) {
    record.divergence = *divergence;
  } else {
    record.error = divergence.error().message();
    record.is_unsupported = divergence.error().code() == ErrorCode::kUnsupported;
  }
  return record;
}

}  // namespace tare
