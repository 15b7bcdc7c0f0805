#ifndef TARE_MODELS_TOKENIZERS_CHAT_TEMPLATES_H_
#define TARE_MODELS_TOKENIZERS_CHAT_TEMPLATES_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "format/gguf/gguf.h"

namespace tare {

inline constexpr std::string_view kDefaultTemplate = "default";
inline constexpr std::string_view kToolTemplate = "tool_use";

struct FoundTemplate {
  std::string name;    // "default", "tool_use", …
  std::string place;   // for messages: the file, and the key in it
  std::string source;  // Jinja
};

// The chat templates of a model. Empty: it has none.
struct ChatTemplates {
  std::vector<FoundTemplate> all;

  const FoundTemplate* Find(std::string_view name) const;
  // The template for a conversation, as Transformers chooses: with tools the one for tools, if
  // there is one, else the default.
  //   Errors  InvalidInput if there is none; `model` is for the message.
  Result<FoundTemplate> Choose(bool has_tools, const std::string& model) const;
};

// `tokenizer.chat_template` and `tokenizer.chat_template.NAME`.
//   Errors  CorruptFile for one that is no text.
Result<ChatTemplates> ReadChatTemplates(const GgufFile& file);

// Of a Hugging Face folder: chat_template.jinja and additional_chat_templates/NAME.jinja; if there
// are none, `chat_template` of tokenizer_config.json, a text or a list of {name, template}; if
// there is none, that of chat_template.json. Of a KerasHub preset: what Tare wrote beside it.
//   Errors  Io; those of JsonObject.
Result<ChatTemplates> ReadChatTemplates(const std::string& folder);

}  // namespace tare

#endif  // TARE_MODELS_TOKENIZERS_CHAT_TEMPLATES_H_
