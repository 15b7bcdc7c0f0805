#ifndef TARE_CLI_CHAT_FLAGS_H_
#define TARE_CLI_CHAT_FLAGS_H_

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/error.h"
#include "tare/tokenizer.h"

namespace tare {

// The flags that turn a prompt into a conversation: --chat, --system, --messages, --chat-template
// and --chat-template-kwargs.
class ChatFlags {
 public:
  // This object must outlive the parse.
  void AddTo(CLI::App& command);

  // Whether the prompt goes through a chat template.
  bool wanted() const { return chat_ || has_messages(); }
  bool has_messages() const { return !messages_file_.empty(); }

  // Reads and checks what the flags name. Call it before Request.
  //   Errors  Io; InvalidInput for JSON that is none or of another kind, and for flags that need
  //           --chat or --messages.
  Status Read();

  // The conversation: the system message, the messages of the file, the prompt as the user's.
  //   Errors  InvalidInput for two system messages.
  Result<ChatRequest> Request(const std::optional<std::string>& prompt) const;

 private:
  using Json = nlohmann::ordered_json;

  Status ReadMessages();
  Status ReadVariables();

  bool chat_ = false;
  std::optional<std::string> system_;
  std::string messages_file_;
  std::string template_file_;
  std::string variables_text_;

  std::string template_;
  Json conversation_ = Json::object();
};

}  // namespace tare

#endif  // TARE_CLI_CHAT_FLAGS_H_
