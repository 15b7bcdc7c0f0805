#include "native_worker/worker.h"

#include <chrono>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "base/cpu_isa.h"
#include "bench/protocol/worker_channel.h"
#include "bench/results/document.h"
#include "models/model.h"
#include "models/tokenizers/load_tokenizer.h"
#include "native_worker/einsum_kinds.h"
#include "native_worker/llama_cpp_library.h"
#include "native_worker/openvino_backend.h"
#include "native_worker/row_engine.h"
#include "openvino_engine/openvino_library.h"
#include "os/file_identity.h"

namespace tare {
namespace {

// The text, repeated, from which prompts of -p N tokens are cut: plain prose, so that every
// tokenizer splits it as usual.
constexpr std::string_view kPromptText =
    "The weight of an empty container is called its tare. Whoever buys grain by weight wants to "
    "pay "
    "for the grain and not for the sack, so the sack is weighed first and its weight taken off. A "
    "program that runs a language model has a tare as well: the memory it holds beyond the weights "
    "that it was asked to run. ";

std::vector<uint32_t> Unsigned(const std::vector<int32_t>& ids) { return {ids.begin(), ids.end()}; }

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

Result<std::vector<Prompt>> MakePrompts(const WorkerOptions& options, const Tokenizer& tokenizer) {
  std::vector<Prompt> prompts;
  for (const std::string& text : options.prompts) {
    TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids,
                          tokenizer.Encode(text, {false, tokenizer.adds_bos()}));
    prompts.push_back({text, Unsigned(ids)});
  }
  if (options.tokens == 0) return prompts;
  std::string text;
  std::vector<int32_t> ids;
  while (ids.size() < options.tokens) {
    text += kPromptText;
    TARE_ASSIGN_OR_RETURN(ids, tokenizer.Encode(text, {false, tokenizer.adds_bos()}));
  }
  ids.resize(options.tokens);
  TARE_ASSIGN_OR_RETURN(std::string cut, tokenizer.Decode(ids, {true}));
  prompts.push_back({std::move(cut), Unsigned(ids)});
  return prompts;
}

Result<ModelFacts> Describe(const WorkerOptions& options) {
  TARE_ASSIGN_OR_RETURN(const Model model, Model::Open(options.model));
  TARE_ASSIGN_OR_RETURN(const Tokenizer tokenizer, LoadTokenizer(options.model));
  const ModelInfo& info = model.info();
  ModelFacts facts;
  // The first file represents a sharded model.
  const ModelInfo::WeightFile& file = info.weight_files.front();
  facts.path = file.path;
  facts.form = info.format;
  facts.family = info.family;
  facts.precision = DTypeName(info.precision);
  facts.parameters = info.parameters;
  facts.file_bytes = file.file_bytes;
  facts.weights_bytes = info.weights_bytes;
  facts.bytes_read_per_token = info.bytes_per_token;
  facts.cache_bytes_per_token =
      2 * info.layers * info.kv_heads * info.head_size * sizeof(float);  // keys and values
  facts.weight_ranges = {{file.offset, file.bytes}};
  TARE_ASSIGN_OR_RETURN(facts.einsums, EinsumKindsOf(model));
  TARE_ASSIGN_OR_RETURN(facts.content_id, SampledFileId(file.path));
  TARE_ASSIGN_OR_RETURN(facts.prompts, MakePrompts(options, tokenizer));
  return facts;
}

// An error of the work itself: told to the watcher. Errors of the channel are returned.
Status Tell(WorkerChannel& channel, std::string_view code, const Error& error) {
  const bool memory = error.code() == ErrorCode::kOutOfMemory;
  TARE_RETURN_IF_ERROR(channel.SendError(memory ? "out-of-memory" : code, error.message()));
  return error;
}

using LoadRow = std::function<Result<std::unique_ptr<RowEngine>>(const RunMessage&)>;

// From hello to result. Everything that is opened before is in stage 0.
Status Serve(WorkerChannel& channel, const HelloMessage& hello, const LoadRow& load) {
  TARE_RETURN_IF_ERROR(channel.Hello(hello));
  TARE_ASSIGN_OR_RETURN(const RunMessage run, channel.ReceiveRun());
  TARE_RETURN_IF_ERROR(channel.Reach(Stage::kInitial));

  ResultMessage result;
  const auto start = std::chrono::steady_clock::now();
  const Result<std::unique_ptr<RowEngine>> engine = load(run);
  if (!engine.ok()) return Tell(channel, "load-error", engine.error());
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

Status ServeNative(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  return Serve(channel, HelloOf(*isa, options),
               [](const RunMessage& run) { return LoadTareRow(run, {}); });
}

// As with llama.cpp below, stage 0 includes the library.
Status ServeOpenVino(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  const Result<std::string> path = FindOpenVinoLibrary();
  if (!path.ok()) return Tell(channel, "load-error", path.error());
  const Result<OpenVinoLibrary> library = OpenVinoLibrary::Open(*path);
  if (!library.ok()) return Tell(channel, "load-error", library.error());
  return Serve(channel, HelloOf(*isa, *library, options),
               [&](const RunMessage& run) { return LoadTareRow(run, *path); });
}

// A program that is linked with llama.cpp has it loaded when its arguments are parsed.
Status ServeLlamaCpp(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<LlamaCppLibrary> library = LlamaCppLibrary::Open();
  if (!library.ok()) return Tell(channel, "load-error", library.error());
  return Serve(channel, HelloOf(*library, options),
               [&](const RunMessage& run) { return LoadLlamaCppRow(run, *library); });
}

Status DescribeTo(WorkerChannel& channel, const WorkerOptions& options) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  Result<ModelFacts> facts = Describe(options);
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
