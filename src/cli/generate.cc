#include "tare/generate.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/count_text.h"
#include "base/error.h"
#include "base/say.h"
#include "base/units.h"
#include "cli/chat_flags.h"
#include "cli/commands.h"
#include "cli/engine_flags.h"
#include "cli/escapes.h"
#include "cli/log_probabilities_json.h"
#include "cli/model_argument.h"
#include "cli/number_range.h"
#include "cli/output.h"
#include "cli/read_text.h"
#include "cli/sampling_flags.h"
#include "cli/token_ids.h"
#include "native_worker/engine_backend.h"
#include "native_worker/openvino_backend.h"
#include "os/proc_files.h"

namespace tare {
namespace {

struct GenerateFlags {
  ModelArgument source;  // and the prompt
  std::string prompt_file;
  std::string ids;          // in place of the prompt
  int64_t new_tokens = -1;  // -1: until a stop, or the end of the context
  std::optional<size_t> max_length;
  SamplingFlags sampling;
  std::vector<std::string> stop;
  EngineOptions engine;
  std::string backend = std::string(EngineBackendName(EngineBackend::kNative));
  ChatFlags chat;
  bool special = false;
  bool ignore_eos = false;
  bool skip_special = false;
  bool include_prompt = false;
  std::optional<size_t> log_probabilities;
  bool json = false;
};

struct Measures {
  uint64_t load_ns = 0;
  uint64_t weights_bytes = 0;
  uint64_t cache_bytes = 0;
  std::optional<uint64_t> peak_rss_bytes;
};

double PrefillRate(const GenerateResult& result) {
  if (result.first_token_ns == 0) return 0.0;
  return static_cast<double>(result.prompt_ids.size()) * 1e9 /
         static_cast<double>(result.first_token_ns);
}

void PrintSummary(const GenerateResult& result, const Measures& measures) {
  Say("\nload     {:8.1f} ms\n", static_cast<double>(measures.load_ns) / 1e6);
  Say("prompt   {:8.1f} ms to the first token   {}   {:.1f} tokens/s\n",
      static_cast<double>(result.first_token_ns) / 1e6,
      CountText(result.prompt_ids.size(), "token"), PrefillRate(result));
  Say("decode   {}   {:.1f} tokens/s after the first   stopped by {}\n",
      CountText(result.ids.size(), "token"), result.decode_tokens_per_second(),
      StopReasonName(result.stop_reason));
  if (!measures.peak_rss_bytes) return;
  const double peak = static_cast<double>(*measures.peak_rss_bytes);
  const double weights = static_cast<double>(measures.weights_bytes);
  const double cache = static_cast<double>(measures.cache_bytes);
  Say("memory   {:.1f} MiB peak = {:.1f} weights + {:.1f} cache + {:.1f} other\n", peak / kMib,
      weights / kMib, cache / kMib, (peak - weights - cache) / kMib);
}

Result<std::string> ToJson(const GenerateFlags& flags, const Engine& engine,
                           const GenerateResult& result, const Measures& measures) {
  nlohmann::ordered_json json;
  json["schema_version"] = 1;
  json["model"] = flags.source.model();
  json["versions"]["tare"] = TARE_VERSION;
  if (!engine.openvino_version().empty()) {
    json["versions"][kOpenVinoRow] = engine.openvino_version();
  }
  json["seed"] = flags.sampling.seed;
  json["prompt_ids"] = result.prompt_ids;
  json["ids"] = result.ids;
  json["text"] = result.text;
  json["stop_reason"] = StopReasonName(result.stop_reason);
  if (result.stop_token_id) json["stop_token_id"] = *result.stop_token_id;
  if (flags.log_probabilities) {
    TARE_ASSIGN_OR_RETURN(json["log_probabilities"],
                          LogProbabilitiesJson(engine, result.log_probabilities));
  }
  json["load_ns"] = measures.load_ns;
  json["first_token_ns"] = result.first_token_ns;
  json["token_ns"] = result.token_ns;
  json["prefill_tokens_per_s"] = PrefillRate(result);
  json["decode_tokens_per_s"] = result.decode_tokens_per_second();
  json["weights_bytes"] = measures.weights_bytes;
  json["cache_bytes"] = measures.cache_bytes;
  if (measures.peak_rss_bytes) json["peak_rss_bytes"] = *measures.peak_rss_bytes;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

Result<GenerateOptions> OptionsOf(const GenerateFlags& flags) {
  GenerateOptions options;
  if (flags.new_tokens >= 0) options.new_tokens = static_cast<size_t>(flags.new_tokens);
  options.max_length = flags.max_length;
  TARE_ASSIGN_OR_RETURN(options.sampling, flags.sampling.Sampling());
  TARE_ASSIGN_OR_RETURN(options.stop_token_ids, flags.sampling.StopTokenIds());
  for (const std::string& text : flags.stop) {
    Result<std::string> stop = ReadEscapes(text);
    if (!stop.ok()) return stop.error().In("--stop");
    options.stop.push_back(*std::move(stop));
  }
  options.ignore_eos = flags.ignore_eos;
  options.skip_special = flags.skip_special;
  options.log_probabilities = flags.log_probabilities;
  if (flags.log_probabilities && !flags.json) {
    return InvalidInput("--logprobs needs --json, which prints the log-probabilities");
  }
  return options;
}

// The prompt's text without special tokens, as KerasHub shows it.
Result<std::string> ShownPrompt(const Engine& engine, const GenerateFlags& flags,
                                std::span<const int32_t> ids) {
  if (!flags.include_prompt) return std::string();
  const size_t shown = std::min(ids.size(), flags.max_length.value_or(ids.size()));
  return engine.Decode(ids.first(shown), true);
}

Measures MeasuresOf(const Engine& engine, uint64_t load_ns) {
  Measures measures;
  measures.load_ns = load_ns;
  measures.weights_bytes = engine.weights_bytes();
  measures.cache_bytes = engine.cache_bytes();
  if (const auto memory = ReadStatus(::getpid())) {
    measures.peak_rss_bytes = memory->high_water_bytes;
  }
  return measures;
}

// nullopt: there is no text, because ids or a conversation are the prompt.
Result<std::optional<std::string>> ReadPrompt(const GenerateFlags& flags) {
  const bool has_text = flags.source.other() || !flags.prompt_file.empty();
  if (!flags.ids.empty() && flags.source.other()) {
    return InvalidInput("--ids is the prompt; leave out \"{}\"", *flags.source.other());
  }
  if (!has_text && (!flags.ids.empty() || flags.chat.has_messages())) {
    return std::optional<std::string>();
  }
  TARE_ASSIGN_OR_RETURN(std::string prompt,
                        ReadText({flags.source.other(), flags.prompt_file, "prompt"}));
  return std::optional<std::string>(std::move(prompt));
}

Result<std::vector<int32_t>> PromptIds(const Engine& engine, const GenerateFlags& flags,
                                       const std::optional<std::string>& prompt) {
  if (!flags.ids.empty()) return ParseTokenIds(flags.ids);
  if (!flags.chat.wanted()) return engine.Encode(*prompt, flags.special);
  TARE_ASSIGN_OR_RETURN(ChatRequest request, flags.chat.Request(prompt));
  request.parse_special = flags.special;
  return engine.EncodeChat(request);
}

Status RunGenerate(GenerateFlags& flags) {
  TARE_RETURN_IF_ERROR(flags.source.Settle());
  TARE_ASSIGN_OR_RETURN(const GenerateOptions options, OptionsOf(flags));
  if (!flags.ids.empty() && flags.chat.wanted()) {
    return InvalidInput("--ids is the prompt; leave out --chat and --messages");
  }
  TARE_RETURN_IF_ERROR(flags.chat.Read());
  TARE_ASSIGN_OR_RETURN(const std::optional<std::string> prompt, ReadPrompt(flags));
  flags.engine.needs_tokenizer = flags.ids.empty();
  const auto start = std::chrono::steady_clock::now();
  TARE_ASSIGN_OR_RETURN(const EngineBackend backend, FindEngineBackend(flags.backend));
  TARE_ASSIGN_OR_RETURN(Engine engine, LoadEngine(backend, flags.source.model(), flags.engine));
  for (const std::string& note : engine.notes()) Say("tare: {}\n", note);
  if (flags.sampling.drew_seed) Say("tare: seed {}\n", flags.sampling.seed);
  const auto load_ns = static_cast<uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());

  TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids, PromptIds(engine, flags, prompt));
  TARE_ASSIGN_OR_RETURN(const std::string shown_prompt, ShownPrompt(engine, flags, ids));
  Status written;
  const auto stream = [&](std::string_view text) {
    written = WriteStdout(text);
    return written.ok();
  };
  if (!flags.json) TARE_RETURN_IF_ERROR(WriteStdout(shown_prompt));
  TARE_ASSIGN_OR_RETURN(GenerateResult result,
                        engine.Generate(ids, options, flags.json ? TextCallback() : stream));
  TARE_RETURN_IF_ERROR(written);
  const Measures measures = MeasuresOf(engine, load_ns);
  if (flags.json) {
    result.text.insert(0, shown_prompt);
    TARE_ASSIGN_OR_RETURN(const std::string json, ToJson(flags, engine, result, measures));
    return WriteStdout(json);
  }
  if (!engine.has_tokenizer()) TARE_RETURN_IF_ERROR(WriteStdout(TokenIdsText(result.ids)));
  TARE_RETURN_IF_ERROR(WriteStdout("\n"));
  PrintSummary(result, measures);
  return {};
}

}  // namespace

void AddGenerateCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<GenerateFlags>();
  CLI::App* command = app.add_subcommand("generate", "Generate text with a model");
  flags->source.AddTo(*command, "prompt",
                      "Prompt text; if missing, read from -f or standard input");
  command->add_option("-f,--file", flags->prompt_file,
                      "File with the prompt; - means standard input");
  command->add_option("--ids", flags->ids, kIdsHelp)->excludes("--file");
  CLI::Option* n = command
                       ->add_option("-n,--new-tokens", flags->new_tokens,
                                    "Maximum number of new tokens; default: -1, until the model\n"
                                    "stops or the context is full")
                       ->check(WholeNumber(0, kMaxTokenCount, "no limit"));
  command
      ->add_option("--max-length", flags->max_length,
                   "Maximum number of tokens, prompt included (as Keras counts)")
      ->check(WholeNumber(1, kMaxTokenCount))
      ->excludes(n);
  flags->sampling.AddTo(*command);
  command
      ->add_option("--stop", flags->stop,
                   "Text that ends the generation; may be repeated. Escapes are allowed:\n"
                   "\\n \\t \\r \\\\ \\\" \\xHH \\uHHHH (prompts have no escapes)")
      ->allow_extra_args(false);
  flags->chat.AddTo(*command);
  command->add_flag("--special", flags->special,
                    "Recognise special tokens such as <|im_start|> in the prompt and in\nmessages");
  command->add_flag("--ignore-eos", flags->ignore_eos, "Continue past the end-of-text token");
  command->add_flag("--include-prompt,!--strip-prompt", flags->include_prompt,
                    "Print the prompt before the new text, as Keras does");
  command->add_flag("--skip-special", flags->skip_special,
                    "Leave special tokens out of the new text, as Keras does");
  command
      ->add_option("--logprobs", flags->log_probabilities,
                   "With --json: print the log-probability of each chosen token and of\n"
                   "the N likeliest tokens in its place")
      ->check(WholeNumber(0, kMaxTokenCount));
  AddEngineFlags(*command, flags->engine);
  command->add_option("--passes", flags->engine.passes,
                      "Graph passes to run: \"all\", \"none\", \"NAME,…\" or, for all others,\n"
                      "\"no-NAME,…\"; default: all (tare inspect --graph shows their names)");
  command->add_option(
      "--backend", flags->backend,
      "Engine: native, or openvino (tare backends install openvino); default: native");
  command->add_option("--openvino-measures", flags->engine.openvino_measures,
                      "With --backend openvino: memory savings to switch off, for\n"
                      "comparisons; names separated by commas: no-map, no-drop, no-huge,\n"
                      "no-gather, no-sdpa, no-last, no-apart, no-state, no-small, no-flush,\n"
                      "no-slack, no-code");
  command->add_flag("--json", flags->json, "Print one JSON object instead of text");
  command->footer(
      "The text goes to standard output as it is generated; times and memory go to standard\n"
      "error.\n"
      "Examples:\n"
      "  tare generate model.gguf --chat \"What is the capital of France?\"\n"
      "  tare generate model.gguf --chat --system \"Answer in one word.\" \"2 + 2 = ?\"\n"
      "  tare generate model.gguf --messages conversation.json\n"
      "  tare generate -m model.gguf -n 64 --temperature 0.8 --top-k 40 --seed 7 \"Once upon\"\n"
      "  tare generate -m model.gguf --max-length 10 --json Hello\n"
      "  tare generate -m model.gguf -n 8 --ids \"[1, 2, 3]\"\n"
      "  tare generate -m preset --sampler beam --beams 3 --max-length 64 \"Once upon\"\n"
      "  git diff | tare generate -m model.gguf --chat --stop \"\\n\\n\"");
  command->callback([flags, &context] {
    const Status status = RunGenerate(*flags);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
