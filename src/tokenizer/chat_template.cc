#include "tokenizer/chat_template.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"

namespace tare {
namespace {

using OrderedJson = nlohmann::ordered_json;

bool IsRoleName(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

// Templates read a message's reasoning under one of several names; Transformers gives it under two.
void NameReasoning(OrderedJson& message) {
  if (!message.is_object()) return;
  for (const char* const name : {"reasoning_content", "thinking", "reasoning"}) {
    if (!message.contains(name) || message[name].is_null()) continue;
    const OrderedJson reasoning = message[name];
    message["reasoning_content"] = reasoning;
    if (!message.contains("thinking")) message["thinking"] = reasoning;
    return;
  }
}

Result<OrderedJson> ReadRequest(const ChatRequest& request) {
  OrderedJson json = OrderedJson::parse(request.json, nullptr, false);
  if (json.is_discarded() || !json.is_object()) {
    return InvalidInput("the conversation is not a JSON object");
  }
  const auto messages = json.find("messages");
  if (messages == json.end() || !messages->is_array() || messages->empty()) {
    return InvalidInput("the conversation has no messages, expected a list with at least one");
  }
  std::ranges::for_each(*messages, NameReasoning);
  return json;
}

jinja::Variables MakeVariables(const Tokenizer& tokenizer, OrderedJson json,
                               bool add_generation_prompt) {
  jinja::Variables variables;
  for (auto& [name, value] : json.items()) variables.push_back({name, std::move(value)});
  const auto add = [&](const char* name, OrderedJson value) {
    if (json.contains(name)) return;
    variables.push_back({name, std::move(value), false});
  };
  // Transformers gives these two even where the caller has none.
  add("tools", nullptr);
  add("documents", nullptr);
  add("add_generation_prompt", add_generation_prompt);
  if (const auto bos = tokenizer.bos_id()) add("bos_token", tokenizer.TokenText(*bos));
  if (const auto eos = tokenizer.eos_id()) add("eos_token", tokenizer.TokenText(*eos));
  return variables;
}

// The UTF-8 of a text, with the ranges of bytes that the caller wrote.
ChatText ToChatText(const jinja::Text& text) {
  ChatText chat;
  for (size_t begin = 0; begin < text.size();) {
    const bool is_input = (text[begin] & jinja::kInput) != 0;
    size_t end = begin + 1;
    while (end < text.size() && ((text[end] & jinja::kInput) != 0) == is_input) ++end;
    const size_t from = chat.text.size();
    chat.text += jinja::ToUtf8(jinja::TextView(text).substr(begin, end - begin));
    if (is_input) chat.input.push_back({from, chat.text.size()});
    begin = end;
  }
  return chat;
}

}  // namespace

Result<ChatTemplate> ChatTemplate::Parse(std::string_view jinja) {
  TARE_ASSIGN_OR_RETURN(jinja::Template parsed, jinja::Template::Parse(jinja));
  return ChatTemplate(std::move(parsed));
}

Result<ChatText> ChatTemplate::Render(const Tokenizer& tokenizer, const ChatRequest& request,
                                      const std::tm& now) const {
  TARE_ASSIGN_OR_RETURN(OrderedJson json, ReadRequest(request));
  const bool all_is_template = request.parse_special;
  const jinja::IsInput is_input = [all_is_template](std::string_view key, std::string_view text) {
    return !all_is_template && !(key == "role" && IsRoleName(text));
  };
  const jinja::Variables variables =
      MakeVariables(tokenizer, std::move(json), request.add_generation_prompt);
  TARE_ASSIGN_OR_RETURN(const jinja::Text text, template_.Render(variables, is_input, now));
  return ToChatText(text);
}

Result<std::vector<int32_t>> ChatTemplate::Encode(const Tokenizer& tokenizer,
                                                  const ChatRequest& request) const {
  const std::time_t seconds = std::time(nullptr);
  std::tm now = {};
  ::localtime_r(&seconds, &now);
  TARE_ASSIGN_OR_RETURN(const ChatText chat, Render(tokenizer, request, now));
  return tokenizer.Encode(chat.text, {.parse_special = true, .plain = chat.input});
}

bool HasTools(const ChatRequest& request) {
  const OrderedJson json = OrderedJson::parse(request.json, nullptr, false);
  return json.is_object() && json.contains("tools") && !json["tools"].is_null();
}

ChatRequest MakeChatRequest(std::span<const ChatMessage> messages) {
  OrderedJson list = OrderedJson::array();
  for (const ChatMessage& message : messages) {
    list.push_back({{"role", message.role}, {"content", message.content}});
  }
  ChatRequest request;
  request.json = OrderedJson{{"messages", std::move(list)}}.dump(
      -1, ' ', false, OrderedJson::error_handler_t::replace);
  return request;
}

}  // namespace tare
