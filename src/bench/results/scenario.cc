#include "bench/results/scenario.h"

#include <algorithm>

#include "base/count_text.h"

namespace tare {
namespace {

constexpr std::string_view kStudyPrompts[] = {"Hello", "Test"};

Result<GenerationRequest> StudyRequest(std::string_view text, uint64_t max_length,
                                       const ModelFacts& model) {
  const auto prompt = std::find_if(model.prompts.begin(), model.prompts.end(),
                                   [&](const Prompt& p) { return p.text == text; });
  if (prompt == model.prompts.end()) {
    return InvalidInput("{}: its description lacks the prompt \"{}\"", model.path, text);
  }
  if (prompt->ids.size() >= max_length) {
    return InvalidInput("--max-length {}: the prompt \"{}\" has {} already; try {}", max_length,
                        text, CountText(prompt->ids.size(), "token"), prompt->ids.size() + 1);
  }
  return GenerationRequest{*prompt, max_length - prompt->ids.size()};
}

Result<Prompt> PromptOfLength(uint64_t length, const ModelFacts& model) {
  const auto prompt = std::find_if(model.prompts.begin(), model.prompts.end(),
                                   [&](const Prompt& p) { return p.ids.size() == length; });
  if (prompt == model.prompts.end()) {
    return InvalidInput("{}: its description lacks a prompt of {}", model.path,
                        CountText(length, "token"));
  }
  // The text was cut between two tokens and may encode to other ids, so only the ids count.
  return Prompt{"", prompt->ids};
}

// The same tokens in another order; the first, which may mark the start of a text, stays in place.
// An engine that caches a prompt's results must not find the second prompt in its cache.
Prompt Reordered(const Prompt& prompt) {
  Prompt other{"", prompt.ids};
  if (other.ids.size() < 3) return other;
  const auto begin = other.ids.begin() + 1;
  std::rotate(begin, begin + (other.ids.end() - begin) / 2, other.ids.end());
  return other;
}

}  // namespace

std::string WorkloadName(const Workload& workload) {
  if (workload.kind == Workload::Kind::kStudy) {
    return fmt::format("study, max length {}", workload.max_length);
  }
  return fmt::format("{} prompt + {}", workload.prompt_tokens,
                     CountText(workload.new_tokens, "new token"));
}

std::vector<Scenario> Scenarios(const Sweep& sweep) {
  std::vector<Scenario> scenarios;
  for (const std::string& model : sweep.models) {
    for (const Workload& workload : sweep.workloads) {
      for (const uint64_t threads : sweep.threads) {
        for (const std::string& precision : sweep.precisions) {
          scenarios.push_back(
              {model, workload, threads, sweep.sampler, precision, sweep.limit_bytes, sweep.cold});
        }
      }
    }
  }
  return scenarios;
}

std::vector<std::string> DescribeArguments(const std::string& model, const Workload& workload) {
  std::vector<std::string> arguments = {"--describe", "--model", model};
  if (workload.kind == Workload::Kind::kTokens) {
    arguments.insert(arguments.end(), {"--tokens", std::to_string(workload.prompt_tokens)});
    return arguments;
  }
  for (const std::string_view text : kStudyPrompts) {
    arguments.insert(arguments.end(), {"--prompt", std::string(text)});
  }
  return arguments;
}

Result<RunMessage> RunFor(const Scenario& scenario, const ModelFacts& model) {
  RunMessage run;
  run.model = scenario.model;
  run.threads = scenario.threads;
  run.sampler = scenario.sampler;
  const Workload& workload = scenario.workload;
  if (workload.kind == Workload::Kind::kTokens) {
    TARE_ASSIGN_OR_RETURN(const Prompt prompt, PromptOfLength(workload.prompt_tokens, model));
    run.generations = {{prompt, workload.new_tokens}, {Reordered(prompt), workload.new_tokens}};
    return run;
  }
  for (const std::string_view text : kStudyPrompts) {
    TARE_ASSIGN_OR_RETURN(GenerationRequest request,
                          StudyRequest(text, workload.max_length, model));
    run.generations.push_back(std::move(request));
  }
  return run;
}

}  // namespace tare
