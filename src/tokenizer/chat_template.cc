#include "tokenizer/chat_template.h"

#include "base/error.h"
#include "tokenizer/jinja_outline.h"
#include "tokenizer/token_table.h"

namespace tare {
namespace {

constexpr std::string_view kStart = "<|im_start|>";
constexpr std::string_view kEnd = "<|im_end|>";

// Walks an outline, statement by statement.
class Walker {
 public:
  explicit Walker(std::span<const JinjaStatement> statements) : rest_(statements) {}

  bool done() const { return rest_.empty(); }

  bool Accept(JinjaStatement::Kind kind, std::string_view code) {
    if (rest_.empty() || rest_[0].kind != kind || rest_[0].code != code) return false;
    rest_ = rest_.subspan(1);
    return true;
  }
  bool AcceptBlock(std::string_view code) { return Accept(JinjaStatement::Kind::kBlock, code); }
  bool AcceptOutput(std::string_view code) { return Accept(JinjaStatement::Kind::kOutput, code); }

  // An output of nothing but one literal between `before` and `after`: what is between.
  std::optional<std::string> AcceptLiteral(std::string_view before, std::string_view after) {
    if (rest_.empty() || rest_[0].kind != JinjaStatement::Kind::kOutput) return std::nullopt;
    std::optional<std::string> literal = JinjaLiteral(rest_[0].code);
    if (!literal || literal->size() < before.size() + after.size() ||
        !literal->starts_with(before) || !literal->ends_with(after)) {
      return std::nullopt;
    }
    rest_ = rest_.subspan(1);
    return literal->substr(before.size(), literal->size() - before.size() - after.size());
  }

 private:
  std::span<const JinjaStatement> rest_;
};

// Some templates begin by giving the flag its default.
bool AcceptFlagDefault(Walker& walker) {
  if (!walker.AcceptBlock("if not add_generation_prompt is defined")) return true;
  return walker.AcceptBlock("set add_generation_prompt=false") && walker.AcceptBlock("endif");
}

bool AcceptDefaultSystem(Walker& walker, std::optional<std::string>& system) {
  if (!walker.AcceptBlock("if loop.first and messages[0]['role']!='system'")) return true;
  system = walker.AcceptLiteral("<|im_start|>system\n", "<|im_end|>\n");
  const bool plain = system && system->find("<|") == std::string::npos;
  return plain && walker.AcceptBlock("endif");
}

bool AcceptChatMl(Walker& walker, std::optional<std::string>& system) {
  return AcceptFlagDefault(walker) && walker.AcceptBlock("for message in messages") &&
         AcceptDefaultSystem(walker, system) &&
         walker.AcceptOutput(
             "'<|im_start|>'+message['role']+'\n'+message['content']+'<|im_end|>\n'") &&
         walker.AcceptBlock("endfor") && walker.AcceptBlock("if add_generation_prompt") &&
         walker.AcceptOutput("'<|im_start|>assistant\n'") && walker.AcceptBlock("endif") &&
         walker.done();
}

}  // namespace

Result<ChatTemplate> ChatTemplate::Parse(std::string_view jinja) {
  std::optional<std::string> system;
  const auto outline = OutlineJinja(jinja);
  if (outline) {
    Walker walker(*outline);
    if (AcceptChatMl(walker, system)) return ChatTemplate(std::move(system));
  }
  return Unsupported(
      "the chat template, which begins {}, is not ChatML (<|im_start|>ROLE, CONTENT<|im_end|> for "
      "each message); write the prompt's layout yourself and generate without chat",
      Quoted(jinja));
}

std::vector<ChatMessage> ChatTemplate::Complete(std::span<const ChatMessage> messages) const {
  std::vector<ChatMessage> complete(messages.begin(), messages.end());
  if (default_system_ && !messages.empty() && messages[0].role != "system") {
    complete.insert(complete.begin(), {"system", *default_system_});
  }
  return complete;
}

std::string ChatTemplate::Render(std::span<const ChatMessage> messages,
                                 bool add_generation_prompt) const {
  std::string text;
  for (const ChatMessage& message : Complete(messages)) {
    text.append(kStart).append(message.role).append("\n").append(message.content);
    text.append(kEnd).append("\n");
  }
  if (add_generation_prompt) text.append(kStart).append("assistant\n");
  return text;
}

Result<std::vector<int32_t>> ChatTemplate::Encode(const Tokenizer& tokenizer,
                                                  std::span<const ChatMessage> messages,
                                                  bool add_generation_prompt) const {
  const auto start = tokenizer.FindSpecial(kStart);
  const auto end = tokenizer.FindSpecial(kEnd);
  if (!start || !end) {
    return Unsupported("the vocabulary has no token {}, which ChatML needs",
                       Quoted(!start ? kStart : kEnd));
  }
  std::vector<int32_t> ids;
  const auto add_text = [&](std::string_view text) -> Status {
    TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> encoded, tokenizer.Encode(text));
    ids.insert(ids.end(), encoded.begin(), encoded.end());
    return {};
  };
  for (const ChatMessage& message : Complete(messages)) {
    ids.push_back(*start);
    // One text, since the model saw role, line end and content cut together.
    TARE_RETURN_IF_ERROR(add_text(message.role + "\n" + message.content));
    ids.push_back(*end);
    TARE_RETURN_IF_ERROR(add_text("\n"));
  }
  if (add_generation_prompt) {
    ids.push_back(*start);
    TARE_RETURN_IF_ERROR(add_text("assistant\n"));
  }
  return ids;
}

}  // namespace tare
