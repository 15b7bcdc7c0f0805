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
// If the model has a default system message and the conversation begins with no other, it comes
// first. If an answer is wanted, `<|im_start|>assistant\n` comes last.
class ChatTemplate {
 public:
  // Recognises a model's Jinja template by its statements, without running it.
  // Errors: Unsupported for a template that is not ChatML in this layout.
  static Result<ChatTemplate> Parse(std::string_view jinja);

  explicit ChatTemplate(std::optional<std::string> default_system = std::nullopt)
      : default_system_(std::move(default_system)) {}

  const std::optional<std::string>& default_system() const { return default_system_; }

  // The conversation as one text, as the template renders it; for people.
  std::string Render(std::span<const ChatMessage> messages, bool add_generation_prompt) const;

  // The conversation as tokens. Only the layout's own markers become control tokens. A marker in a
  // role or a message stays text, so that no message can imitate another. Errors: Unsupported if
  // the vocabulary lacks the markers.
  Result<std::vector<int32_t>> Encode(const Tokenizer& tokenizer,
                                      std::span<const ChatMessage> messages,
                                      bool add_generation_prompt) const;

 private:
  // The messages, with the default system message in front if needed.
  std::vector<ChatMessage> Complete(std::span<const ChatMessage> messages) const;

  std::optional<std::string> default_system_;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_CHAT_TEMPLATE_H_
