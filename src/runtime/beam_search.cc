#include "runtime/beam_search.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/log_probabilities.h"

namespace tare {
namespace {

// At the start the beams are the same: all but the first are made so unlikely that the first step
// chooses among continuations of one.
constexpr float kNeverFirst = -1e9f;

struct Beam {
  float score = 0.0f;  // Σ log-probability under softmax(logits / temperature), as Keras sums it
  std::vector<int32_t> ids;
  bool stopped = false;
  std::vector<std::shared_ptr<const ChosenLogProbability>> log_probabilities;
};

struct Choice {
  float score = 0.0f;
  size_t beam = 0;
  int32_t id = 0;
};

class Search {
 public:
  Search(const GenerateOptions& options, Branches& branches, ResultWriter& writer)
      : options_(options),
        branches_(branches),
        writer_(writer),
        width_(static_cast<size_t>(options.sampling.beams)),
        beams_(width_) {
    for (size_t i = 1; i < width_; ++i) beams_[i].score = kNeverFirst;
  }

  Status Run(std::span<const float> prompt_logits) {
    std::vector<std::span<const float>> logits(width_, prompt_logits);
    for (size_t length = 1;; ++length) {
      TARE_ASSIGN_OR_RETURN(const std::vector<Choice> choices, Choose(logits));
      TARE_RETURN_IF_ERROR(Take(choices, logits));
      const bool all_stopped = std::ranges::all_of(beams_, &Beam::stopped);
      if (all_stopped || length == writer_.limit()) break;
      TARE_RETURN_IF_ERROR(Write(SharedLength()));
      if (writer_.done()) return {};
      TARE_ASSIGN_OR_RETURN(logits, Extend(choices));
    }
    // The first of equals, as Keras takes it.
    const auto best = std::ranges::max_element(beams_, {}, &Beam::score);
    std::swap(*best, beams_.front());
    return Write(beams_.front().ids.size());
  }

 private:
  // The likeliest continuations in order; of equals the one that comes first.
  Result<std::vector<Choice>> Choose(const std::vector<std::span<const float>>& logits) const {
    const double temperature = static_cast<double>(options_.sampling.temperature);
    std::vector<Choice> best;
    for (size_t beam = 0; beam < beams_.size(); ++beam) {
      TARE_ASSIGN_OR_RETURN(const double total, LogSumExp(logits[beam], temperature));
      for (size_t id = 0; id < logits[beam].size(); ++id) {
        const double logit = static_cast<double>(logits[beam][id]);
        const float score = beams_[beam].score + static_cast<float>(logit / temperature - total);
        if (!std::isfinite(score) || (best.size() == width_ && score <= best.back().score))
          continue;
        if (best.size() == width_) best.pop_back();
        const auto at = std::ranges::upper_bound(best, score, std::greater<>(), &Choice::score);
        best.insert(at, {score, beam, static_cast<int32_t>(id)});
      }
    }
    return best;
  }

  Status Take(const std::vector<Choice>& choices,
              const std::vector<std::span<const float>>& logits) {
    std::vector<Beam> taken;
    for (const Choice& choice : choices) {
      Beam beam = beams_[choice.beam];
      beam.score = choice.score;
      beam.ids.push_back(choice.id);
      beam.stopped = beam.stopped || writer_.IsStop(choice.id);
      if (options_.log_probabilities) {
        TARE_ASSIGN_OR_RETURN(
            ChosenLogProbability chosen,
            LogProbabilityOf(logits[choice.beam], choice.id, *options_.log_probabilities));
        beam.log_probabilities.push_back(
            std::make_shared<const ChosenLogProbability>(std::move(chosen)));
      }
      taken.push_back(std::move(beam));
    }
    beams_ = std::move(taken);
    return {};
  }

  Result<std::vector<std::span<const float>>> Extend(const std::vector<Choice>& choices) {
    std::vector<size_t> parents;
    std::vector<int32_t> ids;
    for (const Choice& choice : choices) {
      parents.push_back(choice.beam);
      ids.push_back(choice.id);
    }
    TARE_ASSIGN_OR_RETURN(const std::span<const float> all, branches_.Extend(parents, ids));
    const size_t vocabulary = all.size() / ids.size();
    std::vector<std::span<const float>> logits;
    for (size_t i = 0; i < ids.size(); ++i) {
      logits.push_back(all.subspan(i * vocabulary, vocabulary));
    }
    return logits;
  }

  // Tokens that all beams begin with.
  size_t SharedLength() const {
    const std::vector<int32_t>& first = beams_.front().ids;
    size_t shared = written_;
    const auto agrees = [&](const Beam& beam) { return beam.ids[shared] == first[shared]; };
    while (shared < first.size() && std::ranges::all_of(beams_, agrees)) ++shared;
    return shared;
  }

  // Writes the first beam's tokens up to `length`.
  Status Write(size_t length) {
    const Beam& beam = beams_.front();
    for (; written_ < length && !writer_.done(); ++written_) {
      std::optional<ChosenLogProbability> log_probability;
      if (options_.log_probabilities) log_probability = *beam.log_probabilities[written_];
      TARE_RETURN_IF_ERROR(writer_.Push(beam.ids[written_], std::move(log_probability)));
    }
    return {};
  }

  const GenerateOptions& options_;
  Branches& branches_;
  ResultWriter& writer_;
  const size_t width_;
  std::vector<Beam> beams_;
  size_t written_ = 0;
};

}  // namespace

Status BeamSearch(std::span<const float> prompt_logits, const GenerateOptions& options,
                  Branches& branches, ResultWriter& writer) {
  return Search(options, branches, writer).Run(prompt_logits);
}

}  // namespace tare
