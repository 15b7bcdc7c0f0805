#include "bench/rows/row_models.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "bench/rows/model_cache.h"

namespace tare {
namespace {

// A precision's name in `tare convert --type` for a GGUF file.
std::string GgufType(std::string_view precision) {
  if (precision == "int8") return "q8_0";
  return precision == "int4" ? "q4_0" : std::string(precision);
}

Error OtherIds(const ModelFacts& own, const ModelFacts& made) {
  return InvalidInput("{} tokenizes the prompts differently from {}", made.path, own.path);
}

// Whether `made` starts each prompt with one extra token, as KerasHub does. Otherwise both
// descriptions of the model read the prompts as the same ids. Errors: other ids.
Result<bool> BeginsPrompts(const ModelFacts& own, const ModelFacts& made) {
  if (own.prompts.size() != made.prompts.size()) return OtherIds(own, made);
  bool begins = false;
  for (size_t i = 0; i < own.prompts.size(); ++i) {
    const std::vector<uint32_t>& plain = own.prompts[i].ids;
    const std::vector<uint32_t>& ids = made.prompts[i].ids;
    // One that Tare has no tokenizer for is the model's own, copied.
    if (ids == plain || !made.tokenizer_error.empty()) continue;
    const bool one_more = ids.size() == plain.size() + 1;
    if (!one_more || !std::equal(plain.begin(), plain.end(), ids.begin() + 1)) {
      return OtherIds(own, made);
    }
    begins = true;
  }
  return begins;
}

}  // namespace

RowModels::RowModels(Command convert, std::string cache, Describe describe,
                     InterruptWatch& interrupt)
    : convert_(std::move(convert)),
      cache_(std::move(cache)),
      describe_(std::move(describe)),
      interrupt_(interrupt) {}

Result<ModelFacts> RowModels::AtPrecision(const Scenario& scenario, const ModelFacts& own) {
  const std::string type = GgufType(scenario.precision);
  if (type.empty() || type == own.precision) return own;
  TARE_ASSIGN_OR_RETURN(const std::string path, ConvertOnce(convert_, cache_, scenario.model, own,
                                                            "gguf", interrupt_, type));
  TARE_ASSIGN_OR_RETURN(ModelFacts facts, describe_(path, scenario.workload));
  TARE_ASSIGN_OR_RETURN(const bool begins, BeginsPrompts(own, facts));
  if (begins) return OtherIds(own, facts);
  facts.prompts = own.prompts;
  return facts;
}

std::optional<ConvertedModel> RowModels::For(const Contender& contender, const Scenario& scenario,
                                             const ModelFacts& own, const ModelFacts& asked,
                                             const Making& making) {
  const bool is_own = asked.path == own.path;
  if (is_own && contender.Reads(own.form) && !contender.preparer) return std::nullopt;
  if (!is_own && contender.Reads(asked.form)) return ConvertedModel{asked.path, asked, ""};
  // A row that takes a precision as an option reads the original model.
  if (contender.Reads(own.form) && !contender.preparer) return std::nullopt;
  ConvertedModel made;
  if (!contender.Reads(own.form) && !own.refusal.empty()) {
    made.error = own.refusal;  // what Tare cannot read it cannot convert either
    made.is_unsupported = true;
    return made;
  }
  if (making) making(contender.name, contender.forms.front());
  if (const Status status = Make(contender, scenario, own, made); !status.ok()) {
    made.error = status.error().message();
    made.is_unsupported = status.error().code() == ErrorCode::kUnsupported;
  }
  return made;
}

Status RowModels::Make(const Contender& contender, const Scenario& scenario, const ModelFacts& own,
                       ConvertedModel& out) {
  out.path = scenario.model;
  out.facts = own;
  if (!contender.Reads(own.form)) {
    TARE_RETURN_IF_ERROR(Convert(contender, scenario, own, out));
  }
  if (!contender.preparer) return {};
  const Preparation preparation{
      contender.preparer->command, contender.name, contender.preparer->id, out.path, own.content_id,
      scenario.precision};
  TARE_ASSIGN_OR_RETURN(out.path, PrepareOnce(preparation, cache_, interrupt_));
  return {};
}

Status RowModels::Convert(const Contender& contender, const Scenario& scenario,
                          const ModelFacts& own, ConvertedModel& out) {
  const std::string& form = contender.forms.front();
  // Writes bf16, half the size, as such models are published. A row that makes its own files from
  // them does the rounding itself.
  const bool is_halved =
      scenario.precision == "bf16" && form == "safetensors" && !contender.preparer;
  TARE_ASSIGN_OR_RETURN(out.path, ConvertOnce(convert_, cache_, scenario.model, own, form,
                                              interrupt_, is_halved ? "bf16" : ""));
  TARE_ASSIGN_OR_RETURN(out.facts, describe_(out.path, scenario.workload));
  TARE_ASSIGN_OR_RETURN(out.prompts_as_ids, BeginsPrompts(own, out.facts));
  return {};
}

}  // namespace tare
