#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/count_text.h"
#include "base/error.h"
#include "base/say.h"
#include "cli/commands.h"
#include "cli/engine_flags.h"
#include "cli/log_probabilities_json.h"
#include "cli/model_argument.h"
#include "cli/number_range.h"
#include "cli/output.h"
#include "cli/read_text.h"
#include "cli/score_windows.h"
#include "cli/token_ids.h"
#include "tare/generate.h"

namespace tare {
namespace {

struct ScoreFlags {
  ModelArgument source;  // and the text
  std::string file;
  std::string ids;  // in place of the text
  EngineOptions engine;
  size_t likeliest = 0;
  size_t stride = 0;  // of windows; 0: half the context
  bool special = false;
  bool json = false;
};

struct Summary {
  size_t tokens = 0;
  double total = 0.0;
  double mean() const { return total / static_cast<double>(tokens); }
  double perplexity() const { return std::exp(-mean()); }
};

Summary Summarize(const std::vector<ChosenLogProbability>& scores) {
  Summary summary;
  summary.tokens = scores.size();
  for (const ChosenLogProbability& score : scores) summary.total += score.token.log_probability;
  return summary;
}

Status PrintText(const Engine& engine, const std::vector<ChosenLogProbability>& scores) {
  std::string text;
  for (const ChosenLogProbability& score : scores) {
    text += fmt::format("{:10.4f}  {:7}", score.token.log_probability, score.token.id);
    if (engine.has_tokenizer()) {
      TARE_ASSIGN_OR_RETURN(const nlohmann::json token, engine.Decode({&score.token.id, 1}));
      text += "  " + token.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
    text += '\n';
  }
  const Summary summary = Summarize(scores);
  text += fmt::format("total {:.4f} over {}   mean {:.4f}   perplexity {:.4f}\n", summary.total,
                      CountText(summary.tokens, "token"), summary.mean(), summary.perplexity());
  return WriteStdout(text);
}

Status PrintJson(const ScoreFlags& flags, const Engine& engine, const std::vector<int32_t>& ids,
                 const std::vector<ChosenLogProbability>& scores) {
  const Summary summary = Summarize(scores);
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["model"] = flags.source.model();
  json["ids"] = ids;
  json["scored_tokens"] = summary.tokens;
  json["total_log_probability"] = summary.total;
  json["mean_log_probability"] = summary.mean();
  json["perplexity"] = summary.perplexity();
  TARE_ASSIGN_OR_RETURN(json["log_probabilities"], LogProbabilitiesJson(engine, scores));
  return WriteStdout(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) +
                     "\n");
}

// A text that the context does not hold is scored in windows that overlap.
Result<std::vector<ChosenLogProbability>> ScoreInWindows(const ScoreFlags& flags, Engine& engine,
                                                         const std::vector<int32_t>& ids) {
  const size_t context = engine.max_context();
  TARE_ASSIGN_OR_RETURN(const std::vector<ScoreWindow> windows,
                        ScoreWindows(ids.size(), context, flags.stride));
  if (windows.size() > 1) {
    Say("tare: note: {} in {} windows of {}, since the context holds no more\n",
        CountText(ids.size(), "token"), windows.size(), context);
  }
  std::vector<ChosenLogProbability> scores;
  for (const ScoreWindow& window : windows) {
    const std::span<const int32_t> part(ids.data() + window.begin, window.end - window.begin);
    TARE_ASSIGN_OR_RETURN(std::vector<ChosenLogProbability> found,
                          engine.Score(part, flags.likeliest));
    // The score at index i is that of token i + 1.
    const auto first = static_cast<std::ptrdiff_t>(window.first_scored - window.begin - 1);
    std::move(found.begin() + first, found.end(), std::back_inserter(scores));
  }
  return scores;
}

Status RunScore(ScoreFlags& flags) {
  TARE_RETURN_IF_ERROR(flags.source.Settle());
  if (flags.likeliest > 0 && !flags.json) {
    return InvalidInput("--top needs --json, which prints the likeliest tokens");
  }
  std::string text;
  if (flags.ids.empty()) {
    TARE_ASSIGN_OR_RETURN(text, ReadText({flags.source.other(), flags.file, "text"}));
  } else if (flags.source.other()) {
    return InvalidInput("--ids is the text; leave out \"{}\"", *flags.source.other());
  }
  flags.engine.needs_tokenizer = flags.ids.empty();
  TARE_ASSIGN_OR_RETURN(Engine engine, Engine::Load(flags.source.model(), flags.engine));
  for (const std::string& note : engine.notes()) Say("tare: {}\n", note);
  TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids, flags.ids.empty()
                                                            ? engine.Encode(text, flags.special)
                                                            : ParseTokenIds(flags.ids));
  TARE_ASSIGN_OR_RETURN(const std::vector<ChosenLogProbability> scores,
                        ScoreInWindows(flags, engine, ids));
  return flags.json ? PrintJson(flags, engine, ids, scores) : PrintText(engine, scores);
}

}  // namespace

void AddScoreCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<ScoreFlags>();
  CLI::App* command = app.add_subcommand(
      "score", "Score a text: the log-probability of each token, and the perplexity");
  flags->source.AddTo(*command, "text",
                      "Text to score; if missing, read from -f or standard input");
  command->add_option("-f,--file", flags->file, "File with the text; - means standard input");
  command->add_option("--ids", flags->ids, kIdsHelp)->excludes("--file");
  command
      ->add_option("--stride", flags->stride,
                   "For a text longer than the context: tokens from the start of one\n"
                   "window to the next; default: half the context")
      ->check(WholeNumber(1, kMaxTokenCount));
  command
      ->add_option("--top", flags->likeliest,
                   "With --json: print the N likeliest tokens at each place too")
      ->check(WholeNumber(0, kMaxTokenCount));
  command->add_flag("--special", flags->special,
                    "Recognise special tokens such as <|im_start|> in the text");
  AddEngineFlags(*command, flags->engine);
  command->add_flag("--json", flags->json, "Print one JSON object instead of a table");
  command->footer(
      "Prints one line per token: log-probability, id, text; then the total. Log-probabilities\n"
      "are natural logarithms. The first token gets no score: it is the model's start token if\n"
      "the model has one, else the text's first token. A text longer than the context is scored\n"
      "in windows of the whole context: after the first, each scores the tokens that the one\n"
      "before did not reach.\n"
      "Examples:\n"
      "  tare score -m model.gguf \"The capital of France is Paris.\"\n"
      "  tare score -m model.gguf -f text.txt --json --top 3");
  command->callback([flags, &context] {
    const Status status = RunScore(*flags);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
