// The rows of `tare bench` whose worker is this program again, in a process of its own, speaking
// the worker protocol: `native`, `openvino` and `llama.cpp`.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/cpu_isa.h"
#include "base/error.h"
#include "bench/protocol/worker_channel.h"
#include "bench/results/document.h"
#include "cli/commands.h"
#include "cli/number_range.h"
#include "cli/usage.h"
#include "models/model.h"
#include "models/tokenizers/load_tokenizer.h"
#include "native_worker/einsum_kinds.h"
#include "native_worker/llama_cpp_library.h"
#include "native_worker/openvino_backend.h"
#include "native_worker/row_engine.h"
#include "openvino_engine/openvino_library.h"
#include "os/child_process.h"
#include "os/file_identity.h"

namespace tare {
namespace {

// What -p N prompts are cut from, over and over: plain prose, so that every tokenizer cuts it as
// usual.
constexpr std::string_view kPromptText =
    "The weight of an empty container is called its tare. Whoever buys grain by weight wants to "
    "pay "
    "for the grain and not for the sack, so the sack is weighed first and its weight taken off. A "
    "program that runs a language model has a tare as well: the memory it holds beyond the weights "
    "that it was asked to run. ";

struct WorkerFlags {
  int fd_in = kWorkerFdIn;
  int fd_out = kWorkerFdOut;
  bool describe = false;
  bool openvino = false;
  bool llama_cpp = false;
  std::string precision;  // f32 is the only one
  std::string model;
  std::vector<std::string> prompts;
  size_t tokens = 0;
};

std::vector<uint32_t> Unsigned(const std::vector<int32_t>& ids) { return {ids.begin(), ids.end()}; }

HelloMessage HelloOf(CpuIsa isa) {
  HelloMessage hello;
  hello.backend = kNativeRow;
  hello.versions = {{"tare", TARE_VERSION}};
  hello.device = "cpu " + std::string(CpuIsaName(isa));
  return hello;
}

HelloMessage HelloOf(CpuIsa isa, const OpenVinoLibrary& library) {
  HelloMessage hello = HelloOf(isa);
  hello.backend = kOpenVinoRow;
  hello.versions.emplace(kOpenVinoRow, library.version());
  return hello;
}

HelloMessage HelloOf(const LlamaCppLibrary& library) {
  HelloMessage hello;
  hello.backend = kLlamaCppRow;
  hello.versions = {{"llama.cpp", library.version()}, {"tare", TARE_VERSION}};
  hello.device = "CPU";
  return hello;
}

Result<std::vector<Prompt>> MakePrompts(const WorkerFlags& flags, const Tokenizer& tokenizer) {
  std::vector<Prompt> prompts;
  for (const std::string& text : flags.prompts) {
    TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids,
                          tokenizer.Encode(text, {false, tokenizer.adds_bos()}));
    prompts.push_back({text, Unsigned(ids)});
  }
  if (flags.tokens == 0) return prompts;
  std::string text;
  std::vector<int32_t> ids;
  while (ids.size() < flags.tokens) {
    text += kPromptText;
    TARE_ASSIGN_OR_RETURN(ids, tokenizer.Encode(text, {false, tokenizer.adds_bos()}));
  }
  ids.resize(flags.tokens);
  TARE_ASSIGN_OR_RETURN(std::string cut, tokenizer.Decode(ids, {true}));
  prompts.push_back({std::move(cut), Unsigned(ids)});
  return prompts;
}

Result<ModelFacts> Describe(const WorkerFlags& flags) {
  TARE_ASSIGN_OR_RETURN(const Model model, Model::Open(flags.model));
  TARE_ASSIGN_OR_RETURN(const Tokenizer tokenizer, LoadTokenizer(flags.model));
  const ModelInfo& info = model.info();
  ModelFacts facts;
  // Of a sharded model the first file stands for all.
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
  TARE_ASSIGN_OR_RETURN(facts.prompts, MakePrompts(flags, tokenizer));
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

Status ServeNative(WorkerChannel& channel) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  return Serve(channel, HelloOf(*isa), [](const RunMessage& run) { return LoadTareRow(run, {}); });
}

// As for llama.cpp below, the library is in stage 0.
Status ServeOpenVino(WorkerChannel& channel) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  const Result<std::string> path = FindOpenVinoLibrary();
  if (!path.ok()) return Tell(channel, "load-error", path.error());
  const Result<OpenVinoLibrary> library = OpenVinoLibrary::Open(*path);
  if (!library.ok()) return Tell(channel, "load-error", library.error());
  return Serve(channel, HelloOf(*isa, *library),
               [&](const RunMessage& run) { return LoadTareRow(run, *path); });
}

// A program that is linked with llama.cpp has it loaded when its arguments are parsed.
Status ServeLlamaCpp(WorkerChannel& channel) {
  const Result<LlamaCppLibrary> library = LlamaCppLibrary::Open();
  if (!library.ok()) return Tell(channel, "load-error", library.error());
  return Serve(channel, HelloOf(*library),
               [&](const RunMessage& run) { return LoadLlamaCppRow(run, *library); });
}

Status DescribeTo(WorkerChannel& channel, const WorkerFlags& flags) {
  const Result<CpuIsa> isa = ChooseCpuIsa();
  if (!isa.ok()) return Tell(channel, "load-error", isa.error());
  Result<ModelFacts> facts = Describe(flags);
  if (!facts.ok()) return Tell(channel, "load-error", facts.error());
  HelloMessage hello = HelloOf(*isa);
  hello.model = *std::move(facts);
  return channel.Hello(hello);
}

}  // namespace

void AddWorkerCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<WorkerFlags>();
  CLI::App* command =
      app.add_subcommand("worker", "Speak the worker protocol (docs/worker_protocol.md)");
  command->group("");  // Not in the help: bench starts it.
  command->add_option("--fd-in", flags->fd_in, "Descriptor to read messages from")
      ->check(WholeNumber(0, kMaxTokens));
  command->add_option("--fd-out", flags->fd_out, "Descriptor to write messages to")
      ->check(WholeNumber(0, kMaxTokens));
  CLI::Option* openvino =
      command->add_flag("--openvino", flags->openvino, "Run models by OpenVINO");
  command->add_flag("--llama-cpp", flags->llama_cpp, "Run models by llama.cpp")->excludes(openvino);
  command->add_option("--precision", flags->precision, "Of the weights, with --openvino")
      ->check(OneOf({"f32"}));
  command->add_flag("--describe", flags->describe, "Say hello with the model's facts, then end");
  command->add_option("-m,--model", flags->model, "Model to describe");
  command->add_option("--prompt", flags->prompts, "Text whose ids to tell; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--tokens", flags->tokens, "Also tell a prompt of this many tokens")
      ->check(WholeNumber(0, kMaxPromptTokens));
  command->callback([flags, &context] {
    WorkerChannel channel(flags->fd_in, flags->fd_out);
    const Status status = flags->describe    ? DescribeTo(channel, *flags)
                          : flags->llama_cpp ? ServeLlamaCpp(channel)
                          : flags->openvino  ? ServeOpenVino(channel)
                                             : ServeNative(channel);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
