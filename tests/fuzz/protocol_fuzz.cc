// Any output of a worker or a watcher: each input is a conversation with one message per line.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "bench/protocol/conversation.h"
#include "bench/protocol/protocol.h"
#include "os/proc_files.h"

namespace {

tare::RunMessage Asked() {
  tare::RunMessage run;
  run.model = "m.gguf";
  run.generations = {{{"Hello", {1, 2}}, 2}, {{"Test", {3}}, 1}};
  return run;
}

// Encoding must preserve an accepted message.
void CheckRoundTrip(const tare::WorkerMessage& message) {
  const std::string once = tare::EncodeWorkerMessage(message);
  const tare::Result<tare::WorkerMessage> again = tare::DecodeWorkerMessage(once);
  TARE_CHECK(again.ok());
  TARE_CHECK(tare::EncodeWorkerMessage(*again) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  tare::Conversation run(Asked());
  tare::Conversation describe(std::nullopt);
  tare::Conversation tokenize(tare::TokenizeMessage{.model = "m.gguf", .texts = {"Hello", "Test"}});
  tare::Conversation score(tare::ScoreMessage{.model = "m.gguf", .sequences = {{1, 2}, {3, 4, 5}}});
  (void)tare::ParseStatus(rest);
  (void)tare::ParseRollup(rest);
  (void)tare::ParseMaps(rest);
  while (!rest.empty()) {
    const size_t newline = rest.find('\n');
    const std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    (void)tare::DecodeWatcherMessage(line).ok();
    const tare::Result<tare::WorkerMessage> message = tare::DecodeWorkerMessage(line);
    if (!message.ok()) continue;
    CheckRoundTrip(*message);
    (void)run.Accept(*message).ok();
    (void)describe.Accept(*message).ok();
    (void)tokenize.Accept(*message).ok();
    (void)score.Accept(*message).ok();
  }
  return 0;
}
