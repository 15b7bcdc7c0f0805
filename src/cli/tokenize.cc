#include <fmt/format.h>
#include <unistd.h>

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/say.h"
#include "cli/commands.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/read_text.h"
#include "cli/token_ids.h"
#include "models/tokenizers/load_tokenizer.h"
#include "os/line_buffer.h"

namespace tare {
namespace {

using Json = nlohmann::json;

struct TokenizeOptions {
  ModelArgument source;  // and the input
  std::string ids;
  bool special = false;
  bool bos = false;
  bool decode = false;
  bool lines = false;
};

std::string ToLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

class TokenizeCommand {
 public:
  TokenizeCommand(const TokenizeOptions& options, const Tokenizer& tokenizer)
      : options_(options), tokenizer_(tokenizer) {}

  Status Run() const {
    if (options_.lines) return RunLines();
    if (!options_.ids.empty()) {
      TARE_ASSIGN_OR_RETURN(const auto ids, ParseTokenIds(options_.ids));
      TARE_ASSIGN_OR_RETURN(const std::string text, tokenizer_.Decode(ids));
      return WriteStdout(text);
    }
    TARE_ASSIGN_OR_RETURN(const std::string input,
                          ReadText({options_.source.other(), "-", "input"}));
    TARE_ASSIGN_OR_RETURN(const std::string output, RunOne(input));
    return WriteStdout(output);
  }

 private:
  Result<std::string> RunOne(const std::string& input) const {
    if (options_.decode) {
      TARE_ASSIGN_OR_RETURN(const auto ids, TokenIdsFromJson(Json::parse(input, nullptr, false)));
      return tokenizer_.Decode(ids);
    }
    TARE_ASSIGN_OR_RETURN(const auto ids, Encode(input));
    return ToLine(ids);
  }

  Status RunLines() const {
    LineReader reader(SIZE_MAX);
    size_t number = 0;
    while (!reader.at_end()) {
      TARE_RETURN_IF_ERROR(reader.ReadWaiting(STDIN_FILENO));
      TARE_RETURN_IF_ERROR(RunLinesOf(reader, number));
    }
    if (reader.rest().empty()) return {};
    TARE_ASSIGN_OR_RETURN(const std::string output, RunLine(reader.rest(), ++number));
    return WriteStdout(output);
  }

  // Answers all lines that have arrived with one write.
  Status RunLinesOf(LineReader& reader, size_t& number) const {
    std::string outputs;
    while (true) {
      TARE_ASSIGN_OR_RETURN(const std::optional<std::string> line, reader.NextLine());
      if (!line) return WriteStdout(outputs);
      const Result<std::string> output = RunLine(*line, ++number);
      if (!output.ok()) TARE_RETURN_IF_ERROR(WriteStdout(outputs));
      if (!output.ok()) return output.error();
      outputs += *output;
    }
  }

  Result<std::string> RunLine(const std::string& line, size_t number) const {
    Result<std::string> output = RunJson(Json::parse(line, nullptr, false));
    if (!output.ok()) return output.error().In(fmt::format("line {}", number));
    return output;
  }

  Result<std::string> RunJson(const Json& json) const {
    if (options_.decode) {
      TARE_ASSIGN_OR_RETURN(const auto ids, TokenIdsFromJson(json));
      TARE_ASSIGN_OR_RETURN(const std::string text, tokenizer_.Decode(ids));
      return ToLine(text);
    }
    if (json.is_discarded()) return InvalidInput("expected a JSON string, got invalid JSON");
    if (!json.is_string()) return InvalidInput("expected a JSON string, got {}", json.type_name());
    TARE_ASSIGN_OR_RETURN(const auto ids, Encode(json.get_ref<const std::string&>()));
    return ToLine(ids);
  }

  Result<std::vector<int32_t>> Encode(std::string_view text) const {
    return tokenizer_.Encode(text, {.parse_special = options_.special, .add_bos = options_.bos});
  }

  const TokenizeOptions& options_;
  const Tokenizer& tokenizer_;
};

Status RunTokenize(TokenizeOptions& options) {
  TARE_RETURN_IF_ERROR(options.source.Settle());
  if (options.lines && options.source.other()) {
    return InvalidInput("--jsonl reads standard input; leave out \"{}\"", *options.source.other());
  }
  if (!options.ids.empty() && (options.lines || options.source.other())) {
    return InvalidInput("--ids is the input; leave out {}", options.lines ? "--jsonl" : "the text");
  }
  TARE_ASSIGN_OR_RETURN(const Tokenizer tokenizer, LoadTokenizer(options.source.model()));
  for (const std::string& note : tokenizer.notes()) Say("tare: {}\n", note);
  return TokenizeCommand(options, tokenizer).Run();
}

}  // namespace

void AddTokenizeCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App* command = app.add_subcommand("tokenize", "Convert text to token ids, or ids to text");
  options->source.AddTo(*command, "input",
                        "Text, or with --decode a JSON array of ids; if missing, read from\n"
                        "standard input");
  command->add_option("--ids", options->ids,
                      "Token ids to convert to text, as a JSON array: the same as --decode");
  command->add_flag("--special", options->special,
                    "Recognise special tokens such as <|im_start|> in the text");
  command->add_flag("--bos", options->bos, "Put the vocabulary's start token (bos) first");
  command->add_flag("--decode", options->decode, "Convert ids to the exact bytes of their text");
  command->add_flag("--jsonl", options->lines,
                    "Read JSON lines from standard input, one string per line (with\n"
                    "--decode: one array of ids), and write one JSON line for each");
  command->footer(
      "Examples:\n"
      "  tare tokenize -m model.gguf 'Hello world'\n"
      "  tare tokenize -m model.gguf --decode '[19556, 905]'\n"
      "  tare tokenize -m model.gguf --jsonl < strings.jsonl");
  command->callback([options, &context] {
    const Status status = RunTokenize(*options);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
