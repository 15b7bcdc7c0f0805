#include "cli/chat_flags.h"

#include <utility>

#include "cli/read_text.h"

namespace tare {
namespace {

constexpr size_t kMaxConversationBytes = 64 << 20;

Result<std::string> ReadNamedFile(const std::string& file, std::string_view what) {
  const std::optional<std::string> no_argument;
  TARE_ASSIGN_OR_RETURN(std::string text, ReadText({no_argument, file, what}));
  if (text.size() > kMaxConversationBytes) {
    return InvalidInput("{}: has {} bytes, expected at most {}", file, text.size(),
                        kMaxConversationBytes);
  }
  return text;
}

}  // namespace

void ChatFlags::AddTo(CLI::App& command) {
  command.add_flag("--chat", chat_,
                   "Put the prompt into the model's chat template, as a user's message");
  command.add_option("--system", system_, "With --chat or --messages: a system message in front");
  command.add_option("--messages", messages_file_,
                     "File with a conversation in JSON: a list of messages, or an object\n"
                     "with \"messages\", \"tools\", \"documents\" and other variables of the\n"
                     "template; - means standard input. A prompt is the next message");
  command.add_option("--chat-template", template_file_,
                     "With --chat or --messages: file with a Jinja template to use in place\n"
                     "of the model's");
  command.add_option("--chat-template-kwargs", variables_text_,
                     "With --chat or --messages: variables of the template, as a JSON\n"
                     "object: '{\"enable_thinking\": false}'");
}

Status ChatFlags::Read() {
  const bool has_details = system_ || !template_file_.empty() || !variables_text_.empty();
  if (has_details && !wanted()) {
    return InvalidInput(
        "--system, --chat-template and --chat-template-kwargs are for conversations; add --chat "
        "or --messages FILE");
  }
  if (!template_file_.empty()) {
    TARE_ASSIGN_OR_RETURN(template_, ReadNamedFile(template_file_, "chat template"));
    if (template_.empty()) return InvalidInput("{}: is empty, expected a template", template_file_);
  }
  if (has_messages()) TARE_RETURN_IF_ERROR(ReadMessages());
  return ReadVariables();
}

Status ChatFlags::ReadMessages() {
  TARE_ASSIGN_OR_RETURN(const std::string text, ReadNamedFile(messages_file_, "conversation"));
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return InvalidInput("{}: is not JSON", messages_file_);
  if (json.is_array()) json = Json{{"messages", std::move(json)}};
  if (!json.is_object() || !json.contains("messages") || !json["messages"].is_array()) {
    return InvalidInput("{}: expected a list of messages, or an object with \"messages\"",
                        messages_file_);
  }
  conversation_ = std::move(json);
  return {};
}

Status ChatFlags::ReadVariables() {
  if (variables_text_.empty()) return {};
  const Json json = Json::parse(variables_text_, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return InvalidInput("--chat-template-kwargs: got {}, expected a JSON object", variables_text_);
  }
  for (const auto& [name, value] : json.items()) {
    if (name == "messages") return InvalidInput("--chat-template-kwargs: use --messages FILE");
    conversation_[name] = value;
  }
  return {};
}

Result<ChatRequest> ChatFlags::Request(const std::optional<std::string>& prompt) const {
  Json json = conversation_;
  Json messages = Json::array();
  if (system_) messages.push_back({{"role", "system"}, {"content", *system_}});
  for (const Json& message : json.value("messages", Json::array())) {
    const bool is_system = message.is_object() && message.value("role", Json()) == "system";
    if (system_ && is_system) {
      return InvalidInput("{}: has a system message, and --system gives another", messages_file_);
    }
    messages.push_back(message);
  }
  if (prompt) messages.push_back({{"role", "user"}, {"content", *prompt}});
  json["messages"] = std::move(messages);
  ChatRequest request;
  request.json = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  request.chat_template = template_;
  return request;
}

}  // namespace tare
