#include "native_worker/bench_description.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "describe/model_file.h"
#include "describe/quantized_folder.h"
#include "models/model.h"
#include "models/tokenizers/load_tokenizer.h"
#include "native_worker/einsum_kinds.h"
#include "os/file_identity.h"

namespace tare {
namespace {

// The text, repeated, from which prompts of -p N tokens are cut: plain prose, so that every
// tokenizer splits it as usual.
constexpr std::string_view kPromptText =
    "The weight of an empty container is called its tare. Whoever buys grain by weight wants to "
    "pay "
    "for the grain and not for the sack, so the sack is weighed first and its weight taken off. A "
    "program that runs a language model has a tare as well: the memory it holds beyond the weights "
    "that it was asked to run. ";

std::vector<uint32_t> Unsigned(const std::vector<int32_t>& ids) { return {ids.begin(), ids.end()}; }

std::string RepeatedText(size_t times) {
  std::string text;
  for (size_t i = 0; i < times; ++i) text += kPromptText;
  return text;
}

// The texts alone. A word is at least one token, so the last text can be cut to `tokens`.
std::vector<Prompt> PromptsWithoutIds(const WorkerOptions& options) {
  std::vector<Prompt> prompts;
  for (const std::string& text : options.prompts) prompts.push_back({text, {}});
  const auto words = static_cast<size_t>(std::ranges::count(kPromptText, ' '));
  if (options.tokens > 0) prompts.push_back({RepeatedText(options.tokens / words + 1), {}});
  return prompts;
}

Result<std::vector<Prompt>> MakePrompts(const WorkerOptions& options, const Tokenizer& tokenizer) {
  std::vector<Prompt> prompts;
  for (const std::string& text : options.prompts) {
    TARE_ASSIGN_OR_RETURN(const std::vector<int32_t> ids,
                          tokenizer.Encode(text, {false, tokenizer.adds_bos()}));
    prompts.push_back({text, Unsigned(ids)});
  }
  if (options.tokens == 0) return prompts;
  std::string text;
  std::vector<int32_t> ids;
  while (ids.size() < options.tokens) {
    text += kPromptText;
    TARE_ASSIGN_OR_RETURN(ids, tokenizer.Encode(text, {false, tokenizer.adds_bos()}));
  }
  ids.resize(options.tokens);
  TARE_ASSIGN_OR_RETURN(std::string cut, tokenizer.Decode(ids, {true}));
  prompts.push_back({std::move(cut), Unsigned(ids)});
  return prompts;
}

uint64_t CacheBytesPerToken(const ModelHeader& sizes) {
  return 2 * sizes.layers * sizes.kv_heads * sizes.head_size * sizeof(float);  // keys and values
}

// What the header says of any model.
Result<ModelFacts> FactsOf(const ModelHeader& header) {
  if (header.weight_files.empty()) return InvalidInput("{}: holds no weights", header.path);
  // The first file represents a sharded model.
  const ModelHeader::WeightFile& file = header.weight_files.front();
  ModelFacts facts;
  facts.path = file.path;
  facts.form = header.format;
  facts.family = header.architecture;
  facts.precision = header.main_type;
  facts.parameters = header.parameters;
  facts.file_bytes = file.file_bytes;
  facts.weights_bytes = header.weights_bytes;
  facts.bytes_read_per_token = header.token_read_bytes;
  facts.cache_bytes_per_token = CacheBytesPerToken(header);
  facts.vocabulary = header.vocabulary;
  facts.max_context = header.max_context;
  if (file.bytes > 0) facts.weight_ranges = {{file.offset, file.bytes}};
  TARE_ASSIGN_OR_RETURN(facts.content_id, SampledFileId(file.path));
  return facts;
}

// What the model's family adds, or why there is nothing to add.
Status AddFamilyFacts(ModelFile file, ModelFacts& facts) {
  // A model with tensors that cannot be read is opened once more for the reason.
  const std::string path = file.path();
  const bool is_quantized = file.gguf() == nullptr && !QuantizationOf(file.config()).empty();
  const bool is_readable = file.foreign().empty() && !is_quantized;
  const Result<Model> model = is_readable ? Model::Read(std::move(file)) : Model::Open(path);
  if (!model.ok()) {
    // Another backend may run what Tare's engine finds wrong: it says so in its own place.
    facts.refusal = model.error().message();
    return {};
  }
  facts.family = model->info().family;
  facts.vocabulary = model->info().vocabulary;
  facts.max_context = model->info().max_context;
  facts.bytes_read_per_token = model->info().bytes_per_token;
  facts.cache_bytes_per_token = CacheBytesPerToken(model->info());
  TARE_ASSIGN_OR_RETURN(facts.einsums, EinsumKindsOf(*model));
  return {};
}

}  // namespace

Result<ModelFacts> DescribeForBench(const WorkerOptions& options) {
  TARE_ASSIGN_OR_RETURN(ModelFile file, ModelFile::Open(options.model, ForeignTypes::kList));
  TARE_ASSIGN_OR_RETURN(ModelFacts facts, FactsOf(file.header()));
  TARE_RETURN_IF_ERROR(AddFamilyFacts(std::move(file), facts));
  const Result<Tokenizer> tokenizer = LoadTokenizer(options.model);
  if (tokenizer.ok()) {
    TARE_ASSIGN_OR_RETURN(facts.prompts, MakePrompts(options, *tokenizer));
  } else {
    facts.tokenizer_error = tokenizer.error().message();
    facts.prompts = PromptsWithoutIds(options);
  }
  return facts;
}

}  // namespace tare
