#include "tokenizer/stop_tokens.h"

#include <algorithm>

namespace tare {
namespace {

constexpr std::string_view kNames[] = {
    "<|endoftext|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|end_of_text|>",
    "<|eom_id|>",
    "<|return|>",
    "<|call|>",
    "<end_of_turn>",
    "<turn|>",
    "<eos>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "[EOS]",
    "<end_of_utterance>",
    "<|tool_response>",
    "<\uff5cend\u2581of\u2581sentence\uff5c>",
    // What follows the code that fills a gap: padding, another repository, another file.
    "<|fim_pad|>",
    "<fim-pad>",
    "<fim_pad>",
    "<PAD>",
    "[PAD]",
    "<|fim_repo|>",
    "<|repo_name|>",
    "<fim-repo>",
    "<REPO>",
    "<reponame>",
    "<|file_sep|>",
};
// Only where nothing else is known: chat models of other ends keep this one from their base.
constexpr std::string_view kLast = "</s>";
// Where both of the others exist, this one only ends a part of an answer.
constexpr std::string_view kEnd = "<|end|>";
constexpr std::string_view kPartsEnds[] = {"<|return|>", "<|call|>"};

}  // namespace

bool IsStopName(std::string_view text) {
  return text == kEnd || std::ranges::find(kNames, text) != std::end(kNames);
}

std::vector<int32_t> StopIds(std::vector<int32_t> ids, const TokenIndex& index) {
  const auto add = [&](std::string_view name) {
    const auto id = index.Find(name);
    if (id && std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
  };
  for (const std::string_view name : kNames) add(name);
  const bool has_parts = std::ranges::all_of(
      kPartsEnds, [&](std::string_view name) { return index.Find(name).has_value(); });
  if (!has_parts) add(kEnd);
  if (ids.empty()) add(kLast);
  return ids;
}

}  // namespace tare
