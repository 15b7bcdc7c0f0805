#include "bench/protocol/protocol.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/count_text.h"
#include "bench/protocol/json_fields.h"
#include "bench/protocol/model_facts_fields.h"
#include "os/cpu_topology.h"

namespace tare {
namespace {

using nlohmann::json;

constexpr size_t kMaxDepth = 8;
constexpr size_t kMaxName = 256;
constexpr size_t kMaxPath = 4096;
constexpr size_t kMaxText = size_t{1} << 20;
constexpr size_t kMaxErrorText = size_t{64} << 10;
constexpr size_t kMaxVersions = 64;
constexpr size_t kMaxRanges = size_t{1} << 16;
constexpr size_t kMaxPrompts = 16;
constexpr size_t kMaxSequences = 4096;
constexpr size_t kMaxGenerations = 2;

std::string Dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json PromptToJson(const Prompt& prompt) { return {{"text", prompt.text}, {"ids", prompt.ids}}; }

Result<Prompt> PromptFromJson(const JsonFields& fields) {
  Prompt prompt;
  TARE_ASSIGN_OR_RETURN(prompt.text, fields.Text("text", kMaxText));
  TARE_ASSIGN_OR_RETURN(prompt.ids, fields.TokenIds("ids"));
  return prompt;
}

json ModelToJson(const ModelFacts& model) {
  json out = RecordToJson(model);
  json ranges = json::array();
  for (const FileRange& range : model.weight_ranges) ranges.push_back({range.offset, range.bytes});
  json prompts = json::array();
  for (const Prompt& prompt : model.prompts) prompts.push_back(PromptToJson(prompt));
  out["weight_ranges"] = std::move(ranges);
  out["prompts"] = std::move(prompts);
  out["vocabulary"] = model.vocabulary;
  out["max_context"] = model.max_context;
  if (!model.tokenizer_error.empty()) out["tokenizer_error"] = model.tokenizer_error;
  return out;
}

// Reads "weight_ranges": [[offset, bytes], …]. Every range must lie within the file.
Result<std::vector<FileRange>> RangesFromJson(const json& model, const JsonFields& fields,
                                              uint64_t file_bytes) {
  const auto field = model.find("weight_ranges");
  if (field == model.end() || !field->is_array() || field->size() > kMaxRanges) {
    return InvalidInput("{}: field \"weight_ranges\" must be a list of at most {} pairs",
                        fields.where(), kMaxRanges);
  }
  std::vector<FileRange> ranges;
  for (const json& pair : *field) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number_unsigned() ||
        !pair[1].is_number_unsigned()) {
      return InvalidInput("{}: weight_ranges[{}] must be [offset, bytes]", fields.where(),
                          ranges.size());
    }
    const FileRange range{pair[0].get<uint64_t>(), pair[1].get<uint64_t>()};
    if (range.offset > file_bytes || range.bytes > file_bytes - range.offset) {
      return InvalidInput("{}: weight_ranges[{}] = [{}, {}] ends outside the file of {} bytes",
                          fields.where(), ranges.size(), range.offset, range.bytes, file_bytes);
    }
    ranges.push_back(range);
  }
  return ranges;
}

Result<ModelFacts> ModelFromJson(const json& object, const JsonFields& fields) {
  ModelFacts model;
  TARE_RETURN_IF_ERROR(ReadRecord(fields, model, RecordReader::Missing::kIsAnError));
  TARE_ASSIGN_OR_RETURN(model.weight_ranges, RangesFromJson(object, fields, model.file_bytes));
  TARE_ASSIGN_OR_RETURN(const auto prompts, fields.Objects("prompts", kMaxPrompts));
  for (const JsonFields& prompt : prompts) {
    TARE_ASSIGN_OR_RETURN(Prompt parsed, PromptFromJson(prompt));
    model.prompts.push_back(std::move(parsed));
  }
  if (fields.Has("vocabulary")) {
    TARE_ASSIGN_OR_RETURN(model.vocabulary, fields.Count("vocabulary", kMaxTokenId));
  }
  if (fields.Has("max_context")) {
    TARE_ASSIGN_OR_RETURN(model.max_context, fields.Count("max_context", kMaxTokenId));
  }
  if (fields.Has("tokenizer_error")) {
    TARE_ASSIGN_OR_RETURN(model.tokenizer_error, fields.Text("tokenizer_error", kMaxErrorText));
  }
  return model;
}

Status CheckVersion(uint64_t version) {
  if (version == kProtocolVersion) return {};
  return Unsupported(
      "protocol version {}, expected {}; use the workers that "
      "came with this tare",
      version, kProtocolVersion);
}

Result<WorkerMessage> HelloFromJson(const json& object, const JsonFields& fields) {
  HelloMessage hello;
  TARE_ASSIGN_OR_RETURN(hello.protocol, fields.Count("protocol", UINT64_MAX));
  TARE_RETURN_IF_ERROR(CheckVersion(hello.protocol));
  TARE_ASSIGN_OR_RETURN(hello.backend, fields.Text("backend", kMaxName));
  TARE_ASSIGN_OR_RETURN(hello.versions, fields.TextMap("versions", kMaxVersions, kMaxName));
  TARE_ASSIGN_OR_RETURN(hello.device, fields.Text("device", kMaxName));
  if (fields.Has("model")) {
    TARE_ASSIGN_OR_RETURN(const JsonFields model, fields.Object("model"));
    TARE_ASSIGN_OR_RETURN(hello.model, ModelFromJson(object["model"], model));
  }
  return WorkerMessage(std::move(hello));
}

Result<Stage> StageField(const JsonFields& fields) {
  TARE_ASSIGN_OR_RETURN(const std::string name, fields.Text("stage", kMaxName));
  const std::optional<Stage> stage = StageFromName(name);
  if (!stage) return InvalidInput("{}: there is no stage \"{}\"", fields.where(), name);
  return *stage;
}

Status CheckTimes(const Generation& generation, const std::string& where) {
  const std::vector<uint64_t>& times = generation.token_ns;
  if (!times.empty() && times.size() != generation.ids.size()) {
    return InvalidInput("{}: {} for {}", where, CountText(times.size(), "token time"),
                        CountText(generation.ids.size(), "id"));
  }
  if (!std::is_sorted(times.begin(), times.end())) {
    return InvalidInput("{}: token_ns must never fall", where);
  }
  if (!times.empty() && times.back() > generation.total_ns) {
    return InvalidInput("{}: the last token came at {} ns, after the end at {} ns", where,
                        times.back(), generation.total_ns);
  }
  if (!generation.decode_ns) return {};
  if (!times.empty() || generation.ids.size() < 2) {
    return InvalidInput("{}: decode_ns is for at least 2 ids without token_ns", where);
  }
  if (*generation.decode_ns == 0 || *generation.decode_ns > generation.total_ns) {
    return InvalidInput("{}: decode_ns = {} is not within total_ns = {}", where,
                        *generation.decode_ns, generation.total_ns);
  }
  return {};
}

Result<Generation> GenerationFromJson(const JsonFields& fields) {
  Generation generation;
  TARE_ASSIGN_OR_RETURN(generation.prompt_tokens, fields.Count("prompt_tokens", kMaxTokens));
  TARE_ASSIGN_OR_RETURN(generation.ids, fields.TokenIds("ids"));
  TARE_ASSIGN_OR_RETURN(generation.token_ns, fields.Counts("token_ns", kMaxTokens, kMaxDurationNs));
  TARE_ASSIGN_OR_RETURN(generation.total_ns, fields.Count("total_ns", kMaxDurationNs));
  TARE_ASSIGN_OR_RETURN(generation.text, fields.Text("text", kMaxText));
  if (fields.Has("decode_ns")) {
    TARE_ASSIGN_OR_RETURN(generation.decode_ns, fields.Count("decode_ns", kMaxDurationNs));
  }
  TARE_RETURN_IF_ERROR(CheckTimes(generation, fields.where()));
  return generation;
}

Result<WorkerMessage> ResultFromJson(const JsonFields& fields) {
  ResultMessage result;
  TARE_ASSIGN_OR_RETURN(result.load_ns, fields.Count("load_ns", kMaxDurationNs));
  TARE_ASSIGN_OR_RETURN(const auto generations, fields.Objects("generations", kMaxGenerations));
  for (const JsonFields& generation : generations) {
    TARE_ASSIGN_OR_RETURN(Generation parsed, GenerationFromJson(generation));
    result.generations.push_back(std::move(parsed));
  }
  return WorkerMessage(std::move(result));
}

// [[1, 2], …]
Result<std::vector<std::vector<uint32_t>>> IdListsFromJson(const JsonFields& fields,
                                                           const std::string& name, size_t most) {
  const json* const lists = fields.Value(name);
  if (lists == nullptr || !lists->is_array() || lists->size() > most) {
    return InvalidInput("{}: field \"{}\" must be a list of at most {} lists", fields.where(), name,
                        most);
  }
  std::vector<std::vector<uint32_t>> found;
  for (const json& list : *lists) {
    const json named = {{name, list}};
    TARE_ASSIGN_OR_RETURN(std::vector<uint32_t> ids,
                          JsonFields(named, fields.where()).TokenIds(name));
    found.push_back(std::move(ids));
  }
  return found;
}

Result<WorkerMessage> TokensFromJson(const JsonFields& fields) {
  TokensMessage tokens;
  TARE_ASSIGN_OR_RETURN(tokens.ids, IdListsFromJson(fields, "ids", kMaxPrompts));
  return WorkerMessage(std::move(tokens));
}

Result<WorkerMessage> ScoresFromJson(const JsonFields& fields) {
  ScoresMessage scores;
  TARE_ASSIGN_OR_RETURN(scores.positions, fields.Count("positions", kMaxTokens));
  TARE_ASSIGN_OR_RETURN(scores.vocabulary, fields.Count("vocabulary", kMaxTokenId));
  return WorkerMessage(scores);
}

Result<WorkerMessage> ErrorFromJson(const JsonFields& fields) {
  ErrorMessage error;
  TARE_ASSIGN_OR_RETURN(error.code, fields.Text("code", kMaxName));
  TARE_ASSIGN_OR_RETURN(error.message, fields.Text("message", kMaxErrorText));
  if (std::find(std::begin(kWorkerErrorCodes), std::end(kWorkerErrorCodes), error.code) ==
      std::end(kWorkerErrorCodes)) {
    return InvalidInput("error: there is no error code \"{}\"", error.code);
  }
  return WorkerMessage(std::move(error));
}

Result<std::string> DeviceFromJson(const JsonFields& fields) {
  if (!fields.Has("device")) return std::string(kDevices[0]);
  TARE_ASSIGN_OR_RETURN(std::string device, fields.Text("device", kMaxName));
  if (std::find(std::begin(kDevices), std::end(kDevices), device) != std::end(kDevices)) {
    return device;
  }
  return InvalidInput("{}: there is no device \"{}\"", fields.where(), device);
}

Result<WatcherMessage> ScoreFromJson(const JsonFields& fields) {
  ScoreMessage score;
  TARE_ASSIGN_OR_RETURN(score.protocol, fields.Count("protocol", UINT64_MAX));
  TARE_RETURN_IF_ERROR(CheckVersion(score.protocol));
  TARE_ASSIGN_OR_RETURN(score.model, fields.Text("model", kMaxPath));
  TARE_ASSIGN_OR_RETURN(score.threads, fields.Count("threads", kMaxThreads));
  TARE_ASSIGN_OR_RETURN(score.device, DeviceFromJson(fields));
  TARE_ASSIGN_OR_RETURN(score.sequences, IdListsFromJson(fields, "sequences", kMaxSequences));
  for (const std::vector<uint32_t>& ids : score.sequences) {
    if (ids.size() < 2) return InvalidInput("score: a sequence has fewer than two ids");
  }
  TARE_ASSIGN_OR_RETURN(score.file, fields.Text("file", kMaxPath));
  return WatcherMessage(std::move(score));
}

Result<WatcherMessage> RunFromJson(const JsonFields& fields) {
  RunMessage run;
  TARE_ASSIGN_OR_RETURN(run.protocol, fields.Count("protocol", UINT64_MAX));
  TARE_RETURN_IF_ERROR(CheckVersion(run.protocol));
  TARE_ASSIGN_OR_RETURN(run.model, fields.Text("model", kMaxPath));
  TARE_ASSIGN_OR_RETURN(run.threads, fields.Count("threads", kMaxThreads));
  if (fields.Has("sampler")) {
    TARE_ASSIGN_OR_RETURN(run.sampler, fields.Text("sampler", kMaxName));
    if (std::find(std::begin(kSamplers), std::end(kSamplers), run.sampler) == std::end(kSamplers)) {
      return InvalidInput("run: there is no sampler \"{}\"", run.sampler);
    }
  }
  TARE_ASSIGN_OR_RETURN(run.device, DeviceFromJson(fields));
  TARE_ASSIGN_OR_RETURN(const auto generations, fields.Objects("generations", kMaxGenerations));
  for (const JsonFields& item : generations) {
    GenerationRequest request;
    TARE_ASSIGN_OR_RETURN(request.new_tokens, item.Count("new_tokens", kMaxTokens));
    TARE_ASSIGN_OR_RETURN(const JsonFields prompt, item.Object("prompt"));
    TARE_ASSIGN_OR_RETURN(request.prompt, PromptFromJson(prompt));
    run.generations.push_back(std::move(request));
  }
  return WatcherMessage(std::move(run));
}

Result<WatcherMessage> TokenizeFromJson(const JsonFields& fields) {
  TokenizeMessage tokenize;
  TARE_ASSIGN_OR_RETURN(tokenize.protocol, fields.Count("protocol", UINT64_MAX));
  TARE_RETURN_IF_ERROR(CheckVersion(tokenize.protocol));
  TARE_ASSIGN_OR_RETURN(tokenize.model, fields.Text("model", kMaxPath));
  TARE_ASSIGN_OR_RETURN(tokenize.texts, fields.Texts("texts", kMaxPrompts, kMaxText));
  return WatcherMessage(std::move(tokenize));
}

json GenerationToJson(const Generation& g) {
  json out = {{"prompt_tokens", g.prompt_tokens},
              {"ids", g.ids},
              {"token_ns", g.token_ns},
              {"total_ns", g.total_ns},
              {"text", g.text}};
  if (g.decode_ns) out["decode_ns"] = *g.decode_ns;
  return out;
}

struct WorkerEncoder {
  json operator()(const HelloMessage& m) const {
    json out = {{"type", "hello"},
                {"protocol", m.protocol},
                {"backend", m.backend},
                {"versions", m.versions},
                {"device", m.device}};
    if (m.model) out["model"] = ModelToJson(*m.model);
    return out;
  }
  json operator()(const StageMessage& m) const {
    return {{"type", "stage"}, {"stage", StageName(m.stage)}};
  }
  json operator()(const ResultMessage& m) const {
    json generations = json::array();
    for (const Generation& g : m.generations) generations.push_back(GenerationToJson(g));
    return {{"type", "result"}, {"load_ns", m.load_ns}, {"generations", std::move(generations)}};
  }
  json operator()(const TokensMessage& m) const { return {{"type", "tokens"}, {"ids", m.ids}}; }
  json operator()(const ScoresMessage& m) const {
    return {{"type", "scores"}, {"positions", m.positions}, {"vocabulary", m.vocabulary}};
  }
  json operator()(const ErrorMessage& m) const {
    return {{"type", "error"}, {"code", m.code}, {"message", m.message}};
  }
};

struct WatcherEncoder {
  json operator()(const RunMessage& m) const {
    json generations = json::array();
    for (const GenerationRequest& request : m.generations) {
      generations.push_back(
          {{"prompt", PromptToJson(request.prompt)}, {"new_tokens", request.new_tokens}});
    }
    return {{"type", "run"},
            {"protocol", m.protocol},
            {"model", m.model},
            {"threads", m.threads},
            {"sampler", m.sampler},
            {"device", m.device},
            {"generations", std::move(generations)}};
  }
  json operator()(const TokenizeMessage& m) const {
    return {{"type", "tokenize"}, {"protocol", m.protocol}, {"model", m.model}, {"texts", m.texts}};
  }
  json operator()(const ScoreMessage& m) const {
    return {{"type", "score"},      {"protocol", m.protocol}, {"model", m.model},
            {"threads", m.threads}, {"device", m.device},     {"sequences", m.sequences},
            {"file", m.file}};
  }
  json operator()(const AckMessage& m) const {
    return {{"type", "ack"}, {"stage", StageName(m.stage)}};
  }
};

}  // namespace

std::string EncodeWorkerMessage(const WorkerMessage& message) {
  return Dump(std::visit(WorkerEncoder{}, message));
}

std::string EncodeWatcherMessage(const WatcherMessage& message) {
  return Dump(std::visit(WatcherEncoder{}, message));
}

std::string EncodeTask(const WorkerTask& task) { return Dump(std::visit(WatcherEncoder{}, task)); }

Result<WorkerMessage> DecodeWorkerMessage(std::string_view line) {
  TARE_ASSIGN_OR_RETURN(const json object, ParseJsonObject(line, kMaxDepth));
  TARE_ASSIGN_OR_RETURN(const std::string type,
                        JsonFields(object, "message").Text("type", kMaxName));
  const JsonFields fields(object, type);
  if (type == "hello") return HelloFromJson(object, fields);
  if (type == "result") return ResultFromJson(fields);
  if (type == "tokens") return TokensFromJson(fields);
  if (type == "scores") return ScoresFromJson(fields);
  if (type == "error") return ErrorFromJson(fields);
  if (type == "stage") {
    TARE_ASSIGN_OR_RETURN(const Stage stage, StageField(fields));
    return WorkerMessage(StageMessage{stage});
  }
  return Unsupported("unknown message type \"{}\" from a worker", type);
}

Result<WatcherMessage> DecodeWatcherMessage(std::string_view line) {
  TARE_ASSIGN_OR_RETURN(const json object, ParseJsonObject(line, kMaxDepth));
  TARE_ASSIGN_OR_RETURN(const std::string type,
                        JsonFields(object, "message").Text("type", kMaxName));
  const JsonFields fields(object, type);
  if (type == "run") return RunFromJson(fields);
  if (type == "tokenize") return TokenizeFromJson(fields);
  if (type == "score") return ScoreFromJson(fields);
  if (type == "ack") {
    TARE_ASSIGN_OR_RETURN(const Stage stage, StageField(fields));
    return WatcherMessage(AckMessage{stage});
  }
  return Unsupported("unknown message type \"{}\" from the watcher", type);
}

}  // namespace tare
