#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
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
#include "tare/generate.h"

namespace tare {
namespace {

struct ScoreFlags {
  ModelArgument source;  // and the text
  std::string file;
  EngineOptions engine;
  size_t likeliest = 0;
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
    TARE_ASSIGN_OR_RETURN(const std::string token, engine.Decode({&score.token.id, 1}));
    const nlohmann::json quoted = token;
    text += fmt::format("{:10.4f}  {:7}  {}\n", score.token.log_probability, score.token.id,
                        quoted.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
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

Status RunScore(ScoreFlags& flags) {
  TARE_RETURN_IF_ERROR(flags.source.Settle());
  if (flags.likeliest > 0 && !flags.json) {
    return InvalidInput("--top needs --json, which prints the likeliest tokens");
  }
  TARE_ASSIGN_OR_RETURN(const std::string text,
                        ReadText({flags.source.other(), flags.file, "text"}));
  TARE_ASSIGN_OR_RETURN(Engine engine, Engine::Load(flags.source.model(), flags.engine));
  for (const std::string& note : engine.notes()) Say("tare: {}\n", note);
  TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids, engine.Encode(text, flags.special));
  TARE_ASSIGN_OR_RETURN(const std::vector<ChosenLogProbability> scores,
                        engine.Score(ids, flags.likeliest));
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
      "the model has one, else the text's first token.\n"
      "Examples:\n"
      "  tare score -m model.gguf \"The capital of France is Paris.\"\n"
      "  tare score -m model.gguf -f text.txt --json --top 3");
  command->callback([flags, &context] {
    const Status status = RunScore(*flags);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
