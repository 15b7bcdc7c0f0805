#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "cli/commands.h"
#include "models/load_tokenizer.h"

namespace tare {
namespace {

using Json = nlohmann::json;

struct TokenizeOptions {
  std::string model;
  std::string input;
  bool input_given = false;
  bool special = false;
  bool bos = false;
  bool decode = false;
  bool lines = false;
};

std::string ToLine(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<int32_t>> ParseIds(const Json& json) {
  constexpr char kExpected[] = "expected a JSON array of token ids, such as [1, 2]";
  if (json.is_discarded()) return InvalidInput("{}, got what is not JSON", kExpected);
  if (!json.is_array()) return InvalidInput("{}, got {}", kExpected, json.type_name());
  std::vector<int32_t> ids;
  for (const Json& id : json) {
    if (!id.is_number_integer()) return InvalidInput("{}, got {} in it", kExpected, id.type_name());
    const auto value = id.get<int64_t>();
    if (value != static_cast<int32_t>(value)) return InvalidInput("{} is not a token id", value);
    ids.push_back(static_cast<int32_t>(value));
  }
  return ids;
}

class TokenizeCommand {
 public:
  TokenizeCommand(const TokenizeOptions& options, const Tokenizer& tokenizer)
      : options_(options), tokenizer_(tokenizer) {}

  Status Run() const {
    if (options_.lines) return RunLines();
    std::string input = options_.input;
    if (!options_.input_given) input.assign(std::istreambuf_iterator<char>(std::cin), {});
    TARE_ASSIGN_OR_RETURN(const std::string output, RunOne(input));
    return Write(output);
  }

 private:
  Result<std::string> RunOne(const std::string& input) const {
    if (options_.decode) {
      TARE_ASSIGN_OR_RETURN(const auto ids, ParseIds(Json::parse(input, nullptr, false)));
      return tokenizer_.Decode(ids);
    }
    TARE_ASSIGN_OR_RETURN(const auto ids, Encode(input));
    return ToLine(ids);
  }

  Status RunLines() const {
    std::string line;
    for (size_t number = 1; std::getline(std::cin, line); ++number) {
      const Result<std::string> output = RunLine(Json::parse(line, nullptr, false));
      if (!output.ok()) return output.error().In(fmt::format("line {}", number));
      TARE_RETURN_IF_ERROR(Write(*output));
    }
    return {};
  }

  Result<std::string> RunLine(const Json& json) const {
    if (options_.decode) {
      TARE_ASSIGN_OR_RETURN(const auto ids, ParseIds(json));
      TARE_ASSIGN_OR_RETURN(const std::string text, tokenizer_.Decode(ids));
      return ToLine(text);
    }
    if (json.is_discarded()) return InvalidInput("expected a JSON string, got what is not JSON");
    if (!json.is_string()) return InvalidInput("expected a JSON string, got {}", json.type_name());
    TARE_ASSIGN_OR_RETURN(const auto ids, Encode(json.get_ref<const std::string&>()));
    return ToLine(ids);
  }

  Result<std::vector<int32_t>> Encode(std::string_view text) const {
    return tokenizer_.Encode(text, {.parse_special = options_.special, .add_bos = options_.bos});
  }

  static Status Write(std::string_view output) {
    if (std::fwrite(output.data(), 1, output.size(), stdout) == output.size()) return {};
    return ErrnoError(errno, "stdout");
  }

  const TokenizeOptions& options_;
  const Tokenizer& tokenizer_;
};

Status RunTokenize(const TokenizeOptions& options) {
  TARE_ASSIGN_OR_RETURN(const Tokenizer tokenizer, LoadTokenizer(options.model));
  TARE_RETURN_IF_ERROR(TokenizeCommand(options, tokenizer).Run());
  if (std::fflush(stdout) != 0) return ErrnoError(errno, "stdout");
  return {};
}

}  // namespace

void AddTokenizeCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<TokenizeOptions>();
  CLI::App* command = app.add_subcommand("tokenize", "Turn text into token ids, or back");
  command
      ->add_option(
          "-m,--model", options->model,
          "Model whose vocabulary is used: a GGUF file, a KerasHub preset or a Hugging Face folder")
      ->required();
  CLI::Option* input = command->add_option(
      "input", options->input, "Text, or with --decode a JSON array of ids; else stdin is read");
  command->add_flag("--special", options->special,
                    "Parse control tokens such as <|im_start|> in the text");
  command->add_flag("--bos", options->bos, "Begin with the vocabulary's first token (bos)");
  command->add_flag("--decode", options->decode, "Turn ids into the exact bytes of their text");
  command
      ->add_flag("--jsonl", options->lines,
                 "Read JSON lines from stdin, a string each (with --decode an array of ids), and "
                 "write one JSON line for each")
      ->excludes(input);
  command->footer(
      "Examples:\n"
      "  tare tokenize -m model.gguf 'Hello world'\n"
      "  tare tokenize -m model.gguf --decode '[19556, 905]'");
  command->callback([options, input, &context] {
    options->input_given = input->count() > 0;
    const Status status = RunTokenize(*options);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
