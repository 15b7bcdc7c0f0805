#ifndef TARE_TOKENIZER_CHAT_TEMPLATE_H_
#define TARE_TOKENIZER_CHAT_TEMPLATE_H_

#include <cstdint>
#include <ctime>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "jinja/template.h"
#include "tare/tokenizer.h"

namespace tare {

// A conversation as one text.
struct ChatText {
  std::string text;
  std::vector<TextRange> input;  // what the caller wrote, in order; the rest is the template's
};

// A model's chat template, run as Transformers' apply_chat_template runs it.
class ChatTemplate {
 public:
  // Errors: those of jinja::Template::Parse.
  static Result<ChatTemplate> Parse(std::string_view jinja);

  // The conversation as the template renders it. Besides the request's variables the template has
  // bos_token and eos_token, the tokenizer's. A role of letters, digits, - and _ counts as the
  // template's own, since templates make tokens such as <|user|> of it.
  //   Errors  InvalidInput if the request is no JSON object with messages, and where the template
  //           refuses it; those of jinja::Template::Render.
  Result<ChatText> Render(const Tokenizer& tokenizer, const ChatRequest& request,
                          const std::tm& now) const;

  // The conversation as tokens. Control tokens are found in what the template wrote; in what the
  // caller wrote they stay text, unless the request says otherwise, so that no message can imitate
  // another. No token for the beginning is added; templates write it where the model needs one.
  Result<std::vector<int32_t>> Encode(const Tokenizer& tokenizer, const ChatRequest& request) const;

 private:
  explicit ChatTemplate(jinja::Template parsed) : template_(std::move(parsed)) {}

  jinja::Template template_;
};

// Whether the conversation has tools, for which some models have a template of its own.
bool HasTools(const ChatRequest& request);

// The request of a conversation without tools.
ChatRequest MakeChatRequest(std::span<const ChatMessage> messages);

}  // namespace tare

#endif  // TARE_TOKENIZER_CHAT_TEMPLATE_H_
