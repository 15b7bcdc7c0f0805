#include "native_worker/worker.h"

#include <fcntl.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "base/cpu_isa.h"
#include "base/descriptor_io.h"
#include "bench/protocol/worker_channel.h"
#include "bench/results/document.h"
#include "models/tokenizers/load_tokenizer.h"
#include "native_worker/bench_description.h"
#include "native_worker/llama_cpp_library.h"
#include "native_worker/openvino_backend.h"
#include "native_worker/row_engine.h"
#include "openvino_engine/openvino_library.h"
#include "os/scoped_fd.h"

namespace tare {
namespace {

HelloMessage HelloOf(CpuIsa isa, const WorkerOptions& options) {
  HelloMessage hello;
  hello.backend = kNativeRow;
  hello.versions = {{"tare", options.tare_version}};
  hello.device = "cpu " + std::string(CpuIsaName(isa));
  return hello;
}

HelloMessage HelloOf(CpuIsa isa, const OpenVinoLibrary& library, const WorkerOptions& options) {
  HelloMessage hello = HelloOf(isa, options);
  hello.backend = kOpenVinoRow;
  hello.versions.emplace(kOpenVinoRow, library.version());
  return hello;
}

HelloMessage HelloOf(const LlamaCppLibrary& library, const WorkerOptions& options) {
  HelloMessage hello;
  hello.backend = kLlamaCppRow;
  hello.versions = {{"llama.cpp", library.version()}, {"tare", options.tare_version}};
  hello.device = "CPU";
  return hello;
}

// An error of the work itself: told to the watcher. Errors of the channel are returned.
Status Tell(WorkerChannel& channel, std::string_view code, const Error& error) {
  const bool memory = error.code() == ErrorCode::kOutOfMemory;
  TARE_RETURN_IF_ERROR(channel.SendError(memory ? "out-of-memory" : code, error.message()));
  return error;
}

// Of the model: that an engine lacks what it takes is no failure.
Status TellOfModel(WorkerChannel& channel, const Error& error) {
  const bool lacking = error.code() == ErrorCode::kUnsupported;
  return Tell(channel, lacking ? kUnsupportedReason : "load-error", error);
}

using LoadRow = std::function<Result<std::unique_ptr<RowEngine>>(const RunMessage&)>;
using Tokenize = std::function<Result<TokensMessage>(const TokenizeMessage&)>;

Status Answer(WorkerChannel& channel, const TokenizeMessage& texts, const Tokenize& tokenize) {
  const Result<TokensMessage> tokens = tokenize(texts);
  if (!tokens.ok()) return TellOfModel(channel, tokens.error());
  return channel.SendTokens(*tokens);
}

Result<TokensMessage> TokenizeWithTare(const TokenizeMessage& texts) {
  TARE_ASSIGN_OR_RETURN(const Tokenizer tokenizer, LoadTokenizer(texts.model));
  TokensMessage tokens;
  for (const std::string& text : texts.texts) {
    TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids,
                          tokenizer.Encode(text, {false, tokenizer.adds_bos()}));
    tokens.ids.emplace_back(ids.begin(), ids.end());
  }
  return tokens;
}

// A model as it is run, with a context for these sequences.
RunMessage RunOf(const ScoreMessage& score) {
  RunMessage run;
  run.model = score.model;
  run.threads = score.threads;
  run.device = score.device;
  for (const std::vector<uint32_t>& ids : score.sequences) {
    const bool is_longest =
        run.generations.empty() || ids.size() > run.generations[0].prompt.ids.size();
    if (is_longest) run.generations = {{{"", ids}, 0}};
  }
  return run;
}

Result<ScoresMessage> WriteLogits(RowEngine& engine, const ScoreMessage& score) {
  const ScopedFd file(open(score.file.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file.valid()) return ErrnoError(errno, score.file);
  ScoresMessage scores;
  const auto write = [&](std::span<const float> logits) -> Status {
    ++scores.positions;
    scores.vocabulary = logits.size();
    return WriteAll(file.get(), std::as_bytes(logits), score.file);
  };
  for (const std::vector<uint32_t>& ids : score.sequences) {
    TARE_RETURN_IF_ERROR(engine.Score({ids.begin(), ids.end()}, write));
  }
  return scores;
}

Status ServeScore(WorkerChannel& channel, const ScoreMessage& score, const LoadRow& load) {
  const Result<std::unique_ptr<RowEngine>> engine = load(RunOf(score));
  if (!engine.ok()) return TellOfModel(channel, engine.error());
  const Result<ScoresMessage> scores = WriteLogits(**engine, score);
  if (!scores.ok()) return Tell(channel, "run-error", scores.error());
  return channel.SendScores(*scores);
}

// From stage 0 to result.
Status ServeRun(WorkerChannel& channel, const RunMessage& run, const LoadRow& load) {
  TARE_RETURN_IF_ERROR(channel.Reach(Stage::kInitial));

  ResultMessage result;
  const auto start = std::chrono::steady_clock::now();
  const Result<std::unique_ptr<RowEngine>> engine = load(run);
  if (!engine.ok()) return TellOfModel(channel, engine.error());
  result.load_ns = static_cast<uint64_t>(
      std::chrono::nanoseconds(std::chrono::steady_clock::now() - start).count());
  TARE_RETURN_IF_ERROR(channel.Reach(Stage::kModelLoaded));
  TARE_RETURN_IF_ERROR(channel.Reach(Stage::kBeforeInference));

  const Stage stages[] = {Stage::kFirstInference, Stage::kSecondInference};
  for (size_t i = 0; i < run.generations.size() && i < std::size(stages); ++i) {
    Result<Generation> generation = (*engine)->Generate(run.generations[i], run.sampler);
    if (!generation.ok()) return Tell(channel, "run-error", generation.error());
    result.generations.push_back(*std::move(generation));
    TARE_RETURN_IF_ERROR(channel.Reach(stages[i]));
  }
  TARE_RETURN_IF_ERROR(channel.Reach(Stage::kFinal));
  return channel.SendResult(result);
}

// From hello to result. Everything that is opened before is in stage 0.
Status Serve(WorkerChannel& channel, const HelloMessage& hello, const LoadRow& load,
             const Tokenize& tokenize) {
  TARE_RETURN_IF_ERROR(channel.Hello(hello));
  TARE_ASSIGN_OR_RETURN(const WorkerTask task, channel.ReceiveTask());
  if (const auto* texts = std::get_if<TokenizeMessage>(&task)) {
    return Answer(channel, *texts, tokenize);
  }
  if (const auto* score = std::get_if<ScoreMessage>(&task)) {
    return ServeScore(channel, *score, load);
  }
  return ServeRun(channel, std::get<RunMessage>(task), load);
}

Status ServeNative(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  return Serve(
      channel, HelloOf(*isa, options), [](const RunMessage& run) { return LoadTareRow(run, {}); },
      TokenizeWithTare);
}

// As with llama.cpp below, stage 0 includes the library.
Status ServeOpenVino(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  const Result<std::string> path = FindOpenVinoLibrary();
  if (!path.ok()) return Tell(channel, "load-error", path.error());
  const Result<OpenVinoLibrary> library = OpenVinoLibrary::Open(*path);
  if (!library.ok()) return Tell(channel, "load-error", library.error());
  return Serve(
      channel, HelloOf(*isa, *library, options),
      [&](const RunMessage& run) { return LoadTareRow(run, *path); }, TokenizeWithTare);
}

// A program that is linked with llama.cpp has it loaded when its arguments are parsed.
Status ServeLlamaCpp(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<LlamaCppLibrary> library = LlamaCppLibrary::Open();
  if (!library.ok()) return Tell(channel, "load-error", library.error());
  return Serve(
      channel, HelloOf(*library, options),
      [&](const RunMessage& run) { return LoadLlamaCppRow(run, *library); },
      [&](const TokenizeMessage& texts) { return TokenizeWithLlamaCpp(texts, *library); });
}

Status DescribeTo(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  Result<ModelFacts> facts = DescribeForBench(options);
  if (!facts.ok()) return Tell(channel, "load-error", facts.error());
  HelloMessage hello = HelloOf(*isa, options);
  hello.model = *std::move(facts);
  return channel.Hello(hello);
}

}  // namespace

Status RunNativeWorker(const WorkerOptions& options) {
  WorkerChannel channel(options.fd_in, options.fd_out);
  if (options.describe) return DescribeTo(channel, options);
  switch (options.engine) {
    case WorkerEngine::kNative:
      return ServeNative(channel, options);
    case WorkerEngine::kOpenVino:
      return ServeOpenVino(channel, options);
    case WorkerEngine::kLlamaCpp:
      break;
  }
  return ServeLlamaCpp(channel, options);
}

}  // namespace tare
