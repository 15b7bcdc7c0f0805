#include "bench/rows/prompt_ids.h"

#include <utility>

#include "base/count_text.h"

namespace tare {
Result<TokenizedTexts> TokenizeTexts(const TokenizeMessage& texts, std::string_view form,
                                     std::span<const Contender> contenders,
                                     const AskToTokenize& ask) {
  std::string reasons;
  for (const Contender& contender : contenders) {
    const bool can_be_asked = contender.command.ok() && contender.no_device.empty() &&
                              contender.Reads(form) && !contender.preparer && !contender.trimmed;
    if (!can_be_asked) continue;
    WorkerOutcome outcome = ask(contender, texts);
    if (outcome.tokens) return TokenizedTexts{contender.name, std::move(outcome.tokens->ids)};
    const std::string why = outcome.failure ? outcome.failure->message : "gave no tokens";
    reasons += fmt::format("{}{}: {}", reasons.empty() ? "" : "; ", contender.name, why);
  }
  return InvalidInput("{}: no backend has a tokenizer for it{}{}", texts.model,
                      reasons.empty() ? "" : ": ", reasons);
}

Result<std::string> AddPromptIds(const Scenario& scenario, std::span<const Contender> contenders,
                                 const AskToTokenize& ask, ModelFacts& model) {
  if (model.tokenizer_error.empty()) return std::string();
  TokenizeMessage texts;
  texts.model = model.form == "gguf" ? model.path : scenario.model;
  for (const Prompt& prompt : model.prompts) texts.texts.push_back(prompt.text);
  Result<TokenizedTexts> found = TokenizeTexts(texts, model.form, contenders, ask);
  if (!found.ok()) {
    return InvalidInput("{} (Tare: {})", found.error().message(), model.tokenizer_error);
  }
  const bool is_counted = scenario.workload.kind == Workload::Kind::kTokens;
  for (size_t i = 0; i < model.prompts.size(); ++i) {
    std::vector<uint32_t>& ids = found->ids[i];
    const size_t wanted = is_counted ? scenario.workload.prompt_tokens : 1;
    if (ids.size() < wanted) {
      return InvalidInput("{}: {} made {} of a prompt, expected at least {}", scenario.model,
                          found->row, CountText(ids.size(), "token"), wanted);
    }
    if (is_counted) ids.resize(wanted);
    model.prompts[i].ids = std::move(ids);
  }
  return found->row;
}

}  // namespace tare
