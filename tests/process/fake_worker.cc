// A worker that holds a known amount of memory or misbehaves. Its first argument is MODE or
// MODE:MIB. The protocol's descriptors are those that bench uses.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.h"
#include "bench/protocol/worker_channel.h"
#include "bench/watch/proc_sampler.h"
#include "os/child_process.h"
#include "os/clock.h"

namespace tare {
namespace {

constexpr size_t kHeld = 64 * kMebibyte;  // if the mode gives no size
constexpr int kPasses = 100;              // over memory that is touched repeatedly

void Say(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(kWorkerFdOut, bytes.data(), bytes.size());
    if (put <= 0) _exit(1);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
}

[[noreturn]] void Sleep() {
  while (true) pause();
}

void Nap(long milliseconds) {
  const timespec nap = {0, milliseconds * 1'000'000};
  nanosleep(&nap, nullptr);
}

// Memory to hold; it may be touched again.
struct Held {
  volatile char* data = nullptr;
  size_t bytes = 0;
  bool writable = false;
};

void Touch(const Held& held) {
  for (size_t i = 0; i < held.bytes; i += 4096) {
    if (held.writable) {
      held.data[i] = 1;
    } else {
      [[maybe_unused]] const char touched = held.data[i];
    }
  }
}

Held Map(size_t bytes, int flags, int fd) {
  void* data = mmap(nullptr, bytes, PROT_READ | (fd < 0 ? PROT_WRITE : 0), flags, fd, 0);
  if (data == MAP_FAILED) _exit(9);
  const Held held = {static_cast<volatile char*>(data), bytes, fd < 0};
  Touch(held);
  return held;
}

Held HoldAnonymous(size_t bytes) { return Map(bytes, MAP_PRIVATE | MAP_ANONYMOUS, -1); }
Held HoldShared(size_t bytes) { return Map(bytes, MAP_SHARED | MAP_ANONYMOUS, -1); }
void HoldHeap(size_t bytes) {
  // In pieces that are never freed.
  for (size_t i = 0; i < bytes; i += 4096) std::memset(std::malloc(4096), 1, 4096);
}
Held HoldWholeFile(const std::string& path) {
  struct stat info = {};
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fstat(fd, &info) != 0) _exit(9);
  return Map(static_cast<size_t>(info.st_size), MAP_SHARED, fd);
}
// Reads the first half of the file. Maps the rest separately and does not touch it.
void HoldFile(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  Map(kHeld / 2, MAP_SHARED, fd);
  void* rest = mmap(nullptr, kHeld / 2, PROT_READ, MAP_SHARED, fd, kHeld / 2);
  madvise(rest, kHeld / 2, MADV_RANDOM);
}
// Reads the first half of the file and does not map the rest.
void HoldPart(const std::string& path) {
  Map(kHeld / 2, MAP_SHARED, open(path.c_str(), O_RDONLY | O_CLOEXEC));
}
// Holds the memory for 5 ms.
void SpikeAndFree(size_t bytes) {
  const Held held = HoldAnonymous(bytes);
  Nap(5);
  munmap(const_cast<char*>(held.data), held.bytes);
}
// Returns once the child holds its memory. With `escape`, the child first leaves the process group.
void StartChild(bool escape, const std::function<void()>& hold) {
  int ready[2];
  if (pipe(ready) != 0) _exit(9);
  if (fork() == 0) {
    if (escape) setsid();
    hold();
    [[maybe_unused]] const ssize_t put = write(ready[1], "x", 1);
    Sleep();
  }
  close(ready[1]);
  char byte;
  [[maybe_unused]] const ssize_t got = read(ready[0], &byte, 1);
}

Held Load(std::string_view mode, size_t bytes, const std::string& model) {
  const auto hold = [&] { HoldAnonymous(bytes); };
  if (mode == "anon" || mode == "touch") return HoldAnonymous(bytes);
  if (mode == "heap") HoldHeap(bytes);
  if (mode == "shared") return HoldShared(bytes);
  if (mode == "file") HoldFile(model);
  if (mode == "part") HoldPart(model);
  if (mode == "reread") return HoldWholeFile(model);
  if (mode == "spike") SpikeAndFree(bytes);
  if (mode == "child") StartChild(false, hold);
  if (mode == "both") {
    HoldAnonymous(bytes);
    StartChild(false, hold);
  }
  if (mode == "share-with-child") {
    const Held held = HoldShared(bytes);
    StartChild(false, [&] { Touch(held); });
  }
  if (mode == "child-spike") StartChild(false, [&] { SpikeAndFree(bytes); });
  if (mode == "leave-child") StartChild(true, hold);
  if (mode == "wait-for-child") {
    StartChild(false, hold);
    Sleep();
  }
  if (mode == "report") {
    const char* path = std::getenv("TARE_RUN_REPORT");
    const int fd = path == nullptr ? -1 : open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    constexpr std::string_view kLines = "model\t7\tm\nlean\t7\ttorch\t2048\t0\t0\n";
    if (fd < 0 || write(fd, kLines.data(), kLines.size()) < 0) _exit(9);
  }
  if (mode == "open-briefly") close(open("/etc/hostname", O_RDONLY | O_CLOEXEC));
  if (mode == "kill-itself") kill(getpid(), SIGKILL);
  if (mode == "crash") raise(SIGSEGV);
  if (mode == "exit") _exit(3);
  if (mode == "hang") Sleep();
  if (mode == "close-pipe") {
    close(kWorkerFdOut);
    Sleep();
  }
  if (mode == "chatter") {
    for (int i = 0; i < 2000; ++i) {
      [[maybe_unused]] const ssize_t put = write(1, std::string(1000, 'a').data(), 1000);
    }
    [[maybe_unused]] const ssize_t put = write(2, "the end\n", 8);
  }
  return {};
}

Generation Generate(const GenerationRequest& request, std::string_view mode) {
  Generation g;
  g.prompt_tokens = request.prompt.ids.size();
  uint64_t count = request.new_tokens;
  if (mode == "too-many-tokens") ++count;
  if (mode == "too-few-tokens") --count;
  const uint64_t start_ns = MonotonicNs();
  for (uint64_t i = 0; i < count; ++i) {
    if (mode == "paced") Nap(2);
    g.ids.push_back(static_cast<uint32_t>(100 + i));
    g.token_ns.push_back(mode == "paced" ? MonotonicNs() - start_ns : 1000 * (i + 1));
  }
  if (mode == "falling-times" && !g.token_ns.empty()) g.token_ns[0] = 1'000'000;
  g.total_ns = mode == "long-time" ? uint64_t{3600} * 1'000'000'000 : 2'000'000;
  if (mode == "paced") g.total_ns = MonotonicNs() - start_ns;
  g.text = "text";
  return g;
}

// Handles the bad openings, which need no conversation. Returns true if `mode` is one.
bool MisbehaveAtOnce(std::string_view mode) {
  if (mode == "silent") Sleep();
  if (mode == "garbage") Say("}{ not json\n");
  if (mode == "unknown-type") Say("{\"type\":\"selfie\"}\n");
  if (mode == "wrong-version") {
    Say(R"({"type":"hello","protocol":7,"backend":"f","versions":{},"device":"cpu"})"
        "\n");
  }
  if (mode == "negative") {
    Say(R"({"type":"hello","protocol":-1,"backend":"f","versions":{},"device":"cpu"})"
        "\n");
  }
  if (mode == "flood") {
    while (true) Say(std::string(kMebibyte, 'x'));
  }
  if (mode == "hello-flood") {
    while (true) {
      Say(R"({"type":"hello","protocol":1,"backend":"f","versions":{},"device":"cpu"})"
          "\n");
    }
  }
  return mode == "garbage" || mode == "unknown-type" || mode == "wrong-version" ||
         mode == "negative";
}

// `known`: Tare's own engine and tokenizer have what the model takes.
int Describe(WorkerChannel& channel, const std::string& model, bool known) {
  HelloMessage hello{.backend = "fake", .versions = {}, .device = "cpu", .model = ModelFacts{}};
  hello.model->path = model;
  hello.model->weights_bytes = hello.model->file_bytes = kHeld;
  hello.model->bytes_read_per_token = kHeld;
  hello.model->form = model.ends_with(".gguf") ? "gguf" : "keras";
  hello.model->family = "fake";
  hello.model->weight_ranges = {{0, kHeld}};
  hello.model->prompts = {{"Hello", {1, 2}}, {"Test", {3, 4}}};
  if (!known) {
    hello.model->refusal = "architecture \"fake\" is not known";
    hello.model->tokenizer_error = "tokenizer \"fake\" is not known";
    for (Prompt& prompt : hello.model->prompts) prompt.ids.clear();
  }
  return channel.Hello(hello).ok() ? 0 : 1;
}

// A token a byte.
int Tokenize(WorkerChannel& channel, std::string_view mode, const TokenizeMessage& texts) {
  if (mode == "no-tokenizer" || mode == "unsupported") {
    return channel.SendError(kUnsupportedReason, "no tokenizer").ok() ? 0 : 1;
  }
  TokensMessage tokens;
  for (const std::string& text : texts.texts) {
    std::vector<uint32_t>& ids = tokens.ids.emplace_back();
    for (const char byte : text) ids.push_back(static_cast<unsigned char>(byte));
  }
  if (mode == "too-few-lists") tokens.ids.pop_back();
  return channel.SendTokens(tokens).ok() ? 0 : 1;
}

// Logits that fall off with the distance from the last id; "blurred" ones more slowly.
int Score(WorkerChannel& channel, std::string_view mode, const ScoreMessage& score) {
  if (mode == "no-logits") return channel.SendError(kUnsupportedReason, "no logits").ok() ? 0 : 1;
  constexpr int kVocabulary = 256;
  const float slope = mode == "blurred" ? 0.25f : 0.5f;
  std::ofstream file(score.file, std::ios::binary);
  ScoresMessage scores{0, kVocabulary};
  for (const std::vector<uint32_t>& ids : score.sequences) {
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      std::array<float, kVocabulary> logits;
      for (int id = 0; id < kVocabulary; ++id) {
        logits[static_cast<size_t>(id)] =
            -slope * static_cast<float>(std::abs(id - static_cast<int>(ids[i])));
      }
      file.write(reinterpret_cast<const char*>(logits.data()), sizeof(logits));
      ++scores.positions;
    }
  }
  file.close();
  if (mode == "short-logits") std::filesystem::resize_file(score.file, 4);
  return channel.SendScores(scores).ok() ? 0 : 1;
}

int Work(WorkerChannel& channel, std::string_view mode, size_t bytes) {
  if (!channel.Hello({.backend = "fake", .versions = {{"fake", "1"}}, .device = "cpu", .model = {}})
           .ok()) {
    return 1;
  }
  const Result<WorkerTask> task = channel.ReceiveTask();
  if (!task.ok()) return 1;
  if (const auto* texts = std::get_if<TokenizeMessage>(&*task)) {
    return Tokenize(channel, mode, *texts);
  }
  if (const auto* score = std::get_if<ScoreMessage>(&*task)) return Score(channel, mode, *score);
  const RunMessage* const run = &std::get<RunMessage>(*task);
  if (mode == "skip-stage") {
    return channel.Reach(Stage::kModelLoaded).ok() ? 0 : 1;
  }
  if (!channel.Reach(Stage::kInitial).ok()) return 1;
  if (mode == "error") return channel.SendError("load-error", "no such model").ok() ? 0 : 1;
  if (mode == "early-result") return channel.SendResult({}).ok() ? 0 : 1;
  if (mode == "unsupported") {
    return channel.SendError(kUnsupportedReason, "no such architecture").ok() ? 0 : 1;
  }
  const Held held = Load(mode, bytes, run->model);
  if (!channel.Reach(Stage::kModelLoaded).ok()) return 1;
  if (!channel.Reach(Stage::kBeforeInference).ok()) return 1;
  ResultMessage result;
  for (const GenerationRequest& request : run->generations) {
    Nap(20);
    if (mode == "touch" || mode == "reread") {
      for (int pass = 0; pass < kPasses; ++pass) Touch(held);
    }
    result.generations.push_back(Generate(request, mode));
    const bool first = result.generations.size() == 1;
    if (!channel.Reach(first ? Stage::kFirstInference : Stage::kSecondInference).ok()) return 1;
  }
  if (!channel.Reach(Stage::kFinal).ok()) return 1;
  if (!channel.SendResult(result).ok()) return 1;
  if (mode == "crash-after") raise(SIGABRT);
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  std::string mode = arguments.size() > 1 ? arguments[1] : "ok";
  size_t bytes = kHeld;
  if (const size_t colon = mode.find(':'); colon != std::string::npos) {
    bytes = std::stoul(mode.substr(colon + 1)) * kMebibyte;
    mode.resize(colon);
  }
  if (MisbehaveAtOnce(mode)) Sleep();
  WorkerChannel channel(kWorkerFdIn, kWorkerFdOut);
  if (mode.starts_with("describe")) {
    const auto flag = std::ranges::find(arguments, "--model");
    return Describe(channel, flag == arguments.end() ? "" : flag[1], mode == "describe");
  }
  return Work(channel, mode, bytes);
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) { return tare::Main(std::vector<std::string>(argv, argv + argc)); }
