#ifndef TARE_BENCH_PROTOCOL_PROTOCOL_H_
#define TARE_BENCH_PROTOCOL_PROTOCOL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "bench/protocol/einsum_kind.h"
#include "bench/protocol/stage.h"

namespace tare {

// The worker protocol, version 1: one JSON object per line, over a dedicated pair of pipes.
// docs/worker_protocol.md describes it for authors of workers.
inline constexpr uint64_t kProtocolVersion = 1;
inline constexpr size_t kMaxLineBytes = size_t{4} << 20;
inline constexpr size_t kMaxMessages = 64;             // a worker sends about ten in its life
inline constexpr size_t kMaxTokens = size_t{1} << 20;  // in a prompt or a generation
inline constexpr uint64_t kMaxTokenId = (uint64_t{1} << 31) - 1;
inline constexpr uint64_t kMaxDurationNs = uint64_t{86'400} * 1'000'000'000;  // a day

struct FileRange {
  uint64_t offset = 0;
  uint64_t bytes = 0;
};

// A prompt, the same for every row. Backends that take ids get the ids.
struct Prompt {
  std::string text;
  std::vector<uint32_t> ids;
};

// Facts about a model, from the native worker in describe mode. Every row's tare_bytes uses them.
struct ModelFacts {
  std::string path;       // the file with the weights; the first of several
  std::string form;       // "gguf", "keras", "safetensors"
  std::string family;     // as `tare inspect` names it
  std::string precision;  // "Q4_1"
  uint64_t parameters = 0;
  uint64_t file_bytes = 0;
  uint64_t weights_bytes = 0;            // a tied tensor counts once
  uint64_t bytes_read_per_token = 0;     // weight bytes that one decode step must read
  uint64_t cache_bytes_per_token = 0;    // bytes of keys and values in f32; 0: unknown
  std::string content_id;                // see SampledFileId
  std::vector<FileRange> weight_ranges;  // in the file at `path`
  std::vector<EinsumKind> einsums;
  uint64_t vocabulary = 0;   // tokens; 0: not known
  uint64_t max_context = 0;  // tokens; 0: not known
  // Why Tare's own engine cannot run it; empty: it can. The rest is then what the header says.
  std::string refusal;
  // Those asked for by --prompt, then those by --tokens. Where Tare has no tokenizer for the model,
  // they have no ids, and the last one's text is long enough to be cut to them.
  std::vector<Prompt> prompts;
  std::string tokenizer_error;  // why prompts have no ids; empty: they have
};

// The reason of a backend that cannot run the model or do what was asked, which is no failure.
inline constexpr std::string_view kUnsupportedReason = "unsupported";

// Worker to watcher.
struct HelloMessage {
  uint64_t protocol = kProtocolVersion;
  std::string backend;
  std::map<std::string, std::string> versions;
  std::string device;
  std::optional<ModelFacts> model;  // in describe mode only
};
struct StageMessage {
  Stage stage = Stage::kInitial;
};
struct Generation {
  uint64_t prompt_tokens = 0;
  std::vector<uint32_t> ids;  // generated
  // Time since the generation began, never decreasing. One per id, or empty if a worker sees no
  // token before the last.
  std::vector<uint64_t> token_ns;
  // Set if token_ns is empty: time for all ids after the first, from a second generation.
  std::optional<uint64_t> decode_ns;
  uint64_t total_ns = 0;  // from the call to its return
  std::string text;       // text of the generated ids; may be empty
};
struct ResultMessage {
  uint64_t load_ns = 0;
  std::vector<Generation> generations;
};
// The answer to TokenizeMessage: the ids of each text, in order.
struct TokensMessage {
  std::vector<std::vector<uint32_t>> ids;
};
// The answer to ScoreMessage, once the logits are in its file.
struct ScoresMessage {
  uint64_t positions = 0;  // of all sequences
  uint64_t vocabulary = 0;
};
// `code` is one of kWorkerErrorCodes.
struct ErrorMessage {
  std::string code;
  std::string message;
};
inline constexpr std::string_view kWorkerErrorCodes[] = {
    "load-error", "run-error", "no-device", "not-installed", "out-of-memory", kUnsupportedReason};
using WorkerMessage = std::variant<HelloMessage, StageMessage, ResultMessage, TokensMessage,
                                   ScoresMessage, ErrorMessage>;

// Watcher to worker.
struct GenerationRequest {
  Prompt prompt;
  uint64_t new_tokens = 0;
};
// How the next token is chosen. "top_k" picks one of the five most likely tokens at temperature 1,
// KerasHub's default.
inline constexpr std::string_view kSamplers[] = {"greedy", "top_k"};
inline constexpr std::string_view kDevices[] = {"cpu", "gpu"};
// Generations ignore end tokens and make exactly new_tokens tokens.
struct RunMessage {
  uint64_t protocol = kProtocolVersion;
  std::string model;
  uint64_t threads = 1;
  std::string sampler = std::string(kSamplers[0]);  // one of kSamplers
  std::string device = std::string(kDevices[0]);    // one of kDevices
  std::vector<GenerationRequest> generations;       // two: stages 3 and 4
};
// In place of a run: which ids the model's tokenizer makes of each text, begun as the model's
// prompts are, without an end token. Text that looks like a special token is plain text.
struct TokenizeMessage {
  uint64_t protocol = kProtocolVersion;
  std::string model;
  std::vector<std::string> texts;
};
// In place of a run: what the model predicts at every position but the last of each sequence, read
// from an empty context. The worker writes the logits, or log-probabilities, to `file`, which is
// there: f32, little-endian, [positions, vocabulary].
struct ScoreMessage {
  uint64_t protocol = kProtocolVersion;
  std::string model;
  uint64_t threads = 1;
  std::string device = std::string(kDevices[0]);  // of kDevices
  std::vector<std::vector<uint32_t>> sequences;   // each of at least two ids
  std::string file;
};
struct AckMessage {
  Stage stage = Stage::kInitial;
};
using WatcherMessage = std::variant<RunMessage, TokenizeMessage, ScoreMessage, AckMessage>;

// What a worker is started for; without any, it describes a model.
using WorkerTask = std::variant<RunMessage, TokenizeMessage, ScoreMessage>;
std::string EncodeTask(const WorkerTask& task);

// Returns one line without its newline. Replaces bytes that are not UTF-8.
std::string EncodeWorkerMessage(const WorkerMessage& message);
std::string EncodeWatcherMessage(const WatcherMessage& message);

// Errors: InvalidInput if a line is not JSON, nests too deep, lacks a field, or has a field of the
// wrong type or out of range; Unsupported for an unknown type or another protocol version. Ignores
// unknown fields.
Result<WorkerMessage> DecodeWorkerMessage(std::string_view line);
Result<WatcherMessage> DecodeWatcherMessage(std::string_view line);

}  // namespace tare

#endif  // TARE_BENCH_PROTOCOL_PROTOCOL_H_
