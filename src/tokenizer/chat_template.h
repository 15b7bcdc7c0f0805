#ifndef TARE_TOKENIZER_CHAT_TEMPLATE_H_
#define TARE_TOKENIZER_CHAT_TEMPLATE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tare/tokenizer.h"

namespace tare {

// The ChatML layout of a conversation: each message is
//   <|im_start|>ROLE\nCONTENT<|im_end|>\n
// with, where the model has one, a system message of its own in front if the conversation does not
// begin with one; and at the end `<|im_start|>assistant\n` where an answer is wanted.
class ChatTemplate {
 public:
  // Recognises a model's Jinja template by what it does; it is not run.
  // Errors: Unsupported for a template that is not ChatML in this layout.
  static Result<ChatTemplate> Parse(std::string_view jinja);

  explicit ChatTemplate(std::optional<std::string> default_system = std::nullopt)
      : default_system_(std::move(default_system)) {}

  const std::optional<std::string>& default_system() const { return default_system_; }

  // The conversation as one text, for people; what the template renders.
  std::string Render(std::span<const ChatMessage> messages, bool add_generation_prompt) const;

  // The conversation as tokens. Only the layout's own markers become control tokens: one in a role
  // or a content stays text, so that a message cannot pass for another's.
  // Errors: Unsupported where the vocabulary lacks the markers.
  Result<std::vector<int32_t>> Encode(const Tokenizer& tokenizer,
                                      std::span<const ChatMessage> messages,
                                      bool add_generation_prompt) const;

 private:
  // The messages, with the default one in front where it is due.
  std::vector<ChatMessage> Complete(std::span<const ChatMessage> messages) const;

  std::optional<std::string> default_system_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_CHAT_TEMPLATE_H_
